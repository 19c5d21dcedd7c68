import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobTable } from '../../../core/job/table.ts';
import { explain } from '../../../core/step/failures.ts';
import { announcement, clock, file, kinds, now, planned, startTable, type StartedTable } from './open-table.ts';

let table: StartedTable;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

let jobId: string;
let count = 0;
beforeEach(() => {
  count += 1;
  jobId = `zoom-${count}`;
});

const hour = 3_600_000;

describe.each(kinds)('the job table %s', (kind) => {
  let jobs: JobTable;
  beforeEach(() => {
    jobs = table.open(kind);
    clock.now += hour;
  });
  const open = async (): Promise<object[]> =>
    (await jobs.openJobs(new Date(clock.now + 1))).filter((one) => one.jobId === jobId);

  test('knows which jobs run, since when, and no job that has ended', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    const first = now().toISOString();
    expect(await open()).toEqual([{ jobId, attempt: 1, attemptAt: first }]);
    expect(await jobs.openJobs(new Date(first))).not.toContainEqual(expect.objectContaining({ jobId }));
    await jobs.close(jobId, 1, 'done');
    expect(await open()).toEqual([]);

    clock.now += hour;
    await jobs.announce(announcement(jobId, [file('a'), file('b')]));
    expect(await open()).toEqual([{ jobId, attempt: 2, attemptAt: now().toISOString() }]);
    await jobs.fail(jobId, 2, explain('UNEXPLAINED', 'x'));
    expect(await open()).toEqual([]);
    await jobs.progress(jobId, 'FetchMetadata', { attempt: 2, redrives: 1 });
    expect(await open()).toHaveLength(1);
    await jobs.announce(announcement(jobId, [file('c')]));
    await jobs.fail(jobId, 2, explain('UNEXPLAINED', 'x'), 1);
    const { revision = 0 } = (await jobs.get(jobId)) ?? {};
    await jobs.reopenForNews(jobId, 2, revision);
    expect(await open()).toEqual([expect.objectContaining({ attempt: 3 })]);
    await jobs.close(jobId, 3, 'rejected', 'Skipped.');
    expect(await open()).toEqual([]);
    await jobs.announce(announcement(jobId, [file('d')], { reopens: false }));
    expect(await open()).toEqual([]);
  });

  test('notes what is due for CleanUpZoom with the close of the job, or not at all', async () => {
    const due = async () => (await jobs.dueCleanUps(100)).filter((one) => one.jobId === jobId);
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.announce(announcement(jobId, [file('a'), file('b')]));
    expect(await jobs.close(jobId, 1, 'done', undefined, { cleanUpAfterDays: 2 })).toBe(false);
    clock.now += 3 * 24 * hour;
    expect(await due()).toEqual([]);

    await jobs.see(jobId, 2);
    expect(await jobs.close(jobId, 1, 'done', undefined, { cleanUpAfterDays: 2 })).toBe(true);
    const archivedUntil = now().toISOString();
    expect((await jobs.get(jobId))?.status).toBe('done');
    clock.now += 2 * 24 * hour - 1;
    expect(await due()).toEqual([]);
    clock.now += 2;
    const [row] = await due();
    expect(row).toMatchObject({ jobId, archivedUntil, tries: 0 });
    if (row) await jobs.postponeCleanUp(row, 1);
    expect(await due()).toEqual([]);
    clock.now += 24 * hour + 1;
    const [again] = await due();
    expect(again).toMatchObject({ jobId, archivedUntil, tries: 1 });
    if (again) await jobs.finishCleanUp(again);
    expect(await due()).toEqual([]);
  });

  test('hands out what is due the oldest first, and so many at most', async () => {
    for (const which of ['a', 'b', 'c']) {
      await jobs.announce(announcement(`${jobId}-${which}`, [file('a')]));
      await jobs.close(`${jobId}-${which}`, 1, 'done', undefined, { cleanUpAfterDays: 1 });
      clock.now += 1_000;
    }
    clock.now += 24 * hour;
    const found = await jobs.dueCleanUps(2);
    expect(found.map((one) => one.jobId)).toEqual([`${jobId}-a`, `${jobId}-b`]);
    for (const one of await jobs.dueCleanUps(10)) await jobs.finishCleanUp(one);
  });

  test('notes what was cleaned on a file that is archived, and on no other', async () => {
    await jobs.planFile(planned(jobId, 'a'));
    expect(await jobs.fileCleaned(jobId, 'a')).toBe(false);
    await jobs.fileArchived(jobId, 'a');
    expect(await jobs.fileCleaned(jobId, 'a')).toBe(true);
    expect((await jobs.file(jobId, 'a'))?.cleanedAt).toBe(now().toISOString());
  });

  test('knows which jobs have put something into a folder', async () => {
    const other = `${jobId}-other`;
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.announce(announcement(jobId, [file('a')], { jobId: other }));
    expect(await jobs.jobsOfFolder(`${jobId}/9/`)).toEqual([]);
    await jobs.claimFolder(jobId, 'uuid-1', `${jobId}/9/`);
    await jobs.claimFolder(other, 'uuid-1', `${jobId}/9/`);
    await jobs.claimFolder(other, 'uuid-2', `${jobId}/9/`);
    expect((await jobs.jobsOfFolder(`${jobId}/9/`)).sort()).toEqual([jobId, other]);
  });
});
