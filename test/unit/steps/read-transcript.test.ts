import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { transcript } from '../../../core/transcript/transcript.ts';
import { readTranscript } from '../../../functions/recording/read-transcript/read-transcript.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { file, job } from '../mail/cases.ts';

const { jobId, folder = '' } = job();
const now = new Date('2026-01-12T16:30:00Z');
const spoken = readFileSync('test/fixtures/transcript/reading-room.vtt', 'utf8');
const oneCue = (text: string): string => `WEBVTT\n\n00:01.000 --> 00:02.000\n${text}\n`;

const words = (told: Partial<JobFile> = {}): JobFile =>
  file({
    fileId: 't1',
    fileType: 'TRANSCRIPT',
    view: 'audio_transcript',
    key: `${folder}000-audio_transcript.vtt`,
    receivedBytes: 900,
    ...told,
  });

/** A job with these files, and a bucket with these objects. */
const setUp = (files: JobFile[], stored: Record<string, string> = {}) => {
  const objects = fakeObjects(stored);
  const notes = new Set<string>();
  const jobs = {
    get: (id: string) => Promise.resolve(id === jobId ? job() : undefined),
    files: () => Promise.resolve(files),
    merges: () => Promise.resolve([]),
    addNote: (_id: string, note: string) => Promise.resolve(void notes.add(note)),
    dropNotes: (_id: string, gone: readonly string[]) => Promise.resolve(gone.forEach((note) => notes.delete(note))),
  };
  return { objects, notes, run: () => readTranscript({ jobs, objects, now: () => now, waitMinutes: 0 })({ jobId }) };
};

