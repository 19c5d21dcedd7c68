import { describe, expect, test } from '@jest/globals';
import { executionNameOf } from '../../../core/keys.ts';
import { explain } from '../../../core/step/failures.ts';
import { closeJob } from '../../../functions/recording/close-job/close-job.ts';
import { planDownload } from '../../../functions/recording/plan-download/plan-download.ts';
import { planPorts } from '../../fakes/copies.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { announcedFile, announcementOf, archive } from '../../fakes/recordings.ts';

const jobId = 'zoom-1';

const setUp = () => {
  const jobs = fakeJobs();
  return {
    jobs,
    announce: (...ids: string[]) =>
      jobs.announce(
        announcementOf(
          jobId,
          ids.map((id) => announcedFile(id)),
        ),
      ),
    plan: () => planDownload(planPorts(jobs))({ jobId }, new AbortController().signal),
    close: (attempt = 1, executionName = executionNameOf(jobId, attempt)) =>
      closeJob({ jobs })({ jobId, executionName }),
  };
};

const archivedJob = async () => {
  const set = setUp();
  await set.announce('a', 'b');
  await set.plan();
  await archive(set.jobs, jobId);
  return set;
};

describe('CloseJob', () => {
  test('closes a job whose files are all archived, and does so once', async () => {
    const { close, jobs } = await archivedJob();
    expect(await close()).toEqual({ isComplete: true });
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ status: 'done', closedAt: expect.any(String) });
    expect(await close()).toEqual({ isComplete: true });
    expect(await jobs.get(jobId)).toEqual(job);
  });

  test('closes a job of which some files could not be had', async () => {
    const { jobs, announce, plan, close } = setUp();
    await announce('a', 'b');
    await plan();
    await archive(jobs, jobId, ['a']);
    await jobs.fileMissing(jobId, 'b', 'gone');
    expect(await close()).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('done');
  });

  test('fails when nothing could be had, and names the first reason', async () => {
    const { jobs, announce, plan, close } = setUp();
    await announce('a', 'b');
    await plan();
    for (const id of ['a', 'b']) await jobs.fileMissing(jobId, id, `gone ${id}`);
    await expect(close()).rejects.toThrow('ALL_FILES_MISSING: 2 files; the first: gone a');
  });

  test('sends the machine round again for files announced since', async () => {
    const { close, announce, jobs, plan } = await archivedJob();
    await announce('c');
    expect(await close()).toEqual({ isComplete: false });
    expect((await jobs.get(jobId))?.status).toBe('running');
    await plan();
    await archive(jobs, jobId);
    expect(await close()).toEqual({ isComplete: true });
  });

  test('goes round again, too, when news come between its look and its write', async () => {
    const { close, announce, jobs } = await archivedJob();
    const { files } = jobs;
    jobs.files = async (id) => {
      jobs.files = files;
      await announce('c');
      return files(id);
    };
    expect(await close()).toEqual({ isComplete: false });
    expect((await jobs.get(jobId))?.status).toBe('running');
  });

  test('does not take files for done that were seen but never planned', async () => {
    const { close, announce, jobs } = await archivedJob();
    await announce('c');
    await jobs.see(jobId, 2);
    expect(await close()).toEqual({ isComplete: false });
  });

  test('is tried again while a planned file is neither archived nor missing', async () => {
    const { jobs, announce, plan, close } = setUp();
    await announce('a', 'b');
    await plan();
    await archive(jobs, jobId, ['a']);
    await expect(close()).rejects.toMatchObject({ name: 'TransientError' });
  });

  test('closes a job that was marked as failed while it went on after all', async () => {
    const { close, jobs } = await archivedJob();
    await jobs.fail(jobId, 1, explain('UNEXPLAINED', 'told late'));
    expect(await close()).toEqual({ isComplete: true });
    const job = await jobs.get(jobId);
    expect(job?.status).toBe('done');
    expect(job).not.toHaveProperty('failure');
  });

  test('of an earlier attempt leaves the work that is left to the later one', async () => {
    const { close, announce, jobs, plan } = await archivedJob();
    await close();
    await announce('c');
    for (const step of [() => Promise.resolve(), plan]) {
      await step();
      expect(await close(1)).toEqual({ isComplete: true });
      expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2 });
    }
    await archive(jobs, jobId);
    expect(await close(2)).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('done');
  });

  test('closes the job, whatever its execution is called, when nothing is left to do', async () => {
    const { close, jobs } = await archivedJob();
    expect(await close(1, 'started-beside-it')).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('done');
  });

  test('has nothing to do for a job that was rejected', async () => {
    const { close, jobs } = await archivedJob();
    await jobs.close(jobId, 1, 'rejected', 'short');
    expect(await close()).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('rejected');
  });

  test('of a job that was started by hand goes by any name', async () => {
    const { jobs, plan, close } = setUp();
    await jobs.announce(announcementOf(jobId, [announcedFile('a')], { origin: 'hand', reopens: false }));
    await plan();
    await archive(jobs, jobId);
    expect(await close(1, 'my-test')).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('done');
  });

  test('refuses a job that has no row', async () => {
    await expect(setUp().close()).rejects.toThrow(/^BAD_INPUT: jobId: there is no job/);
  });
});
