import { describe, expect, test } from '@jest/globals';
import { clientTokenOf, startedByOf } from '../../../core/keys.ts';
import type { MediaTask } from '../../../core/job/media-task.ts';
import { launchMediaTask, type Ports } from '../../../functions/recording/launch-media-task/launch-media-task.ts';

const jobId = 'zoom-0123456789abcdef01234567';
const executionArn = `arn:aws:states:eu-west-1:1:execution:recording:${jobId}-1`;
const startedBy = startedByOf(jobId, executionArn, 0);
const launch = (taskToken: string, more: object = {}) => ({
  jobId,
  taskToken,
  planKey: 'jobs/plan.json',
  executionArn,
  redriveCount: 0,
  ...more,
});

/** A row, and a cluster that starts, lists and stops. */
const setUp = (broken: Partial<NonNullable<Ports['tasks']>> = {}) => {
  const state: { row?: MediaTask | undefined } = {};
  const running = new Map<string, string>();
  const stopped = new Map<string, { code: string; reason: string }>();
  const tokens: string[] = [];
  const tasks: NonNullable<Ports['tasks']> = {
    image: 'media-1',
    start: async (task) => {
      const arn = `arn:task/${task.clientToken.slice(0, 8)}`;
      tokens.push(task.clientToken);
      running.set(arn, task.startedBy);
      return { arn };
    },
    find: async (by) => [...running].flatMap(([arn, one]) => (one === by ? [arn] : [])),
    stop: async (arn, reason) => {
      running.delete(arn);
      stopped.set(arn, { code: 'UserInitiated', reason });
    },
    whyStopped: async (arn) => stopped.get(arn),
    ...broken,
  };
  const rows: Ports['rows'] = {
    get: async () => state.row,
    open: async (_jobId, { token, startedBy: by, planKey }) => {
      const before = state.row;
      if (before?.token === token) return before;
      const launches = before?.startedBy === by ? before.launches + 1 : 1;
      return (state.row = { round: (before?.round ?? 0) + 1, token, startedBy: by, launches, planKey });
    },
    started: async (_jobId, round, taskArn) => {
      if (state.row?.round === round) state.row = { ...state.row, taskArn };
    },
  };
  return { state, running, stopped, tokens, rows, tasks, run: launchMediaTask({ rows, tasks }) };
};

describe('LaunchMediaTask', () => {
  test('starts one task, which finds its token in the row and nowhere else', async () => {
    const { run, state, running, tokens } = setUp();
    const { taskArn } = await run(launch('token-1'));
    expect(running.get(taskArn)).toBe(startedBy);
    expect(state.row).toEqual({
      round: 1,
      token: 'token-1',
      startedBy,
      launches: 1,
      taskArn,
      planKey: 'jobs/plan.json',
    });
    expect(tokens).toEqual([clientTokenOf(startedBy, 1)]);
    expect(JSON.stringify([...running])).not.toContain('token-1');
  });

  test('called twice for one wait it starts nothing more', async () => {
    const { run, running, tokens } = setUp();
    const first = await run(launch('token-1'));
    expect(await run(launch('token-1'))).toEqual(first);
    expect(running.size).toBe(1);
    expect(tokens).toHaveLength(1);
  });

  test('killed between start and note it asks for the same task again', async () => {
    const { run, tokens, rows, tasks, running } = setUp();
    const forgetful = launchMediaTask({
      tasks,
      rows: { ...rows, started: () => Promise.reject(new Error('killed')) },
    });
    await expect(forgetful(launch('token-1'))).rejects.toThrow('killed');
    await run(launch('token-1'));
    expect(new Set(tokens).size).toBe(1);
    expect(running.size).toBe(1);
  });

  test('after a time-out it stops the earlier task before it starts the next', async () => {
    const { run, running, stopped } = setUp();
    const first = await run(launch('token-1'));
    const second = await run(launch('token-2'));
    expect(second.taskArn).not.toBe(first.taskArn);
    expect(stopped.has(first.taskArn)).toBe(true);
    expect([...running.keys()]).toEqual([second.taskArn]);
  });

  test('finds an earlier task whose ARN was lost, and one of the go before a redrive', async () => {
    const { run, running, stopped } = setUp();
    running.set('arn:lost', startedBy);
    await run(launch('token-0'));
    await run(launch('token-1'));
    expect(stopped.has('arn:lost')).toBe(true);
    const [left = ''] = running.keys();
    await run(launch('token-2', { redriveCount: 1 }));
    expect(stopped.has(left)).toBe(true);
  });

  test('switched off it says which switch to turn', async () => {
    const { rows } = setUp();
    await expect(launchMediaTask({ rows, tasks: undefined })(launch('t'))).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'NEEDS_MEDIA_TASK',
    });
  });

  test('without an image it says what to push, before anything is started', async () => {
    const { run, state } = setUp({ image: undefined });
    await expect(run(launch('t'))).rejects.toMatchObject({ code: 'MEDIA_TASK_NOT_SET_UP' });
    expect(state.row).toBeUndefined();
  });

  test('an image that could not be pulled is not tried again, until a redrive', async () => {
    const { run, stopped, running } = setUp();
    const { taskArn } = await run(launch('token-1'));
    running.clear();
    const reason = 'CannotPullContainerError: not found';
    stopped.set(taskArn, { code: 'TaskFailedToStart', reason });
    await expect(run(launch('token-2'))).rejects.toMatchObject({
      code: 'MEDIA_TASK_NOT_SET_UP',
      message: `MEDIA_TASK_NOT_SET_UP: ${reason}`,
    });
    await run(launch('token-3', { redriveCount: 1 }));
    expect(running.size).toBe(1);
  });

  test.each([
    ['an answer without a task', { start: async () => ({ noRoom: 'RESOURCE:ENI' }) }],
    [
      'an exception of Fargate',
      {
        start: () => {
          const error = new Error('Capacity is unavailable at this time. Please try again later');
          error.name = 'ClientException';
          return Promise.reject(error);
        },
      },
    ],
  ])('no room, told by %s, is worth another try', async (_how, broken) => {
    await expect(setUp(broken).run(launch('t'))).rejects.toMatchObject({ name: 'TransientError' });
  });

  test.each(['ClusterNotFoundException', 'InvalidParameterException', 'AccessDeniedException'])(
    '%s will come again the next time',
    async (name) => {
      const start = () => Promise.reject(Object.assign(new Error('no'), { name }));
      await expect(setUp({ start }).run(launch('t'))).rejects.toMatchObject({ code: 'MEDIA_TASK_NOT_SET_UP' });
    },
  );

  test('gives up after thirty tasks that came to no end', async () => {
    const { run } = setUp();
    for (let i = 0; i < 30; i += 1) await run(launch(`token-${i}`));
    await expect(run(launch('token-30'))).rejects.toMatchObject({ code: 'MEDIA_TASK_WITHOUT_RESULT' });
    await run(launch('token-31', { redriveCount: 1 }));
  });
});
