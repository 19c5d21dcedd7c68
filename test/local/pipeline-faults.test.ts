import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { failures } from '../../core/step/failures.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { fileOf } from '../fakes/meetings.ts';

jest.setTimeout(60_000);

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud();
});
afterAll(async () => {
  await local.close();
  local.remove();
});

const mailText = async (topic: string): Promise<string> => {
  const [mail, ...others] = await local.mailsAbout(topic);
  expect(others).toEqual([]);
  return (mail && (await local.cloud.mail.read(mail.id))?.email.text) ?? '';
};

test('a file that was deleted at Zoom is missing with a reason, the others are archived, and the mail says so', async () => {
  const { meeting, announce, jobId } = local.record('One file deleted');
  local.cloud.zoom.removeFiles(meeting.uuid, [fileOf(meeting, 'CHAT')]);
  await announce('recording.completed', { fileIds: meeting.files.slice(0, 8).map(({ id }) => id) });
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  const files = await local.look.files(jobId);
  expect(files.filter(({ status }) => status === 'archived')).toHaveLength(7);
  const [missing] = files.filter(({ status }) => status === 'missing');
  expect(missing).toMatchObject({ view: 'chat_file', missingBecause: 'Zoom does not list the file any more' });
  expect(await mailText(meeting.topic)).toMatch(/chat/i);
});

test('a page in place of a file is never archived as the file', async () => {
  const { meeting, announce, jobId } = local.record('A page for a file');
  const fileId = fileOf(meeting, 'M4A');
  local.cloud.zoom.inject({ route: 'storage', uuid: meeting.uuid, fileId, effect: { kind: 'html200' } });
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  const missing = (await local.look.files(jobId)).find(({ view }) => view === 'audio_only');
  expect(missing).toMatchObject({
    status: 'missing',
    missingBecause: 'Zoom delivered a web page titled "Error - Zoom" in place of the file',
  });
  expect(await local.look.keys(missing?.key ?? '-')).toEqual([]);
});

test('a recording of which every file is gone fails with ALL_FILES_MISSING, a sentence and a next action', async () => {
  const { meeting, announce, jobId } = local.record('All gone');
  local.cloud.zoom.removeFiles(meeting.uuid);
  await announce('recording.completed', { fileIds: meeting.files.slice(0, 8).map(({ id }) => id) });
  const job = await local.closed(jobId);
  expect(job).toMatchObject({
    status: 'failed',
    failure: { code: 'ALL_FILES_MISSING', ...failures.ALL_FILES_MISSING },
  });
  expect((await local.files(jobId)).filter((file) => file.endsWith(': missing'))).toHaveLength(8);
  expect(await local.mailsAbout(meeting.topic)).toEqual([]);
});

test('with an expired webhook token the files come by a token of the REST API', async () => {
  const { meeting, announce, jobId } = local.record('Expired token');
  await announce('recording.completed', { tokenSeconds: -1 });
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  expect(local.downloads(meeting)).toHaveLength(8);
  const paths = local.cloud.zoom.requests.filter(({ route }) => route === 'download').map(({ path }) => path);
  expect(local.downloads(meeting, 'main')).toHaveLength(8);
  expect(paths.slice(-8).every((path) => path.startsWith('/rec/download/'))).toBe(true);
});

test('a webhook token that Zoom refuses before its time is replaced by one of the REST API', async () => {
  const { meeting, announce, jobId } = local.record('Refused token');
  const [effect, { uuid }] = [{ kind: 'expiredToken' } as const, meeting];
  for (const { id: fileId } of meeting.files)
    local.cloud.zoom.inject({ route: 'download', uuid, fileId, effect, times: 1 });
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  expect(local.downloads(meeting, 'main')).toHaveLength(16);
  expect((await local.files(jobId)).every((file) => file.endsWith(': archived'))).toBe(true);
});

test('files on which Zoom still works are waited for, and no attempt is burnt', async () => {
  const { meeting, announce, jobId } = local.record('Still processing');
  const effect = { kind: 'processing' } as const;
  const fileId = fileOf(meeting, 'M4A');
  local.cloud.zoom.inject({ route: 'recordings', uuid: meeting.uuid, fileId, effect, times: 2 });
  await announce('recording.completed', { fileIds: [fileOf(meeting, 'SUMMARY')] });
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  const visited = await local.visited(local.arnOf(`${jobId}-1`));
  expect(visited.filter((state) => state === 'WaitForZoom')).toHaveLength(2);
  expect(await local.files(jobId)).toContain('audio_only: archived');
});

