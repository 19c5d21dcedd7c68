import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { ListTranscriptionJobsCommand, TranscribeClient } from '@aws-sdk/client-transcribe';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { insights } from '../../core/insight/insights.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../core/keys.ts';
import { transcript } from '../../core/transcript/transcript.ts';
import type { Clock } from '../../local/gateway/clock.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { hastyClock } from '../fakes/hasty-clock.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { openingWords, scriptOf, speechlessMeeting } from '../fakes/spoken-meeting.ts';

jest.setTimeout(120_000);

/** Of rules alone: functions live in real time. */
const hand = handClock(new Date().toISOString());

/** Jobs that take as long as this end when the test lets them, all else at once. */
const slowMs = 50_000;
const hasty = hastyClock();
let letGo = Promise.resolve();
const clock: Clock = {
  now: () => hasty.now(),
  sleep: async (milliseconds, signal) => {
    if (milliseconds > slowMs - 5_000 && milliseconds <= slowMs) await letGo;
    await hasty.sleep(milliseconds, signal);
  },
};
let isSlow = false;

let local: LocalCloud;
let client: TranscribeClient;
beforeAll(async () => {
  local = await bootLocalCloud({
    clock,
    settings: { RAPPORTEUR_TRANSCRIPTION: 'transcribe' },
    scheduleClock: hand.clock,
    transcription: { scriptOf, takes: () => (isSlow ? slowMs : 1_000) },
  });
  const { url: endpoint } = local.cloud.gateway;
  client = new TranscribeClient({ endpoint, region: localRegion, credentials: localCredentials });
});
afterAll(async () => {
  client.destroy();
  await local.close();
  local.remove();
});

const ran = (key: string) => local.reports.filter((report) => report.function.endsWith(`-${key}`)).length;
const textOf = async (key: string): Promise<string> =>
  (await (await local.look.object(key)).Body?.transformToString()) ?? '';
const record = (topic: string, options: Parameters<typeof speechlessMeeting>[2] = {}) =>
  local.recordThis(speechlessMeeting(topic, local.cloud.zoomAccountId, options));
const readIn = async (folder = '') => transcript.parse(JSON.parse(await textOf(transcriptKeysOf(folder).json)));

test('a meeting without words of Zoom is heard track by track, and every word has its speaker', async () => {
  const { announce, jobId, meeting } = record('Heard apart', { apart: true });
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });

  const heard = await readIn(job.folder);
  expect(heard).toMatchObject({ origin: 'transcribe', language: 'en-US' });
  expect(heard.segments.flatMap(({ text }) => text.split(' ')).sort()).toEqual(openingWords().sort());
  expect(heard.speakers.map(({ name }) => name).sort()).toEqual(meeting.participants.map(({ name }) => name).sort());
  expect(heard.segments[0]?.words?.[0]).toMatchObject({ confidence: 0.99 });
  const { vtt, srt, text, html } = transcriptKeysOf(job.folder ?? '');
  for (const key of [vtt, srt, text, html]) expect(await textOf(key)).toContain(meeting.hostName);
  expect(insights.parse(JSON.parse(await textOf(insightsKeyOf(job.folder ?? '')))).summary.short).not.toBe('');
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);

  const visited = await local.visited(local.arnOf(`${jobId}-1`));
  expect(visited).toEqual(expect.arrayContaining(['StartTranscription', 'AwaitTranscription']));
  expect(job.notes).toEqual([]);
  const history = JSON.stringify(await local.historyOf(local.arnOf(`${jobId}-1`)));
  for (const word of ['turbidity', 'Ångström']) expect(history).not.toContain(word);
  expect(local.errors).toEqual([]);
});

test('one sound of everybody is heard once, and voices are told apart', async () => {
  const { announce, jobId } = record('Heard together');
  await announce('recording.completed');
  const job = await local.closed(jobId);
  const heard = await readIn(job.folder);
  expect(heard.speakers.map(({ name }) => name).sort()).toEqual(['Speaker 1', 'Speaker 2', 'Speaker 3']);
  expect(heard.durationMs).toBeGreaterThan(2_000_000);
  expect(local.errors).toEqual([]);
});

test('an event that is told twice does its work once', async () => {
  local.cloud.transcribe.planEvents('twice');
  const before = ran('transcriptionEnded');
  const { announce, jobId, meeting } = record('Told twice');
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({ status: 'done', attempt: 1 });
  await until(() => ran('transcriptionEnded') >= before + 2);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  const visited = await local.visited(local.arnOf(`${jobId}-1`));
  expect(visited.filter((state) => state === 'AwaitTranscription')).toHaveLength(1);
  expect(local.errors).toEqual([]);
});

