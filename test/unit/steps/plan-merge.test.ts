import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { planMerge } from '../../../functions/recording/plan-merge/plan-merge.ts';
import { movie } from '../../../local/zoom/mp4.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { readFrom } from '../../fakes/tones.ts';

const jobId = 'zoom-1';
const signal = new AbortController().signal;
const film = (() => {
  const made = movie({ seconds: 60, size: 100_000, video: true, seed: 'a' });
  return Buffer.concat([...made.read(0, made.length)]);
})();

let jobs: ReturnType<typeof fakeJobs>;
let objects: Map<string, Buffer>;
beforeEach(async () => {
  jobs = fakeJobs();
  objects = new Map();
  await jobs.announce({ jobId, source: 'zoom', origin: 'webhook', meetingUuid: 'u', files: [], reopens: true });
});

const start = (second: number): string => new Date(Date.parse('2026-01-12T15:00:00Z') + second * 1_000).toISOString();

const add = async (fileId: string, view: string, at: number, change: Partial<JobFile> = {}): Promise<void> => {
  const key = `844/1/${fileId}.mp4`;
  objects.set(key, film);
  await jobs.planFile({
    ...{ jobId, fileId, view, key, fileType: 'MP4', extension: 'mp4', segment: 0, status: 'archived' },
    ...{ recordingStart: start(at), recordingEnd: start(at + 60), receivedBytes: film.length },
    ...change,
  });
};
const addTrack = (fileId: string, at: number, change: Partial<JobFile> = {}): Promise<void> =>
  add(fileId, 'participant_audio', at, { fileType: 'M4A', extension: 'm4a', ...change });

const plan = (hasMediaTask = false) => planMerge({ jobs, read: readFrom(objects), hasMediaTask })({ jobId }, signal);
const notes = async () => (await jobs.get(jobId))?.notes;