test('servers that fail for a while, refuse for haste or break off cost retries, not files', async () => {
  const { meeting, announce, jobId } = local.record('A bad day');
  const { uuid } = meeting;
  local.cloud.zoom.inject({ route: 'recordings', uuid, effect: { kind: 'rateLimited' }, times: 1 });
  local.cloud.zoom.inject({ route: 'download', uuid, effect: { kind: 'error', status: 503 }, times: 2 });
  const half = { kind: 'truncated', at: 500_000, framing: 'content-length' } as const;
  local.cloud.zoom.inject({ route: 'storage', uuid, fileId: fileOf(meeting, 'M4A'), effect: half, times: 1 });
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  expect((await local.files(jobId)).filter((file) => file.endsWith(': archived'))).toHaveLength(8);
});

test('a download that leads outside Zoom fails there, says so, and goes on by a redrive without repeating a step', async () => {
  const { meeting, announce, jobId } = local.record('Led astray');
  const location = 'https://files.example.com/replay/elsewhere.m4a';
  const fileId = fileOf(meeting, 'M4A');
  const effect = { kind: 'redirect', location } as const;
  const fault = local.cloud.zoom.inject({ route: 'download', uuid: meeting.uuid, fileId, effect });
  await announce('recording.completed');
  const failed = await local.closed(jobId);
  expect(failed).toMatchObject({
    status: 'failed',
    failure: { code: 'DOWNLOAD_HOST_NOT_ALLOWED', ...failures.DOWNLOAD_HOST_NOT_ALLOWED },
  });
  expect(failed.failure?.detail).not.toContain('/replay');

  fault.remove();
  const executionArn = local.arnOf(`${jobId}-1`);
  const before = { downloads: local.downloads(meeting), events: (await local.historyOf(executionArn)).length };
  // A copy that was under way when the Map failed may begin again; one that was finished may not.
  const finished = (await local.look.files(jobId))
    .filter((file) => file.status === 'archived')
    .map((file) => file.zoomId);
  await local.redrive(executionArn);
  expect(await local.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  expect(job.failure).toBeUndefined();
  const downloads = local.downloads(meeting);
  expect([...new Set(downloads)]).toEqual(
    meeting.files
      .slice(0, 8)
      .map(({ id }) => id)
      .sort(),
  );
  for (const id of finished) if (id) expect(downloads.filter((one) => one === id)).toHaveLength(1);
  expect(before.downloads).not.toContain(fileId);
  const after = await local.visited(executionArn, before.events);
  expect(after).not.toContain('FetchMetadata');
  expect(after).not.toContain('PlanDownload');
  expect(after.at(-1)).toBe('Done');
});

test('without insights the recording still ends Done, and the host still gets a mail', async () => {
  const { meeting, announce, jobId } = local.record('No insights');
  const payload = { errorType: 'PermanentError', errorMessage: 'BAD_INPUT: broken on purpose' };
  const mend = local.interfere(async (key, _payload, call) =>
    key === 'findInsights' ? { functionError: 'Unhandled', payload } : call(),
  );
  await announce('recording.completed');
  await announce('recording.transcript_completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
  mend();
  expect(await mailText(meeting.topic)).not.toMatch(/action items?:/i);
});

test('an execution that a person stops closes its job with a next action, and a redrive ends Done', async () => {
  const { meeting, announce, jobId } = local.record('Stopped by a person');
  const gate = local.hold(jobId, 'readTranscript', 'before');
  await announce('recording.completed');
  await gate.reached;
  const executionArn = local.arnOf(`${jobId}-1`);
  await local.look.sfn.send(new StopExecutionCommand({ executionArn, cause: 'to look at it' }));
  gate.open();
  expect(await local.closed(jobId)).toMatchObject({
    status: 'failed',
    failure: { code: 'STOPPED_BY_OPERATOR', detail: 'to look at it', ...failures.STOPPED_BY_OPERATOR },
  });
  await local.redrive(executionArn);
  await local.ended(executionArn);
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  expect(local.downloads(meeting)).toHaveLength(8);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});