test('an event that is lost is made good by polling', async () => {
  let open = (): void => undefined;
  letGo = new Promise((resolve) => (open = resolve));
  isSlow = true;
  local.cloud.transcribe.planEvents('lost');
  const { announce, jobId } = record('Told by nobody');
  const told = ran('transcriptionEnded');
  const waited = ran('awaitTranscription');
  await announce('recording.completed');
  // The machine has left its token while the work was going on.
  await until(() => ran('awaitTranscription') > waited);
  open();
  isSlow = false;
  const atWork = new ListTranscriptionJobsCommand({ Status: 'IN_PROGRESS' });
  await until(async () => (await client.send(atWork)).TranscriptionJobSummaries?.length === 0);
  expect((await local.describe(local.arnOf(`${jobId}-1`))).status).toBe('RUNNING');

  hand.moveTo(hand.clock.now() + 5 * 60_000);
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  expect((await readIn(job.folder)).origin).toBe('transcribe');
  expect(ran('transcriptionEnded')).toBe(told);
  expect(local.errors).toEqual([]);
});

test('a job that fails leaves the recording without words, says why, and costs it nothing else', async () => {
  local.cloud.transcribe.planFailures('Invalid sample rate for audio file');
  const { announce, jobId, meeting } = record('Not heard');
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  expect(job.notes).toEqual([
    'Amazon Transcribe gave no words of a track: Invalid sample rate for audio file',
    'Zoom delivered no transcript for this recording.',
  ]);
  expect(await local.look.keys(transcriptKeysOf(job.folder ?? '').json)).toEqual([]);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});

test('a fault of the provider itself is tried again under another name', async () => {
  local.cloud.transcribe.planFailures('There was an internal failure. Try your request again.');
  const { announce, jobId } = record('Heard at last');
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect((await readIn(job.folder)).origin).toBe('transcribe');
  const visited = await local.visited(local.arnOf(`${jobId}-1`));
  expect(visited.filter((state) => state === 'AwaitTranscription')).toHaveLength(2);
});

test("Zoom's own transcript, when it comes after all, takes the place of what was heard", async () => {
  const { announce, jobId, meeting } = record('Zoom after all', { later: ['TRANSCRIPT'] });
  await announce('recording.completed');
  const first = await local.closed(jobId);
  expect((await readIn(first.folder)).origin).toBe('transcribe');
  await announce('recording.transcript_completed');
  const job = await local.closed(jobId, 2);
  expect(job).toMatchObject({ status: 'done', attempt: 2 });
  expect((await readIn(job.folder)).origin).toBe('zoom-vtt');
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});

test.each(['startTranscription', 'awaitTranscription', 'readTranscript'])(
  'a %s that dies when its work is done, before it could say so, has the sound heard once',
  async (function_) => {
    const { announce, jobId, meeting } = record(`Killed in ${function_}`);
    let kills = 2;
    const undo = local.interfere(async (key, payload, call) => {
      const outcome = await call();
      if (key !== function_ || (payload as { jobId?: string }).jobId !== jobId || kills === 0) return outcome;
      kills -= 1;
      return { functionError: 'Unhandled', payload: { errorType: 'Runtime.ExitError', errorMessage: 'killed' } };
    });
    await announce('recording.completed');
    const job = await local.closed(jobId);
    undo();
    // A token may be answered by the very call that dies: then there is no second one.
    expect(kills).toBeLessThan(2);
    expect(job).toMatchObject({ status: 'done', attempt: 1 });
    expect((await readIn(job.folder)).origin).toBe('transcribe');
    const named = new ListTranscriptionJobsCommand({ JobNameContains: jobId, MaxResults: 10 });
    expect((await client.send(named)).TranscriptionJobSummaries).toHaveLength(1);
    expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  },
);

test('an execution that is stopped while the sound is heard goes on by redrive, and the sound is heard once', async () => {
  const { announce, jobId } = record('Stopped and redriven');
  const arn = local.arnOf(`${jobId}-1`);
  const gate = local.hold(jobId, 'awaitTranscription', 'before');
  await announce('recording.completed');
  await gate.reached;
  await local.look.sfn.send(new StopExecutionCommand({ executionArn: arn }));
  gate.open();
  expect(await local.closed(jobId)).toMatchObject({ status: 'failed', failure: { code: 'STOPPED_BY_OPERATOR' } });
  await local.redrive(arn);
  expect((await local.ended(arn)).status).toBe('SUCCEEDED');
  const named = new ListTranscriptionJobsCommand({ JobNameContains: jobId, MaxResults: 10 });
  expect((await client.send(named)).TranscriptionJobSummaries).toHaveLength(1);
  const job = await until(async () => {
    const found = await local.job(jobId);
    return found?.status === 'done' && found;
  });
  expect((await readIn(job.folder)).origin).toBe('transcribe');
});
