import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { jobIdOf } from '../../core/keys.ts';
import { verifyMeeting } from '../../local/verify.ts';
import { sampleMeeting } from '../../local/zoom/sample-meeting.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
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

test('a recording that Zoom announces twice ends archived, transcribed, summarised and mailed once', async () => {
  const meeting = sampleMeeting({ accountId: local.cloud.zoomAccountId });
  local.cloud.zoom.addMeeting(meeting);
  await local.cloud.zoom.announce(meeting.uuid, 'recording.transcript_completed');
  await local.cloud.zoom.announce(meeting.uuid, 'recording.completed', { duplicate: true });
  const job = await local.closed(jobIdOf(meeting.accountId, meeting.uuid));
  const checks = await verifyMeeting(local.cloud, local.look, meeting, job);
  expect(checks.filter(({ isTrue }) => !isTrue)).toEqual([]);
  expect(local.errors).toEqual([]);
});

test('one event a rendition, each sent twice and in any order, makes one job, each file once and one mail', async () => {
  const { meeting, announce, jobId } = local.record('Renditions one by one');
  // While the first file is on its way the others are announced.
  const gate = local.hold(jobId, 'downloadPart', 'before');
  const ids = meeting.files.map(({ id }) => id);
  await announce('recording.completed', { fileIds: ids.slice(3, 4), duplicate: true });
  await gate.reached;
  for (const fileId of [...ids].reverse()) {
    const event = fileId === fileOf(meeting, 'TRANSCRIPT') ? 'recording.transcript_completed' : 'recording.completed';
    await announce(event, { fileIds: [fileId], duplicate: true });
  }
  gate.open();
  const job = await local.closed(jobId);
  expect({ status: job.status, attempt: job.attempt }).toEqual({ status: 'done', attempt: 1 });
  expect(await local.files(jobId)).toHaveLength(meeting.files.length);
  expect(local.downloads(meeting)).toEqual([...ids].sort());
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  expect(local.errors).toEqual([]);
});

test('a transcript of the next day starts a second attempt for itself alone, and no second mail', async () => {
  const { meeting, announce, jobId } = local.record('Transcript a day later');
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  const transcript = fileOf(meeting, 'TRANSCRIPT');
  expect(local.downloads(meeting)).not.toContain(transcript);

  await announce('recording.transcript_completed', { duplicate: true });
  expect(await local.closed(jobId, 2)).toMatchObject({ status: 'done', attempt: 2 });
  expect(local.downloads(meeting)).toEqual(meeting.files.map(({ id }) => id).sort());
  expect(await local.files(jobId)).toContain('audio_transcript: archived');
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  const visited = await local.visited(local.arnOf(`${jobId}-2`));
  expect(visited.filter((state) => state === 'DownloadPart')).toHaveLength(1);
});

test('an event that repeats what is archived wakes nothing', async () => {
  const { meeting, announce, jobId } = local.record('Nothing new');
  await announce('recording.completed');
  await local.closed(jobId);
  const before = local.reports.length;
  const [delivery] = await announce('recording.completed');
  expect(JSON.parse(delivery?.attempts[0]?.answer ?? '')).toEqual({ jobId, newFiles: 0 });
  expect((await local.executions()).filter(({ name }) => name?.startsWith(jobId))).toHaveLength(1);
  expect(local.reports.slice(before).map((report) => report.function)).toEqual(['rapporteur-local-zoomWebhook']);
  expect(local.downloads(meeting)).toHaveLength(8);
});

test.each([
  ['downloadPart', 'before', 1],
  ['planDownload', 'after', 1],
  ['sendSummary', 'before', 1],
  ['closeJob', 'before', 1],
  ['closeJob', 'after', 2],
] as const)(
  'a transcript announced while %s is held %s its work is archived in attempt %s, and mailed once',
  async (functionKey, when, attempt) => {
    const { meeting, announce, jobId } = local.record(`Held ${when} ${functionKey}`);
    const gate = local.hold(jobId, functionKey, when);
    await announce('recording.completed');
    await gate.reached;
    const [delivery] = await announce('recording.transcript_completed');
    expect(delivery?.outcome).toBe('delivered');
    gate.open();
    expect(await local.closed(jobId, attempt)).toMatchObject({ status: 'done', attempt });
    expect(await local.files(jobId)).toContain('audio_transcript: archived');
    expect(local.downloads(meeting)).toEqual(meeting.files.map(({ id }) => id).sort());
    expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  },
);

test('a recording that a person starts by its uuid alone gets a job of its own and ends Done', async () => {
  const { meeting } = local.record('Started by hand');
  const executionArn = await local.start('by-hand', { meetingUuid: meeting.uuid });
  expect(await local.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await local.visited(executionArn)).at(-1)).toBe('Done');
  const [job] = (await local.look.jobs()).filter(({ meetingUuid }) => meetingUuid === meeting.uuid);
  expect(job).toMatchObject({ origin: 'hand', status: 'done', topic: meeting.topic });
  expect(await local.files(job?.jobId ?? '')).toHaveLength(8);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});

test.each([
  ['a uuid that is none', { meetingUuid: 'not a uuid!' }, /BAD_INPUT/],
  ['a job that is none', { jobId: 'zoom-000000000000000000000000' }, /BAD_INPUT: jobId: there is no job/],
  ['nothing', {}, /BAD_INPUT/],
  ['a meeting that Zoom does not know', { meetingUuid: 'AAAAAAAAAAAAAAAAAAAAAA==' }, /RECORDING_NOT_FOUND/],
])('an execution started by hand with %s fails and says why', async (what, input, expected) => {
  const executionArn = await local.start(`nonsense-${what.replaceAll(' ', '-')}`, input);
  const { status, cause } = await local.ended(executionArn);
  expect(status).toBe('FAILED');
  expect(JSON.parse(cause ?? '')).toMatchObject({
    errorType: 'PermanentError',
    errorMessage: expect.stringMatching(expected),
  });
});

test('a meeting started by hand that Zoom does not know leaves a failed job with sentence and next action', async () => {
  const uuid = 'BBBBBBBBBBBBBBBBBBBBBB==';
  await local.ended(await local.start('unknown-meeting', { meetingUuid: uuid }));
  const job = await until(async () =>
    (await local.look.jobs()).find(({ meetingUuid, status }) => meetingUuid === uuid && status === 'failed'),
  );
  expect(job.failure).toMatchObject({
    code: 'RECORDING_NOT_FOUND',
    sentence: 'Zoom has no cloud recording for this meeting.',
    action: expect.stringContaining('Zoom portal'),
  });
});
