import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { announcement, files, kinds, startTable, type StartedTable } from './open-table.ts';

let started: StartedTable;
beforeAll(async () => {
  started = await startTable();
});
afterAll(() => started.close());

describe.each(kinds)('the merges of a job, %s', (kind) => {
  let count = 0;
  const setUp = async (merge: Partial<JobMerge> = {}) => {
    count += 1;
    const jobId = `zoom-merges-${kinds.indexOf(kind)}-${count}`;
    const jobs = started.open(kind);
    await jobs.announce(announcement(jobId, files(1)));
    const inputs = [{ fileId: 'a', key: '1/2/a.m4a' }];
    const planned: JobMerge = {
      ...{ jobId, name: 'participants', kind: 'audio', index: 0, inputs, outputs: [], status: 'planned' },
      ...merge,
    };
    await jobs.planMerge(planned);
    return { jobs, jobId, planned };
  };

  test('are read as they were planned', async () => {
    const { jobs, jobId, planned } = await setUp();
    const film: JobMerge = { ...planned, name: 'gallery_view.mp4', kind: 'view', index: 1, byTask: true };
    await jobs.planMerge(film);
    expect(await jobs.merges(jobId)).toEqual([film, planned]);
    expect(await jobs.merges('zoom-another')).toEqual([]);
  });

  test('tell how far they are until they are done', async () => {
    const { jobs, jobId, planned } = await setUp();
    expect(await jobs.mergeProgress(jobId, planned.name, 40)).toBe(true);
    expect(await jobs.merges(jobId)).toMatchObject([{ status: 'planned', percent: 40 }]);
    expect(await jobs.mergeDone(jobId, planned.name, ['1/2/mixed.m4a'])).toBe(true);
    expect(await jobs.mergeProgress(jobId, planned.name, 50)).toBe(false);
    expect(await jobs.mergeFailed(jobId, planned.name, 'late')).toBe(false);
    expect(await jobs.merges(jobId)).toEqual([
      { ...planned, status: 'done', percent: 100, outputs: ['1/2/mixed.m4a'] },
    ]);
  });

  test('that failed say why, and no longer how far they were', async () => {
    const { jobs, jobId, planned } = await setUp({ percent: 12 });
    expect(await jobs.mergeFailed(jobId, planned.name, 'it is a playlist')).toBe(true);
    const { percent: _percent, ...rest } = { ...planned, status: 'failed', because: 'it is a playlist' };
    expect(await jobs.merges(jobId)).toEqual([rest]);
  });

  test('that are planned anew have forgotten what was', async () => {
    const { jobs, jobId, planned } = await setUp({ status: 'skipped', because: 'too much' });
    const again: JobMerge = { ...planned, status: 'planned', byTask: true };
    delete again.because;
    await jobs.planMerge(again);
    expect(await jobs.merges(jobId)).toEqual([again]);
  });

  test('tell the job how far its work is, until the next step begins', async () => {
    const { jobs, jobId } = await setUp();
    await jobs.progress(jobId, 'MergeMedia');
    await jobs.percent(jobId, 70);
    expect(await jobs.get(jobId)).toMatchObject({ step: 'MergeMedia', percent: 70 });
    await jobs.progress(jobId, 'ReadTranscript');
    expect((await jobs.get(jobId))?.percent).toBeUndefined();
  });
});