describe('ReadTranscript', () => {
  test("makes transcript and captions of Zoom's transcript", async () => {
    const { objects, run } = setUp([file(), words()], { [words().key]: spoken });
    expect(await run()).toEqual({ decision: 'ready', transcript: 'zoom-vtt', segments: 24 });
    expect(Object.fromEntries(objects.contentTypes)).toEqual({
      [`${folder}transcript.json`]: 'application/json',
      [`${folder}captions.vtt`]: 'text/vtt; charset=utf-8',
      [`${folder}captions.srt`]: 'application/x-subrip; charset=utf-8',
      [`${folder}transcript.txt`]: 'text/plain; charset=utf-8',
      [`${folder}transcript.html`]: 'text/html; charset=utf-8',
    });
    expect(transcript.parse(JSON.parse(objects.stored.get(`${folder}transcript.json`) ?? '')).speakers).toHaveLength(4);
    expect(objects.stored.get(`${folder}captions.vtt`)).toContain('<v Bob Chen>Yes, loud and clear.');
  });

  test('writes the same when it runs again', async () => {
    const { objects, run } = setUp([file(), words()], { [words().key]: spoken });
    await run();
    const before = new Map(objects.stored);
    expect(await run()).toEqual({ decision: 'ready', transcript: 'zoom-vtt', segments: 24 });
    expect(objects.stored).toEqual(before);
  });

  test('removes the insights of other words before it writes new ones, and keeps those of the same', async () => {
    const insightsKey = `${folder}insights.json`;
    const { objects, run } = setUp([file(), words()], { [words().key]: spoken });
    await run();
    objects.stored.set(insightsKey, 'of these words');
    await run();
    expect(objects.stored.get(insightsKey)).toBe('of these words');

    objects.stored.set(words().key, oneCue('<v Ada>Hi.'));
    const { write } = objects;
    objects.write = async (...given) => {
      expect(objects.stored.has(insightsKey)).toBe(false);
      await write(...given);
    };
    await run();
  });

  test('joins the segments of a recording that was stopped and started', async () => {
    const second = words({
      fileId: 't2',
      segment: 1,
      recordingStart: '2026-01-12T15:30:14Z',
      key: `${folder}001-audio_transcript.vtt`,
    });
    const { objects, run } = setUp([second, words(), file()], {
      [words().key]: oneCue('<v Ada>First.'),
      [second.key]: oneCue('<v Ada>Second.'),
    });
    expect(await run()).toEqual({ decision: 'ready', transcript: 'zoom-vtt', segments: 2 });
    const { segments } = transcript.parse(JSON.parse(objects.stored.get(`${folder}transcript.json`) ?? ''));
    expect(segments.map(({ startMs, text }) => [startMs, text])).toEqual([
      [1_000, 'First.'],
      [1_801_000, 'Second.'],
    ]);
  });

  test('says so where a part of the recording has no words', async () => {
    const second = words({ fileId: 't2', segment: 1, recordingStart: '2026-01-12T15:30:14Z', status: 'missing' });
    const { notes, run } = setUp([second, words(), file()], { [words().key]: oneCue('<v Ada>First.') });
    expect(await run()).toEqual({
      decision: 'ready',
      transcript: 'zoom-vtt',
      segments: 1,
      reason: 'A part of this recording has no transcript.',
    });
    expect([...notes]).toEqual(['A part of this recording has no transcript.']);
  });

  test('counts from the first file of the recording, also where the transcript starts later', async () => {
    const late = words({ recordingStart: '2026-01-12T15:01:14Z' });
    const { objects, run } = setUp([file(), late], { [late.key]: oneCue('<v Ada>Hi.') });
    await run();
    expect(objects.stored.get(`${folder}captions.vtt`)).toContain('00:01:01.000 -->');
  });

  test('takes closed captions where a segment has no transcript with words', async () => {
    const captions = words({ fileId: 'c1', fileType: 'CC', key: `${folder}000-closed_caption.vtt` });
    const stored = { [words().key]: 'WEBVTT\n', [captions.key]: oneCue('From the captions.') };
    const { objects, run } = setUp([captions, words()], stored);
    expect(await run()).toEqual({ decision: 'ready', transcript: 'zoom-vtt', segments: 1 });
    expect(objects.stored.get(`${folder}transcript.txt`)).toBe('[00:01] From the captions.\n');
  });

  test('prefers the transcript to closed captions', async () => {
    const captions = words({ fileId: 'c1', fileType: 'CC', key: `${folder}000-closed_caption.vtt` });
    const { objects, run } = setUp([captions, words()], {
      [words().key]: oneCue('<v Ada>Hi.'),
      [captions.key]: oneCue('hi'),
    });
    await run();
    expect(objects.stored.get(`${folder}transcript.txt`)).toBe('[00:01] Ada: Hi.\n');
  });

  test.each([
    ['there is none', [file()], {}, 'Zoom delivered no transcript for this recording.'],
    ['it is missing at Zoom', [words({ status: 'missing' })], {}, "Zoom's transcript could not be archived."],
    [
      'it has no cues',
      [words()],
      { [words().key]: 'WEBVTT\n\n' },
      "Zoom's transcript holds no words that could be read.",
    ],
    [
      'it is a sign-in page',
      [words()],
      { [words().key]: '<!doctype html><title>Sign in: Zoom</title>' },
      "Zoom's transcript holds no words that could be read.",
    ],
    ['its object is gone', [words()], {}, "Zoom's transcript holds no words that could be read."],
    ['it is empty', [words()], { [words().key]: '' }, "Zoom's transcript holds no words that could be read."],
    ['it is left out by a setting', [words({ status: 'skipped' })], {}, "Zoom's transcript is left out by a setting."],
    [
      'it is 50 MB large',
      [words({ receivedBytes: 50_000_000 })],
      { [words().key]: spoken },
      "Zoom's transcript is larger than 10 MB and was archived, but not read.",
    ],
  ])(
    'goes on without a transcript, and says why, where %s',
    async (_what, files: JobFile[], stored: Record<string, string>, reason) => {
      const { objects, notes, run } = setUp(files, stored);
      expect(await run()).toEqual({ decision: 'none', transcript: 'none', segments: 0, reason });
      await run();
      expect([...notes]).toEqual([reason]);
      expect(objects.writes).toEqual([]);
    },
  );

  test('a job that is not there is a permanent failure', async () => {
    const jobs = {
      get: () => Promise.resolve(undefined),
      files: () => Promise.resolve([]),
      merges: () => Promise.resolve([]),
      addNote: () => Promise.resolve(),
      dropNotes: () => Promise.resolve(),
    };
    const ports = { jobs, objects: fakeObjects(), now: () => now, waitMinutes: 0 };
    await expect(readTranscript(ports)({ jobId })).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'BAD_INPUT',
    });
  });
});
