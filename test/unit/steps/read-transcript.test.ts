import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { transcript } from '../../../core/transcript/transcript.ts';
import { settleWork } from '../../../core/transcription/settle-work.ts';
import { startWorks } from '../../../core/transcription/start-works.ts';
import { readTranscript } from '../../../functions/recording/read-transcript/read-transcript.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { fakeSpeech } from '../../fakes/speech.ts';
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

describe('ReadTranscript, where Zoom has no words', () => {
  const film = file({ fileType: 'MP4', extension: 'mp4', recordingEnd: '2026-01-12T15:55:00Z' });
  const attemptAt = '2026-01-12T16:00:00Z';
  const after = (minutes: number) => new Date(Date.parse(attemptAt) + minutes * 60_000);
  type About = { files?: JobFile[]; minutes?: number; wait?: number; revision?: number; isOn?: boolean };
  const world = ({ files = [film], minutes = 0, wait = 0, revision = 1, isOn = false }: About) => {
    const objects = fakeObjects();
    const speech = fakeSpeech();
    const notes = new Set<string>();
    const jobs = {
      get: () => Promise.resolve({ ...job(), attemptAt, revision, seenRevision: 1 }),
      files: () => Promise.resolve(files),
      merges: () => Promise.resolve([]),
      addNote: (_id: string, note: string) => Promise.resolve(void notes.add(note)),
      dropNotes: (_id: string, gone: readonly string[]) => Promise.resolve(gone.forEach((note) => notes.delete(note))),
    };
    const run = () =>
      readTranscript({
        ...{ jobs, objects, now: () => after(minutes), waitMinutes: wait },
        ...(isOn && { speech: speech.ports }),
      })({ jobId });
    const start = () => startWorks(speech.ports, jobId, { files, merges: [] });
    return { objects, speech, notes, run, start };
  };

  test.each([
    [0, 60],
    [5, 60],
    [30, 180],
    [110, 300],
    [119, 60],
    [119.9, 6],
  ])('looks again %d minutes after the recording was announced, in %d seconds', async (minutes, waitSeconds) => {
    expect(await world({ minutes, wait: 120 }).run()).toMatchObject({ decision: 'wait', waitSeconds });
  });

  test('waits no longer than it is told, not for one that is there, and not for that of an old recording', async () => {
    expect(await world({ minutes: 120, wait: 120 }).run()).toMatchObject({ decision: 'none' });
    expect(await world({ wait: 120, files: [film, words({ status: 'missing' })] }).run()).toMatchObject({ decision: 'none' });
    const old = { ...film, recordingEnd: '2026-01-11T15:59:00Z' };
    expect(await world({ wait: 120, files: [old] }).run()).toMatchObject({ decision: 'none' });
  }); // prettier-ignore

  test('has what was announced meanwhile fetched, before anybody waits or pays', async () => {
    expect(await world({ wait: 120, revision: 2 }).run()).toMatchObject({ decision: 'news' });
    expect(await world({ isOn: true, revision: 2 }).run()).toMatchObject({ decision: 'news' });
    // With neither CloseJob sees to it, after the mail was held back.
    expect(await world({ revision: 2 }).run()).toMatchObject({ decision: 'none' });
  });

  test('has the sound heard after the wait, and reads what was heard', async () => {
    expect(await world({ isOn: true, wait: 10 }).run()).toMatchObject({ decision: 'wait' });
    const { run, start, speech, objects, notes } = world({ isOn: true, wait: 10, minutes: 10 });
    expect(await run()).toMatchObject({ decision: 'speech' });
    await start();
    expect(await run()).toMatchObject({ decision: 'speech' });
    const [name = ''] = speech.starts;
    speech.hear(name, 'good');
    await settleWork(speech.ports, name);
    expect(await run()).toEqual({ decision: 'ready', transcript: 'transcribe', segments: 1 });
    expect(objects.stored.get(`${folder}transcript.txt`)).toBe('[00:00] good\n');
    expect([...notes]).toEqual([]);
  });

  test('does not wait again for Zoom once speech recognition has begun', async () => {
    const { run, start } = world({ isOn: true, wait: 120 });
    await start();
    expect(await run()).toMatchObject({ decision: 'speech' });
  });

  test.each([
    ['rubbish', { because: 'The result of Amazon Transcribe is not JSON.' }, 'The result of Amazon Transcribe is not JSON.'],
    ['silence', [{ offsetMs: 0, heard: { words: [] } }], 'Amazon Transcribe heard no words in this recording.'],
  ])('goes on without words where there was nothing but %s, and says so', async (_what, result, sentence) => {
    const { run, start, speech, notes, objects } = world({ isOn: true });
    await start();
    const [name = ''] = speech.starts;
    speech.said.set('r', result);
    speech.hear(name, 'r');
    await settleWork(speech.ports, name);
    expect(await run()).toMatchObject({ decision: 'none', transcript: 'none' });
    expect([...notes].join(' ')).toContain(sentence);
    expect(objects.writes).toEqual([]);
  }); // prettier-ignore

  test('reads the other tracks where one could not be heard, and says so', async () => {
    const two = [film, file({ fileId: 'b', key: 'a/silent.m4a', extension: 'm4a' })];
    const { run, start, speech, notes } = world({ isOn: true, files: two });
    await start();
    const [name = ''] = speech.starts;
    speech.hear(name, 'good');
    await settleWork(speech.ports, name);
    expect(await run()).toMatchObject({ decision: 'ready', segments: 1 });
    expect([...notes]).toEqual(['Amazon Transcribe gave no words of a track: There is no sound in the file.']);
  });

  test('keeps the transcript that was made when results are deleted in time', async () => {
    const { run, start, speech, objects } = world({ isOn: true });
    await start();
    const [name = ''] = speech.starts;
    speech.hear(name, 'r');
    await settleWork(speech.ports, name);
    await run();
    const before = new Map(objects.stored);
    speech.said.set('r', { because: 'The result of Amazon Transcribe is gone.' });
    expect(await run()).toMatchObject({ decision: 'ready' });
    expect(objects.stored).toEqual(before);
  });
});
