import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { insights } from '../../../core/insight/insights.ts';
import { readZoomVtt } from '../../../core/transcript/read-zoom-vtt.ts';
import { findInsights } from '../../../functions/recording/find-insights/find-insights.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { job } from '../mail/cases.ts';

const { jobId, folder = '' } = job();
const jobs = { get: (id: string) => Promise.resolve(id === jobId ? job() : undefined) };
const stored = (vtt: string) => ({ [`${folder}transcript.json`]: JSON.stringify(readZoomVtt(vtt)) });

describe('FindInsights', () => {
  test('writes what it found beside the transcript, the same in every run', async () => {
    const objects = fakeObjects(stored(readFileSync('test/fixtures/transcript/reading-room.vtt', 'utf8')));
    const run = findInsights({ jobs, objects });
    expect(await run({ jobId })).toEqual({ insights: 'found' });
    const first = objects.stored.get(`${folder}insights.json`) ?? '';
    expect(insights.parse(JSON.parse(first)).actionItems).toHaveLength(5);
    expect(await run({ jobId })).toEqual({ insights: 'found' });
    expect(objects.stored.get(`${folder}insights.json`)).toBe(first);
  });

  test('finds nothing where there is no transcript', async () => {
    const objects = fakeObjects();
    expect(await findInsights({ jobs, objects })({ jobId })).toEqual({ insights: 'none' });
    expect(objects.writes).toEqual([]);
  });

  test('finds nothing where nothing of substance was said', async () => {
    const objects = fakeObjects(stored('WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Yeah.\n'));
    expect(await findInsights({ jobs, objects })({ jobId })).toEqual({ insights: 'none' });
    expect(objects.writes).toEqual([]);
  });

  test('a job that is not there is a permanent failure', async () => {
    await expect(findInsights({ jobs, objects: fakeObjects() })({ jobId: 'other' })).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'BAD_INPUT',
    });
  });
});
