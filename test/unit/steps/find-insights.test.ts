import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { InsightEngine } from '../../../core/insight/engine.ts';
import { findInsights as find } from '../../../core/insight/find-insights.ts';
import { insights } from '../../../core/insight/insights.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { failures } from '../../../core/step/failures.ts';
import { readZoomVtt } from '../../../core/transcript/read-zoom-vtt.ts';
import { findInsights } from '../../../functions/recording/find-insights/find-insights.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { job } from '../mail/cases.ts';

const { jobId, folder = '' } = job();
const stored = (vtt: string) => ({ [`${folder}transcript.json`]: JSON.stringify(readZoomVtt(vtt)) });
const meeting = () => fakeObjects(stored(readFileSync('test/fixtures/transcript/reading-room.vtt', 'utf8')));
const embedded: InsightEngine = (transcript) => Promise.resolve(find(transcript));

const stepWith = (objects: ReturnType<typeof fakeObjects>, engine: InsightEngine | undefined = embedded, remaining = 100_000) => {
  const notes = new Set<string>();
  const jobs = {
    get: (id: string) => Promise.resolve(id === jobId ? { ...job(), notes: [...notes] } : undefined),
    addNote: async (_id: string, note: string) => void notes.add(note),
    dropNotes: async (_id: string, dropped: readonly string[]) => dropped.forEach((note) => notes.delete(note)),
  };
  const step = findInsights({ jobs, objects, engine });
  return { notes, run: (id = jobId) => step({ jobId: id }, new AbortController().signal, () => remaining) };
}; // prettier-ignore

describe('FindInsights', () => {
  test('writes what it found beside the transcript, the same in every run', async () => {
    const objects = meeting();
    const { run, notes } = stepWith(objects);
    expect(await run()).toEqual({ insights: 'found' });
    const first = objects.stored.get(`${folder}insights.json`) ?? '';
    expect(insights.parse(JSON.parse(first)).actionItems).toHaveLength(5);
    expect(await run()).toEqual({ insights: 'found' });
    expect(objects.stored.get(`${folder}insights.json`)).toBe(first);
    expect([...notes]).toEqual([]);
  });

  test('finds nothing where there is no transcript', async () => {
    const objects = fakeObjects();
    expect(await stepWith(objects).run()).toEqual({ insights: 'none' });
    expect(objects.writes).toEqual([]);
  });

  test('finds nothing where nothing of substance was said, or a stage wants none', async () => {
    const quiet = fakeObjects(stored('WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Yeah.\n'));
    expect(await stepWith(quiet).run()).toEqual({ insights: 'none' });
    expect(quiet.writes).toEqual([]);
    const unwanted = meeting();
    const without = findInsights({
      jobs: { get: () => Promise.resolve(job()), addNote: () => Promise.reject(new Error()), dropNotes: () => Promise.reject(new Error()) },
      objects: unwanted,
      engine: undefined,
    }); // prettier-ignore
    expect(await without({ jobId }, new AbortController().signal, () => 100_000)).toEqual({ insights: 'none' });
    expect(unwanted.writes).toEqual([]);
  });

  test('tells the job why there are none and what to do, and fails for the machine to go on', async () => {
    const objects = meeting();
    const refusing = stepWith(objects, () => Promise.reject(new PermanentError('MODEL_REFUSED', 'eu.model')));
    await expect(refusing.run()).rejects.toMatchObject({ name: 'PermanentError', code: 'MODEL_REFUSED' });
    const { sentence, action } = failures.MODEL_REFUSED;
    expect([...refusing.notes]).toEqual([`There are no insights of this recording. ${sentence} ${action}`]);
    expect(objects.writes).toEqual([]);
  });

  test('takes back what it told once a later try succeeds', async () => {
    let tries = 0;
    const { run, notes } = stepWith(meeting(), (transcript, about, signal) =>
      tries++ === 0 ? Promise.reject(new TransientError('throttled')) : embedded(transcript, about, signal),
    );
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    expect([...notes]).toEqual([expect.stringContaining('has not answered so far')]);
    expect(await run()).toEqual({ insights: 'found' });
    expect([...notes]).toEqual([]);
  });

  test('stops an engine in time to tell the job', async () => {
    const patient: InsightEngine = (_transcript, _about, signal) =>
      new Promise((_resolve, reject) => {
        const stop = () => reject(new TransientError('stopped'));
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop);
      });
    const { run, notes } = stepWith(meeting(), patient, 1_000);
    await expect(run()).rejects.toThrow('stopped');
    expect(notes.size).toBe(1);
  });

  test('a job that is not there is a permanent failure', async () => {
    await expect(stepWith(fakeObjects()).run('other')).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'BAD_INPUT',
    });
  });
});