describe('PlanMerge', () => {
  test('has nothing to do for a meeting with one file of each view', async () => {
    await add('a', 'gallery_view', 0);
    await add('b', 'audio_only', 0, { extension: 'm4a' });
    expect(await plan()).toEqual({ indexes: [], oversized: false });
    expect(await jobs.merges(jobId)).toEqual([]);
  });

  test('joins the segments of each view, in the order of their time', async () => {
    await add('late', 'gallery_view', 200);
    await add('early', 'gallery_view', 0);
    await add('s1', 'active_speaker', 0);
    await add('s2', 'active_speaker', 200);
    expect(await plan()).toEqual({ indexes: [0, 1], oversized: false });
    const merges = await jobs.merges(jobId);
    expect(merges.map(({ name, kind, status }) => [name, kind, status])).toEqual([
      ['active_speaker.mp4', 'view', 'planned'],
      ['gallery_view.mp4', 'view', 'planned'],
    ]);
    expect(merges[1]?.inputs.map(({ fileId }) => fileId)).toEqual(['early', 'late']);
  });

  test('leaves a view alone that has several files of one segment', async () => {
    for (const language of ['en', 'fr']) await add(language, 'audio_interpretation', 0, { extension: 'm4a' });
    expect(await plan()).toEqual({ indexes: [], oversized: false });
  });

  test('merges the tracks of single people, be it one', async () => {
    await addTrack('ada', 0);
    expect(await plan()).toEqual({ indexes: [0], oversized: false });
    expect(await jobs.merges(jobId)).toMatchObject([{ name: 'participants', kind: 'audio', status: 'planned' }]);
  });

  test('passes files by that are not in the archive', async () => {
    await add('a', 'gallery_view', 0);
    await add('b', 'gallery_view', 200, { status: 'missing' });
    expect(await plan()).toEqual({ indexes: [], oversized: false });
  });

  test('does not make again what is made', async () => {
    await addTrack('ada', 0);
    await plan();
    await jobs.mergeDone(jobId, 'participants', ['844/1/mixed.m4a']);
    expect(await plan()).toEqual({ indexes: [], oversized: false });
    expect(await jobs.merges(jobId)).toMatchObject([{ status: 'done', outputs: ['844/1/mixed.m4a'] }]);
  });

  test('makes it again, under the same number, when a file came later', async () => {
    await addTrack('ada', 0);
    await plan();
    await jobs.mergeDone(jobId, 'participants', ['844/1/mixed.m4a']);
    await addTrack('grace', 5);
    await add('a', 'gallery_view', 0);
    await add('b', 'gallery_view', 100);
    expect(await plan()).toEqual({ indexes: [0, 1], oversized: false });
    expect((await jobs.merges(jobId)).find(({ name }) => name === 'participants')).toMatchObject({
      index: 0,
      status: 'planned',
      inputs: [{ fileId: 'ada' }, { fileId: 'grace' }],
    });
  });

  test('keeps what was made before, and says so, where it cannot be made of more', async () => {
    await add('a', 'gallery_view', 0);
    await add('b', 'gallery_view', 100);
    await plan();
    const before = ['844/1/joined-gallery_view.mp4'];
    await jobs.mergeDone(jobId, 'gallery_view.mp4', before);
    await add('c', 'gallery_view', 200);
    objects.set('844/1/c.mp4', Buffer.alloc(film.length));
    expect(await plan()).toEqual({ indexes: [], oversized: false });
    expect(await jobs.merges(jobId)).toMatchObject([{ status: 'failed', outputs: before }]);
    expect(await notes()).toEqual([
      'The joined gallery_view.mp4 could not be made anew: c.mp4 is something else, not an MP4. The one of fewer files stays.',
    ]);
  });

  test('notes a join that cannot be, and lets the recording go on', async () => {
    await add('a', 'gallery_view', 0);
    await add('b', 'gallery_view', 100);
    const disguised = Buffer.concat([Buffer.from('#EXTM3U\nhttp://169.254.169.254/x\n'), Buffer.alloc(film.length)]);
    objects.set('844/1/b.mp4', disguised.subarray(0, film.length));
    expect(await plan()).toEqual({ indexes: [], oversized: false });
    expect(await jobs.merges(jobId)).toMatchObject([
      { status: 'failed', because: 'b.mp4 is an HLS playlist, not an MP4' },
    ]);
    expect(await notes()).toEqual([
      'The joined gallery_view.mp4 could not be made: b.mp4 is an HLS playlist, not an MP4.',
    ]);
  });

  describe('with more than a function can do', () => {
    const day = { recordingEnd: start(30 * 3_600), receivedBytes: 1_728_000_000 };

    test('says which switch to turn where media tasks are off', async () => {
      for (let person = 0; person < 12; person += 1) await addTrack(`p${person}`, 0, day);
      expect(await plan()).toEqual({ indexes: [], oversized: false });
      expect(await jobs.merges(jobId)).toMatchObject([{ status: 'skipped' }]);
      expect((await notes())?.[0]).toMatch(/would take about \d+ minutes, and a function has 12; switch on mediaTask/);
    });

    test('leaves it to a task where they are on, also when they are switched on later', async () => {
      for (let person = 0; person < 12; person += 1) await addTrack(`p${person}`, 0, day);
      await plan();
      expect(await plan(true)).toEqual({ indexes: [], oversized: true });
      const [merge] = await jobs.merges(jobId);
      expect(merge).toMatchObject({ status: 'planned', byTask: true });
      expect(merge?.because).toBeUndefined();
    });

    test('still has the small ones made by functions', async () => {
      for (let person = 0; person < 12; person += 1) await addTrack(`p${person}`, 0, day);
      await add('a', 'gallery_view', 0);
      await add('b', 'gallery_view', 100);
      expect(await plan(true)).toEqual({ indexes: [1], oversized: true });
    });
  });

  test('takes five hundred files in its stride', async () => {
    for (let segment = 0; segment < 250; segment += 1) await add(`g${segment}`, 'gallery_view', segment * 100);
    for (let person = 0; person < 250; person += 1) await addTrack(`p${person}`, person);
    const { indexes } = await plan();
    expect(indexes).toEqual([0, 1]);
  });
});
