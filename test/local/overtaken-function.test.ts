import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud();
}, 60_000);
afterAll(async () => {
  await local.close();
  local.remove();
});

test.each(['fetchMetadata', 'planDownload'])(
  'a job whose execution was stopped stays stopped, though %s begins its work only then',
  async (functionKey) => {
    const { announce, jobId } = local.record(`Stopped at ${functionKey}`);
    const gate = local.hold(jobId, functionKey, 'before');
    await announce('recording.completed');
    await gate.reached;
    const executionArn = local.arnOf(`${jobId}-1`);
    await local.look.sfn.send(new StopExecutionCommand({ executionArn }));
    await until(async () => (await local.job(jobId))?.status === 'failed');
    const runs = () => local.reports.filter((report) => report.function.endsWith(`-${functionKey}`)).length;
    const before = runs();
    gate.open();
    await until(() => runs() > before);
    expect(await local.job(jobId)).toMatchObject({ status: 'failed', failure: { code: 'STOPPED_BY_OPERATOR' } });

    await local.redrive(executionArn);
    expect(await local.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await local.job(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  },
  60_000,
);
