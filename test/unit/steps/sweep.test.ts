import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executionNameOf, jobIdOf } from '../../../core/keys.ts';
import { sweep, type FoundExecution, type OpenUpload } from '../../../functions/events/sweep/sweep.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { announcedFile, announcementOf, meetingUuid } from '../../fakes/recordings.ts';

const jobId = jobIdOf('account', meetingUuid);
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:recording:${name}`;
const minute = 60_000;

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

const setUp = () => {
  const clock = { now: Date.parse('2026-01-12T16:00:00Z') };
  const now = () => new Date(clock.now);
  const jobs = fakeJobs(now);
  const found = new Map<string, FoundExecution>();
  const started: string[] = [];
  const calls = { running: 0, describe: 0 };
  const uploads: (OpenUpload & { initiated: number })[] = [];
  const run = sweep({
    jobs,
    machine: { start: async (id, attempt) => void started.push(executionNameOf(id, attempt)) },
    executions: {
      arnOf,
      running: async () => {
        calls.running += 1;
        return [...found.values()].filter(({ status }) => status === 'RUNNING').map((one) => one.executionArn);
      },
      describe: async (arn) => {
        calls.describe += 1;
        return found.get(arn);
      },
    },
    uploads: {
      openedBefore: async (moment) => uploads.filter(({ initiated }) => initiated < moment.getTime()),
      abort: async ({ uploadId }) =>
        void uploads.splice(
          uploads.findIndex((one) => one.uploadId === uploadId),
          1,
        ),
    },
    now,
  });
  return {
    ...{ clock, jobs, found, started, calls, uploads },
    run: () => run({}),
    announce: (...ids: string[]) =>
      jobs.announce(
        announcementOf(
          jobId,
          ids.map((id) => announcedFile(id)),
        ),
      ),
    execution: (about: Partial<FoundExecution> = {}, name = executionNameOf(jobId, 1)) =>
      found.set(arnOf(name), {
        ...{ executionArn: arnOf(name), name, status: 'RUNNING', input: '{}', redriveCount: 0 },
        ...about,
      }),
  };
};

describe('the sweep, of jobs', () => {
  test('reads the index, and nothing else where no job runs', async () => {
    const { run, calls } = setUp();
    await run();
    expect(calls).toEqual({ running: 0, describe: 0 });
  });

  test('starts the execution of a job whose webhook died before it could', async () => {
    const { announce, clock, run, started } = setUp();
    await announce('a');
    clock.now += 9 * minute;
    await run();
    expect(started).toEqual([]);
    clock.now += 2 * minute;
    await run();
    expect(started).toEqual([executionNameOf(jobId, 1)]);
    expect(captured.text()).toContain('"finding":"job-without-execution"');
  });

  test('leaves alone a job that is at work, without asking for it by itself', async () => {
    const { announce, clock, execution, run, started, calls, jobs } = setUp();
    await announce('a');
    execution();
    clock.now += 11 * 60 * minute;
    await run();
    expect(started).toEqual([]);
    expect(calls).toEqual({ running: 1, describe: 0 });
    expect((await jobs.get(jobId))?.status).toBe('running');
  });

  test('closes a job whose end was never told, with the failure that the end had', async () => {
    const { announce, clock, execution, run, jobs } = setUp();
    await announce('a');
    const cause = JSON.stringify({ errorType: 'PermanentError', errorMessage: 'ZOOM_REFUSED: no such client' });
    clock.now += 30 * minute;
    execution({ status: 'FAILED', error: 'PermanentError', cause, stoppedAt: new Date(clock.now - 5 * minute) });
    await run();
    expect((await jobs.get(jobId))?.status).toBe('running');
    clock.now += 6 * minute;
    await run();
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', failure: { code: 'ZOOM_REFUSED' } });
    expect(captured.text()).toContain('"finding":"end-never-told"');
  });

  test('opens the next attempt where files were announced to one whose end was never told', async () => {
    const { announce, clock, execution, run, jobs, started } = setUp();
    await announce('a');
    await announce('a', 'b');
    clock.now += 30 * minute;
    execution({ status: 'TIMED_OUT', stoppedAt: new Date(clock.now - 20 * minute) });
    await run();
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2 });
    expect(started).toEqual([executionNameOf(jobId, 2)]);
  });

  test('closes a job that its execution left open although it ended well', async () => {
    const { announce, clock, execution, run, jobs } = setUp();
    await announce('a');
    clock.now += 30 * minute;
    execution({ status: 'SUCCEEDED', stoppedAt: new Date(clock.now - 20 * minute) });
    await run();
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', failure: { code: 'UNEXPLAINED' } });
  });

  test('does nothing to a job that has ended, or gone on to another attempt, since the index was read', async () => {
    const { announce, clock, run, jobs, started } = setUp();
    await announce('a');
    clock.now += 30 * minute;
    const openJobs = await jobs.openJobs(new Date(clock.now));
    await jobs.close(jobId, 1, 'done');
    jobs.openJobs = () => Promise.resolve(openJobs);
    await run();
    await announce('a', 'b');
    await run();
    expect(started).toEqual([]);
    expect((await jobs.get(jobId))?.attempt).toBe(2);
  });

  test('knows the execution of a job that was started by hand by its own name', async () => {
    const { clock, execution, jobs, run, started } = setUp();
    const executionArn = arnOf('by-hand');
    const announcement = { ...announcementOf('hand-1', []), origin: 'hand' as const, executionArn };
    await jobs.announce(announcement);
    execution({}, 'by-hand');
    clock.now += 30 * minute;
    await run();
    expect(started).toEqual([]);
    execution(
      { status: 'ABORTED', stoppedAt: new Date(clock.now - 20 * minute), input: '{"jobId":"hand-1"}' },
      'by-hand',
    );
    await run();
    expect((await jobs.get('hand-1'))?.failure?.code).toBe('STOPPED_BY_OPERATOR');
  });
});

describe('the sweep, of uploads', () => {
  const planned = async ({ jobs, announce }: ReturnType<typeof setUp>, uploadId: string): Promise<void> => {
    await announce('a');
    await jobs.claimFolder(jobId, meetingUuid, '1/2/');
    await jobs.planFile({
      ...{ jobId, fileId: 'a', fileType: 'MP4', extension: 'mp4', recordingStart: '2026-01-12T15:00:14Z' },
      ...{ segment: 0, view: 'v', key: '1/2/000-v.mp4', status: 'planned' },
    });
    await jobs.fileUpload(jobId, 'a', { uploadId });
  };

  test('aborts, a day later, what no file waits for, and nothing else', async () => {
    const set = setUp();
    await planned(set, 'mine');
    const initiated = set.clock.now;
    const open = (uploadId: string, key = '1/2/000-v.mp4') => set.uploads.push({ key, uploadId, initiated });
    open('mine');
    open('forgotten');
    open('elsewhere', 'nobody/knows/this.mp4');
    set.clock.now += 24 * 60 * minute;
    await set.run();
    expect(set.uploads).toHaveLength(3);
    set.clock.now += minute;
    await set.run();
    expect(set.uploads.map(({ uploadId }) => uploadId)).toEqual(['mine']);
    expect(captured.text().match(/"finding":"upload-without-owner"/g)).toHaveLength(2);
  });

  test('aborts what its file no longer waits for', async () => {
    const set = setUp();
    await planned(set, 'mine');
    await set.jobs.fileArchived(jobId, 'a');
    set.uploads.push({ key: '1/2/000-v.mp4', uploadId: 'mine', initiated: set.clock.now });
    set.clock.now += 24 * 60 * minute + 1;
    await set.run();
    expect(set.uploads).toEqual([]);
  });

  test('looks for them once an hour', async () => {
    const set = setUp();
    set.uploads.push({ key: 'x/y.mp4', uploadId: 'old', initiated: 0 });
    set.clock.now += 5 * minute;
    await set.run();
    expect(set.uploads).toHaveLength(1);
    set.clock.now += 55 * minute;
    await set.run();
    expect(set.uploads).toEqual([]);
  });
});
