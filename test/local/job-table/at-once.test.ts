import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JobTable } from '../../../core/job/table.ts';
import { explain } from '../../../core/step/failures.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import {
  accessTo,
  announcement,
  file,
  files,
  now,
  planned,
  kinds,
  startTable,
  type StartedTable,
} from './open-table.ts';

const mail = { kind: 'summary', recipient: 'r' } as const;

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

describe.each(kinds)('the job table %s', (kind) => {
  let jobs: JobTable;
  beforeEach(() => {
    jobs = table.open(kind);
  });

  test('loses none of twenty announcements at once, of the same files and of different ones', async () => {
    const lists = Array.from({ length: 20 }, (_, index) => [file('shared'), file(`own-${index % 10}`)]);
    const told = await Promise.all(
      lists.map((list) => jobs.announce(announcement(jobId, list, { access: accessTo(list, 'token', 600) }))),
    );
    expect(told.map(({ attempt, status }) => [attempt, status])).toEqual(Array(20).fill([1, 'running']));
    expect(told.reduce((sum, { newFiles }) => sum + newFiles, 0)).toBe(11);
    const job = await jobs.get(jobId);
    expect(job?.files.size).toBe(11);
    // One for each announcement that named a new file.
    expect(job?.revision).toBe(10);
    expect(await jobs.announcedFiles(jobId)).toHaveLength(11);
    for (const id of job?.files ?? []) expect(await jobs.access(jobId, id)).toBeDefined();
  });

  test('either closes a job before news or not at all', async () => {
    for (let round = 0; round < 8; round += 1) {
      jobId = `zoom-${count}-race-${round}`;
      await jobs.announce(announcement(jobId, [file('a')]));
      const [told, closed] = await Promise.all([
        jobs.announce(announcement(jobId, [file('b')])),
        jobs.close(jobId, 1, 'done'),
      ]);
      const job = await jobs.get(jobId);
      expect(job).toMatchObject({ status: 'running', attempt: closed ? 2 : 1, revision: 2 });
      expect(told).toMatchObject({ attempt: job?.attempt, newFiles: 1 });
      expect(job?.seenRevision === job?.revision).toBe(closed);
    }
  });

  test('holds a recording of 1,000 files', async () => {
    const list = files(1_000);
    expect(await jobs.announce(announcement(jobId, list, { access: accessTo(list, 'token', 600) }))).toMatchObject({
      newFiles: 1_000,
    });
    expect(await jobs.announce(announcement(jobId, list))).toMatchObject({ newFiles: 0 });
    expect((await jobs.get(jobId))?.files.size).toBe(1_000);
    expect(await jobs.announcedFiles(jobId)).toHaveLength(1_000);
    expect(await jobs.access(jobId, 'f999')).toEqual({ url: 'https://zoom.us/f999?token', token: 'token' });
    await Promise.all(list.slice(0, 100).map(({ fileId }) => jobs.planFile(planned(jobId, fileId))));
    expect(await jobs.files(jobId)).toHaveLength(100);
  });

  test('does the same as the table in memory, whatever happens in whatever order', async () => {
    const some = fc.subarray(['a', 'b', 'c', 'constructor'], { minLength: 1 }).map((ids) => ids.map((id) => file(id)));
    const attempt = fc.integer({ min: 1, max: 3 });
    const action = fc.oneof(
      fc
        .record({
          list: some,
          about: fc.constantFrom({}, { reopens: false }, { durationMinutes: 7 }, { hostEmail: 'b@example.org' }),
        })
        .map(
          ({ list, about }) =>
            async (table: JobTable) =>
              table.announce(announcement(jobId, list, { ...about, access: accessTo(list, 't', 600) })),
        ),
      attempt.map((ours) => async (table: JobTable) => table.close(jobId, ours, 'done')),
      attempt.map((ours) => async (table: JobTable) => table.close(jobId, ours, 'rejected', 'why')),
      attempt.map((ours) => async (table: JobTable) => table.fail(jobId, ours, explain('UNEXPLAINED', 'x'))),
      attempt.map(
        (ours) => async (table: JobTable) => table.reopenForNews(jobId, ours, (await table.get(jobId))?.revision ?? 0),
      ),
      fc.constant(async (table: JobTable) => table.see(jobId, (await table.get(jobId))?.revision ?? 0)),
      fc.constant(async (table: JobTable) => table.progress(jobId, 'PlanDownload')),
      fc.constant(async (table: JobTable) => table.claimMail(jobId, mail, 'ada@example.org', now())),
      fc.constant(async (table: JobTable) => table.releaseMail(jobId, mail)),
      fc.constant(async (table: JobTable) => table.mailSent(jobId, mail, 'm')),
      fc.constant(async (table: JobTable) => table.mailsDone(jobId, 'summary')),
      fc.constant(async (table: JobTable) => table.planFile(planned(jobId, 'a'))),
      fc.constant(async (table: JobTable) => table.fileArchived(jobId, 'a')),
      fc.constant(async (table: JobTable) => table.fileMissing(jobId, 'a', 'gone')),
    );
    const told = async (table: JobTable) => {
      const {
        sealedHost,
        updatedAt: _at,
        ...job
      } = (await table.get(jobId)) ?? { sealedHost: undefined, updatedAt: '' };
      const access = await table.access(jobId, 'constructor');
      return {
        job,
        hasHost: sealedHost !== undefined,
        host: await table.host(jobId),
        files: await table.files(jobId),
        access,
      };
    };
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 15 }), async (actions) => {
        run += 1;
        jobId = `zoom-${count}-model-${run}`;
        const model = fakeJobs(now);
        for (const act of actions) expect(await act(jobs)).toEqual(await act(model));
        expect(await told(jobs)).toEqual(await told(model));
      }),
      { numRuns: 20 },
    );
  });
});

test('an announcement that DynamoDB refuses for good is not tried again and again', async () => {
  const jobs = table.open('on DynamoDB');
  const tooLong = file('x'.repeat(2_000), { fileName: 'y'.repeat(500_000) });
  await expect(jobs.announce(announcement(jobId, [tooLong]))).rejects.not.toThrow(/too many/);
});
