import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { insights } from '../../core/insight/insights.ts';
import { insightsKeyOf, jobIdOf, transcriptKeysOf } from '../../core/keys.ts';
import { transcript } from '../../core/transcript/transcript.ts';
import { captureLog, type CapturedLog } from '../fakes/lambda.ts';
import { eventAbout, recordingFlow, type MeetingFile } from '../fakes/recording-flow.ts';
import { listedFile, meetingUuid } from '../fakes/recordings.ts';
import { tinyMovie } from '../fakes/tiny-movie.ts';

const jobId = jobIdOf('account', meetingUuid);
const minutes = 60_000;
const none = 'Zoom delivered no transcript for this recording.';
const vtt = Buffer.from(
  'WEBVTT\n\n1\n00:00:01.000 --> 00:00:09.000\nAda Lovelace: Please order the lamps by Friday.\n\n' +
    '2\n00:00:10.000 --> 00:00:19.000\nBen Ochs: We decided to open the reading room in March.\n',
);
const one = (id: string, type: string, extension: string, view: string, bytes: Buffer): MeetingFile => ({
  told: listedFile(id, { file_type: type, file_extension: extension, recording_type: view, file_size: bytes.length }),
  bytes,
});
const files = {
  film: one('film', 'MP4', 'MP4', 'gallery_view', tinyMovie('film')),
  words: one('words', 'TRANSCRIPT', 'VTT', 'audio_transcript', vtt),
};
const recorded = eventAbout(files, ['film'], 'v1');
const transcribed = eventAbout(files, ['words'], 'v2');

let captured: CapturedLog;
beforeAll(() => {
  captured = captureLog();
});
afterAll(() => captured.release());

let flow: ReturnType<typeof recordingFlow>;
const open = (settings: Parameters<typeof recordingFlow>[0]['settings'] = {}): void => {
  flow = recordingFlow({
    files,
    listed: () => undefined,
    between: () => Promise.resolve(),
    after: () => undefined,
    settings,
  });
};
afterEach(() => flow.close());
const pass = (milliseconds: number) => flow.clock.sleep(milliseconds, new AbortController().signal);
const job = async () => (await flow.table.get(jobId)) ?? Promise.reject(new Error('there is no job'));
/** What lies in the folder of the recording, by the end of its key. */
const folder = async (): Promise<Map<string, string>> => {
  const { folder: at = '' } = await job();
  const here = [...flow.bucket.objects].filter(([key]) => key.startsWith(at));
  return new Map(here.map(([key, { bytes }]) => [key.slice(at.length), bytes.toString('utf8')]));
};
const expectWords = async (): Promise<void> => {
  const there = await folder();
  const { json, ...readable } = transcriptKeysOf('');
  expect(transcript.parse(JSON.parse(there.get(json) ?? '')).segments).toHaveLength(2);
  for (const name of Object.values(readable)) expect([name, there.get(name)]).toEqual([name, expect.stringContaining('order the lamps')]);
  const found = insights.parse(JSON.parse(there.get(insightsKeyOf('')) ?? ''));
  expect(JSON.stringify(found)).toContain('lamps');
}; // prettier-ignore

describe("Zoom's transcript", () => {
  test('that comes three hours late joins the same job: words everywhere, nothing repeated, no second mail', async () => {
    open();
    await flow.deliver(recorded);
    await flow.quiet();
    expect(await job()).toMatchObject({ status: 'done', attempt: 1 });
    expect((await job()).notes).toContain(none);
    expect(flow.mails).toHaveLength(1);

    await pass(180 * minutes);
    await flow.deliver(transcribed);
    await flow.deliver(transcribed);
    await flow.quiet();
    expect(await job()).toMatchObject({ status: 'done', attempt: 2 });
    await expectWords();
    expect((await job()).notes).not.toContain(none);
    expect([...flow.received].sort()).toEqual(['film', 'words']);
    expect(flow.mails).toHaveLength(1);
  });

  test('that comes late is mailed too where the stage wants it, and once', async () => {
    open({ mailOnLateTranscript: true });
    await flow.deliver(recorded);
    await flow.quiet();
    await pass(180 * minutes);
    await flow.deliver(transcribed);
    await flow.quiet();
    await pass(minutes);
    await flow.deliver(transcribed);
    await flow.quiet();
    expect(flow.mails).toHaveLength(2);
    expect(flow.mails[1]?.text).toContain('lamps');
  });

  test('that comes before its recording waits for nobody, and is mailed once', async () => {
    open();
    await flow.deliver(transcribed);
    await flow.quiet();
    await pass(30 * minutes);
    await flow.deliver(recorded);
    await flow.quiet();
    expect(await job()).toMatchObject({ status: 'done', attempt: 2 });
    await expectWords();
    expect([...flow.received].sort()).toEqual(['film', 'words']);
    expect(flow.mails).toHaveLength(1);
  });

  test('that is waited for is in the first mail, soon after it came', async () => {
    open({ transcriptWaitMinutes: 120 });
    await flow.deliver(recorded);
    await pass(31 * minutes);
    expect(await job()).toMatchObject({ status: 'running', step: 'ReadTranscript' });
    expect(flow.mails).toHaveLength(0);
    await flow.deliver(transcribed);
    await pass(5 * minutes);
    await flow.quiet();
    expect(await job()).toMatchObject({ status: 'done', attempt: 1 });
    expect((await job()).notes).not.toContain(none);
    await expectWords();
    expect(flow.mails).toHaveLength(1);
    expect(flow.mails[0]?.text).toContain('lamps');
  });

  test('that never comes is waited for as long as the stage says, and no longer', async () => {
    open({ transcriptWaitMinutes: 120 });
    const begun = flow.clock.now();
    await flow.deliver(recorded);
    await flow.quiet();
    const took = (flow.clock.now() - begun) / minutes;
    expect(took).toBeGreaterThanOrEqual(120);
    expect(took).toBeLessThan(125);
    expect((await job()).notes).toContain(none);
    expect(flow.mails).toHaveLength(1);
  });
});
