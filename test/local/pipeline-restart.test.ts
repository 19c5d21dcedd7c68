import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Ports } from '../../local/cloud-options.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { fileOf } from '../fakes/meetings.ts';
import { quietPort } from '../fakes/rapporteur.ts';

jest.setTimeout(60_000);

let local: LocalCloud;
let ports: Ports;
beforeEach(async () => {
  // The addresses of downloads hold the simulator's port: a restart keeps it, as `npm start` does.
  const [gateway, api, zoom, zoomStorage] = [0, 0, await quietPort(), await quietPort()];
  ports = { gateway, api, zoom, zoomStorage };
  local = await bootLocalCloud({ ports });
});
afterEach(async () => {
  await local.close();
  local.remove();
});

const restart = async (): Promise<void> => {
  const { folder } = local;
  await local.close();
  local = await bootLocalCloud({ folder, ports });
};

test('files that are under way when it is closed are fetched after the next start, the others are not', async () => {
  const { meeting, announce, jobId } = local.record('Closed while downloading');
  const slow = [fileOf(meeting, 'M4A'), fileOf(meeting, 'SUMMARY')];
  const effect = { kind: 'stall', at: 100 } as const;
  for (const fileId of slow) local.cloud.zoom.inject({ route: 'storage', uuid: meeting.uuid, fileId, effect });
  await announce('recording.completed');
  await until(async () => (await local.received(jobId)) === 6);
  await until(() => local.downloads(meeting).length === 8);
  await restart();
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  expect((await local.files(jobId)).filter((file) => file.endsWith(': archived'))).toHaveLength(8);
  expect(local.downloads(meeting)).toEqual([...slow].sort());
  expect(await local.executions()).toHaveLength(1);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});

test.each([
  ['planDownload', 'after'],
  ['finishFile', 'after'],
  ['sendSummary', 'after'],
  ['closeJob', 'after'],
] as const)(
  'a recording whose %s is under way (%s its work) goes on to one mail and Done',
  async (functionKey, when) => {
    const { meeting, announce, jobId } = local.record(`Closed ${when} ${functionKey}`);
    const gate = local.hold(jobId, functionKey, when);
    await announce('recording.completed');
    await gate.reached;
    await restart();
    expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
    expect((await local.files(jobId)).filter((file) => file.endsWith(': archived'))).toHaveLength(8);
    expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
    const executionArn = local.arnOf(`${jobId}-1`);
    expect((await local.visited(executionArn)).at(-1)).toBe('Done');
    // What the closing cut off is no failure of a step, and costs no attempt.
    const failed = (await local.historyOf(executionArn)).filter(({ type }) => type === 'LambdaFunctionFailed');
    expect(failed.map(({ lambdaFunctionFailedEventDetails: details }) => details?.cause)).toEqual([]);
  },
);

test('an event that could not be delivered before it was closed is delivered after the next start', async () => {
  const { meeting, announce, jobId } = local.record('Undelivered');
  // The webhook fails like an unfinished deployment, until the restart.
  const { api } = local.cloud;
  await api.close();
  const [delivery] = await announce('recording.completed');
  expect(delivery?.outcome).not.toBe('delivered');
  await restart();
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', topic: meeting.topic });
});
