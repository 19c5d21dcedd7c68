import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ListPartsCommand } from '@aws-sdk/client-s3';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf } from '../../local/zoom/media.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { meetingOf, noiseFile, soundFile } from '../fakes/one-file-meeting.ts';

jest.setTimeout(240_000);
const patience = 200_000;
const MiB = 1_048_576;
/** Of the S3 parts that the product sends. */
const partBytes = 32 * MiB;

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud({ functionsRunIn: 'process' });
});
afterAll(async () => {
  await local.close();
  local.remove();
});

const largeFile = async (jobId: string) => (await local.look.files(jobId)).find(({ zoomId }) => zoomId === 'large');

test('a worker killed by SIGKILL in the middle of the third part is redriven, and fetches no finished part again', async () => {
  const { zoom, zoomAccountId } = local.cloud;
  // Without a film or a sound the recording would be waited for.
  const files = [soundFile('small'), noiseFile('large', Math.floor(2.8 * partBytes))];
  const { meeting, jobId, announce } = local.recordThis(meetingOf('Killed', zoomAccountId, files));
  const stall = zoom.inject({
    ...{ route: 'storage', fileId: 'large', uuid: meeting.uuid },
    ...{ effect: { kind: 'stall', at: 2.5 * partBytes }, times: 1 },
  });
  await announce('recording.completed');
  const upload = await until(
    async () => {
      const file = await largeFile(jobId);
      if (!file?.uploadId) return undefined;
      const { Parts = [] } = await local.look.s3.send(
        new ListPartsCommand({ Bucket: local.look.bucket, Key: file.key, UploadId: file.uploadId }),
      );
      return Parts.length === 2 && file;
    },
    () => 'two parts in the archive',
    patience,
  );

  const held = local.hold(jobId, 'downloadPart', 'before');
  const { pid } = local.cloud.lambda.environments().find((one) => one.function.endsWith('-downloadPart')) ?? {};
  process.kill(pid ?? NaN, 'SIGKILL');
  // The machine tries again by itself; a person is quicker, and stops it to look.
  await held.reached;
  const executionArn = local.arnOf(`${jobId}-1`);
  await local.look.sfn.send(new StopExecutionCommand({ executionArn, cause: 'to look at it' }));
  expect(await local.closed(jobId, 1, patience)).toMatchObject({
    status: 'failed',
    failure: { code: 'STOPPED_BY_OPERATOR' },
  });
  stall.remove();
  await local.redrive(executionArn);
  held.open();
  await until(
    async () => (await local.job(jobId))?.status === 'done',
    () => local.lines.slice(-5).join('\n'),
    patience,
  );

  const file = await largeFile(jobId);
  expect(file).toMatchObject({ status: 'archived', key: upload.key });
  const hash = createHash('sha256');
  for await (const chunk of (await local.look.object(upload.key)).Body as Readable) hash.update(chunk as Buffer);
  const source = meeting.files[1] && contentOf(meeting.files[1].content);
  expect(hash.digest('hex')).toBe(source && sha256Of(source));
  const asked = zoom.requests.filter(({ origin, fileId }) => origin === 'storage' && fileId === 'large');
  expect(asked[0]?.range).toBeUndefined();
  expect(asked.length).toBeGreaterThan(1);
  for (const { range } of asked.slice(1)) expect(range).toBe(`bytes=${2 * partBytes}-${(source?.length ?? 0) - 1}`);
});
