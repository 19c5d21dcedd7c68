import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { transitions, type JobStatus } from '../../../core/job/job.ts';
import type { JobTable } from '../../../core/job/table.ts';
import { explain } from '../../../core/step/failures.ts';
import { announcement, clock, file, now, kinds, startTable, type StartedTable } from './open-table.ts';

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

  test('knows nothing of a job that was never announced', async () => {
    expect([await jobs.get(jobId), await jobs.file(jobId, 'f'), await jobs.host(jobId)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([await jobs.files(jobId), await jobs.announcedFiles(jobId)]).toEqual([[], []]);
    expect([
      await jobs.see(jobId, 1),
      await jobs.close(jobId, 1, 'done'),
      await jobs.fail(jobId, 1, explain('UNEXPLAINED', '')),
      await jobs.reopenForNews(jobId, 1, 1),
      await jobs.releaseMail(jobId, { kind: 'summary', recipient: 'r' }),
      await jobs.mailSent(jobId, { kind: 'summary', recipient: 'r' }, 'm'),
      await jobs.mailsDone(jobId, 'summary'),
      await jobs.fileReceived(jobId, 'f', { bytes: 1, crc32: 'x' }),
      await jobs.fileArchived(jobId, 'f'),
      await jobs.fileMissing(jobId, 'f', 'gone'),
    ]).toEqual(Array(10).fill(false));
    await jobs.progress(jobId, 'PlanDownload');
    expect(await jobs.get(jobId)).toBeUndefined();
  });

  test('opens a job for what is announced first, and adds what is new', async () => {
    expect(await jobs.announce(announcement(jobId, [file('a')]))).toEqual({
      jobId,
      attempt: 1,
      status: 'running',
      newFiles: 1,
    });
    expect(await jobs.get(jobId)).toMatchObject({
      ...{ status: 'running', attempt: 1, revision: 1, seenRevision: 1, topic: 'Reading room', accountId: 'account' },
      ...{ files: new Set(['a']), notes: [], attemptAt: now().toISOString(), meetingId: '85746065432' },
    });
    expect(await jobs.announce(announcement(jobId, [file('a'), file('b')]))).toMatchObject({ attempt: 1, newFiles: 1 });
    expect(await jobs.get(jobId)).toMatchObject({ revision: 2, seenRevision: 1, files: new Set(['a', 'b']) });
    expect((await jobs.announcedFiles(jobId)).sort((x, y) => (x.fileId < y.fileId ? -1 : 1))).toEqual([
      file('a'),
      file('b'),
    ]);
  });

  test('takes a repeated announcement for none', async () => {
    await jobs.announce(announcement(jobId, [file('a'), file('b')]));
    const before = await jobs.get(jobId);
    expect(await jobs.announce(announcement(jobId, [file('b')], { topic: 'Another' }))).toMatchObject({
      newFiles: 0,
      attempt: 1,
    });
    expect(await jobs.get(jobId)).toEqual(before);
  });

  test('opens a job without files too', async () => {
    expect(await jobs.announce(announcement(jobId, []))).toMatchObject({ newFiles: 0, status: 'running' });
    expect(await jobs.get(jobId)).toMatchObject({ files: new Set(), revision: 1 });
    await jobs.announce(announcement(jobId, [file('a')]));
    expect((await jobs.get(jobId))?.files).toEqual(new Set(['a']));
  });

  test('learns what an announcement lacked from a later one, but changes nothing that it knows', async () => {
    const { topic: _topic, hostEmail: _host, ...bare } = announcement(jobId, [file('a')], { durationMinutes: 0 });
    await jobs.announce(bare);
    expect(await jobs.host(jobId)).toBeUndefined();
    const whole = {
      topic: 'T',
      hostEmail: 'ada@example.org',
      meetingId: '1',
      timezone: 'Europe/Zurich',
      durationMinutes: 31,
    };
    await jobs.announce(announcement(jobId, [file('a')], { ...whole, reopens: false }));
    expect(await jobs.get(jobId)).toMatchObject({
      ...{ topic: 'T', meetingId: '85746065432', timezone: 'Europe/Zurich', durationMinutes: 31 },
      ...{ revision: 1, seenRevision: 1, status: 'running' },
    });
    await jobs.announce(announcement(jobId, [file('b')], { hostEmail: 'eve@example.org', durationMinutes: 1 }));
    expect(await jobs.host(jobId)).toBe('ada@example.org');
    expect(await jobs.get(jobId)).toMatchObject({ durationMinutes: 31, revision: 2 });
  });

  test('opens the next attempt for new files of a closed job, and forgets how it ended', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.close(jobId, 1, 'rejected', 'too short');
    clock.now += 1_000;
    expect(await jobs.announce(announcement(jobId, [file('b')]))).toEqual({
      jobId,
      attempt: 2,
      status: 'running',
      newFiles: 1,
    });
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ attempt: 2, revision: 2, seenRevision: 2, attemptAt: now().toISOString() });
    for (const gone of ['reason', 'closedAt', 'failure']) expect(job).not.toHaveProperty(gone);
  });

  test('leaves a closed job closed for what the machine itself finds', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.close(jobId, 1, 'done');
    expect(await jobs.announce(announcement(jobId, [file('b')], { reopens: false }))).toMatchObject({
      status: 'done',
      newFiles: 0,
    });
    expect((await jobs.get(jobId))?.files).toEqual(new Set(['a']));
  });

  const reach: Record<JobStatus, () => Promise<unknown>> = {
    running: () => Promise.resolve(),
    done: () => jobs.close(jobId, 1, 'done'),
    rejected: () => jobs.close(jobId, 1, 'rejected', 'why'),
    failed: () => jobs.fail(jobId, 1, explain('UNEXPLAINED', 'x')),
  };
  const statuses = Object.keys(transitions) as JobStatus[];
  test.each(statuses.flatMap((from) => statuses.filter((to) => to !== 'running').map((to) => [from, to] as const)))(
    'takes a job from %s to %s only if the transitions allow it',
    async (from, to) => {
      await jobs.announce(announcement(jobId, [file('a')]));
      await reach[from]();
      const before = await jobs.get(jobId);
      expect(before?.status).toBe(from);
      const isAllowed = (transitions[from] as readonly string[]).includes(to);
      expect(await reach[to]()).toBe(isAllowed);
      if (isAllowed) expect((await jobs.get(jobId))?.status).toBe(to);
      else expect(await jobs.get(jobId)).toEqual(before);
    },
  );

  test('lets no attempt but the present one, and no one behind the news, close the job', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    expect(await jobs.close(jobId, 2, 'done')).toBe(false);
    await jobs.announce(announcement(jobId, [file('b')]));
    expect(await jobs.close(jobId, 1, 'done')).toBe(false);
    expect(await jobs.close(jobId, 1, 'rejected', 'short')).toBe(false);
    await jobs.see(jobId, 2);
    expect(await jobs.close(jobId, 1, 'done')).toBe(true);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'done', closedAt: now().toISOString() });
  });

  test('takes a failed job back to running by the progress of its redrive, and no other', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.fail(jobId, 1, explain('ZOOM_REFUSED', 'no'));
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', failure: { code: 'ZOOM_REFUSED', detail: 'no' } });
    await jobs.progress(jobId, 'DownloadPart');
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ status: 'running', step: 'DownloadPart', stepAt: now().toISOString(), attempt: 1 });
    for (const gone of ['failure', 'closedAt']) expect(job).not.toHaveProperty(gone);
    await jobs.close(jobId, 1, 'done');
    await jobs.progress(jobId, 'CloseJob');
    expect(await jobs.get(jobId)).toMatchObject({ status: 'done', step: 'DownloadPart' });
  });

  test('hears of no function that the end of its execution has overtaken, and of no earlier attempt', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    const go = (attempt: number, redrives: number) => jobs.progress(jobId, 'DownloadPart', { attempt, redrives });
    const status = async () => (await jobs.get(jobId))?.status;
    await go(1, 0);
    await jobs.fail(jobId, 1, explain('STOPPED_BY_OPERATOR', ''), 0);
    await go(1, 0);
    expect(await status()).toBe('failed');
    await go(1, 1);
    expect(await status()).toBe('running');
    // Told late: the redrive is at work.
    expect(await jobs.fail(jobId, 1, explain('UNEXPLAINED', ''), 0)).toBe(false);
    expect(await jobs.fail(jobId, 1, explain('UNEXPLAINED', ''), 1)).toBe(true);

    await jobs.announce(announcement(jobId, [file('b')]));
    await go(2, 0);
    await jobs.fail(jobId, 2, explain('UNEXPLAINED', ''), 0);
    await go(1, 2);
    expect(await status()).toBe('failed');
    await go(2, 1);
    expect(await status()).toBe('running');
  });

  test('learns of files from the look of a redriven machine without being opened by it', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.fail(jobId, 1, explain('UNEXPLAINED', 'x'), 0);
    await jobs.announce({ ...announcement(jobId, [file('a'), file('b')]), reopens: false });
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ status: 'failed', attempt: 1, files: new Set(['a', 'b']) });
    expect(job?.failure).toMatchObject({ code: 'UNEXPLAINED' });
  });

  test('reopens a failed job once for the news that its attempt did not see', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.announce(announcement(jobId, [file('b')]));
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(false);
    await jobs.fail(jobId, 1, explain('UNEXPLAINED', ''));
    expect(await jobs.reopenForNews(jobId, 1, 1)).toBe(false);
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(true);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2, seenRevision: 2 });
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(false);
    await jobs.fail(jobId, 2, explain('UNEXPLAINED', ''));
    expect(await jobs.reopenForNews(jobId, 2, 2)).toBe(false);
  });
});
