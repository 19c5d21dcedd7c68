import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executionNameOf, jobIdOf, jobIdOfExecution, startedByOf } from '../../../core/keys.ts';
import { event, executionEnded } from '../../../functions/events/execution-ended/execution-ended.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { announcedFile, announcementOf, meetingUuid } from '../../fakes/recordings.ts';

const jobId = jobIdOf('account', meetingUuid);
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:recording:${name}`;

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

const setUp = () => {
  const jobs = fakeJobs();
  const started: string[] = [];
  const machine = {
    start: (id: string, attempt: number) => Promise.resolve(void started.push(executionNameOf(id, attempt))),
  };
  const run = executionEnded({ jobs, machine });
  return {
    jobs,
    started,
    announce: (...ids: string[]) =>
      jobs.announce(
        announcementOf(
          jobId,
          ids.map((id) => announcedFile(id)),
        ),
      ),
    end: (about: Record<string, unknown> = {}, name = executionNameOf(jobId, 1)) =>
      run(event.parse({ detail: { executionArn: arnOf(name), name, status: 'FAILED', input: '{}', ...about } })),
  };
};

const refused = {
  error: 'PermanentError',
  cause: JSON.stringify({ errorType: 'PermanentError', errorMessage: 'ZOOM_REFUSED: no such client', trace: [] }),
};

describe('an execution that ended badly', () => {
  test.each([
    [refused, 'ZOOM_REFUSED', 'no such client'],
    [{ error: 'TransientError', cause: '{"errorMessage":"Zoom answered 503"}' }, 'STILL_FAILING', 'Zoom answered 503'],
    [{ error: null, cause: null }, 'UNEXPLAINED', ''],
    [{ status: 'TIMED_OUT' }, 'TOOK_TOO_LONG', ''],
    [{ status: 'ABORTED', error: 'Me', cause: 'for maintenance' }, 'STOPPED_BY_OPERATOR', 'for maintenance'],
  ])('with %j writes code, detail, sentence and action to its job', async (about, code, detail) => {
    const { announce, end, jobs, started } = setUp();
    await announce('a');
    await end(about);
    expect(await jobs.get(jobId)).toMatchObject({
      status: 'failed',
      failure: { code, detail, sentence: expect.stringMatching(/\.$/), action: expect.stringMatching(/\.$/) },
    });
    expect(started).toEqual([]);
    expect(captured.entries().at(-1)).toMatchObject({
      level: 'error',
      message: 'recording failed',
      jobId,
      attempt: 1,
      code,
    });
  });

  test('is told twice to no other effect', async () => {
    const { announce, end, jobs } = setUp();
    await announce('a');
    await end(refused);
    const job = await jobs.get(jobId);
    await end(refused);
    expect(await jobs.get(jobId)).toEqual(job);
  });

  test('leaves a job alone that was closed, or that a later attempt has', async () => {
    const { announce, end, jobs, started } = setUp();
    await announce('a');
    await jobs.close(jobId, 1, 'done');
    await end(refused);
    expect((await jobs.get(jobId))?.status).toBe('done');
    await announce('b');
    await end(refused);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2 });
    // The start of that attempt may have been lost: it is harmless to say it again.
    expect(started).toEqual([`${jobId}-2`]);
  });

  test('starts the next attempt for files that it did not see, exactly once', async () => {
    const { announce, end, jobs, started } = setUp();
    await announce('a');
    await announce('b');
    await end(refused);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2, revision: 2, seenRevision: 2 });
    expect(started).toEqual([`${jobId}-2`]);
    await end(refused);
    expect(new Set(started)).toEqual(new Set([`${jobId}-2`]));
    await end(refused, `${jobId}-2`);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', attempt: 2 });
    await end(refused, `${jobId}-2`);
    await end(refused, `${jobId}-1`);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', attempt: 2, failure: { code: 'ZOOM_REFUSED' } });
    expect(new Set(started)).toEqual(new Set([`${jobId}-2`]));
  });

  test('starts the next attempt for files announced while its end is dealt with', async () => {
    const { announce, end, jobs, started } = setUp();
    await announce('a');
    const { fail } = jobs;
    jobs.fail = async (...told) => {
      jobs.fail = fail;
      await announce('b');
      return fail(...told);
    };
    await end(refused);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2 });
    expect(started).toEqual([`${jobId}-2`]);
  });

  test('starts the next attempt again when that start failed', async () => {
    const { announce, jobs, started, end } = setUp();
    await announce('a');
    await announce('b');
    const broken = executionEnded({ jobs, machine: { start: () => Promise.reject(new Error('throttled')) } });
    const name = executionNameOf(jobId, 1);
    const told = event.parse({ detail: { executionArn: arnOf(name), name, status: 'FAILED', ...refused } });
    await expect(broken(told)).rejects.toThrow('throttled');
    await end(refused);
    expect(started).toEqual([`${jobId}-2`]);
  });

  test('that a person started with a uuid is known by its ARN', async () => {
    const { jobs, end } = setUp();
    const handId = jobIdOfExecution(arnOf('my-test'));
    await jobs.announce(announcementOf(handId, [], { origin: 'hand' }));
    await end({ ...refused, input: JSON.stringify({ meetingUuid }) }, 'my-test');
    expect(await jobs.get(handId)).toMatchObject({ status: 'failed', failure: { code: 'ZOOM_REFUSED' } });
  });

  test('that is the second attempt of such a job is known by its name', async () => {
    const { jobs, end, started } = setUp();
    const handId = jobIdOfExecution(arnOf('my-test'));
    await jobs.announce(announcementOf(handId, [], { origin: 'hand' }));
    await jobs.announce(announcementOf(handId, [announcedFile('a')], { origin: 'hand', reopens: false }));
    await end(refused, 'my-test');
    expect(started).toEqual([`${handId}-2`]);
    await end(refused, `${handId}-2`);
    expect(await jobs.get(handId)).toMatchObject({ status: 'failed', attempt: 2 });
  });

  test('that a person started with a job is known by its input', async () => {
    const { announce, jobs, end } = setUp();
    await announce('a');
    await end({ ...refused, input: JSON.stringify({ jobId }) }, 'again-by-hand');
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', attempt: 1 });
  });

  test.each([[{}], [{ input: 'not JSON' }], [{ input: '{"jobId":7}' }], [{ input: null }], [{ input: undefined }]])(
    'with %j and no job is noted, and nothing more',
    async (about) => {
      const { end, started } = setUp();
      await end({ ...refused, ...about }, 'somebody-elses');
      expect(started).toEqual([]);
      expect(captured.entries().at(-1)).toMatchObject({
        level: 'warn',
        execution: 'somebody-elses',
        code: 'ZOOM_REFUSED',
      });
    },
  );
});

describe('a media task', () => {
  test('that the execution left at work is stopped, and none of a later go', async () => {
    const jobs = fakeJobs();
    await jobs.announce(announcementOf(jobId, [announcedFile('a')]));
    const executionArn = arnOf(executionNameOf(jobId, 1));
    const running = new Map([
      ['arn:task/mine', startedByOf(jobId, executionArn, 0)],
      ['arn:task/redriven', startedByOf(jobId, executionArn, 1)],
    ]);
    const tasks = {
      find: async (startedBy: string) => [...running].flatMap(([arn, by]) => (by === startedBy ? [arn] : [])),
      stop: async (arn: string) => void running.delete(arn),
    };
    const run = executionEnded({ jobs, tasks, machine: { start: () => Promise.resolve() } });
    const detail = { executionArn, name: executionNameOf(jobId, 1), status: 'ABORTED', redriveCount: 0 };
    await run(event.parse({ detail }));
    expect([...running.keys()]).toEqual(['arn:task/redriven']);
    expect((await jobs.get(jobId))?.failure?.code).toBe('STOPPED_BY_OPERATOR');
  });
});
