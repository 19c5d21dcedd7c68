import * as z from 'zod';
import { clientTokenOf, startedByOf } from '../../../core/keys.ts';
import type { MediaTask } from '../../../core/job/media-task.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { keepOutOfLogs, log } from '../../../core/step/log.ts';

export const input = z.object({
  jobId: z.string().min(1),
  taskToken: z.string().min(1),
  /** The list of files, in which those for the task are marked. */
  planKey: z.string().min(1),
  executionArn: z.string().min(1),
  redriveCount: z.number().int().nonnegative(),
});

type Tasks = {
  readonly image: string | undefined;
  readonly start: (task: {
    jobId: string;
    round: number;
    startedBy: string;
    clientToken: string;
  }) => Promise<{ arn: string } | { noRoom: string }>;
  readonly find: (startedBy: string) => Promise<string[]>;
  readonly stop: (arn: string, reason: string) => Promise<void>;
  readonly whyStopped: (arn: string) => Promise<{ code: string; reason: string } | undefined>;
};

export type Ports = {
  readonly rows: {
    readonly get: (jobId: string) => Promise<MediaTask | undefined>;
    readonly open: (jobId: string, about: { token: string; startedBy: string; planKey: string }) => Promise<MediaTask>;
    readonly started: (jobId: string, round: number, taskArn: string) => Promise<void>;
  };
  /** Nothing where media tasks are switched off. */
  readonly tasks: Tasks | undefined;
};

/** Far more than the retries of the state and all that a recording can need; each is a task that came to no end. */
const mostLaunches = 30;

/**
 * Starts a task for what is too much for a function. The task answers by the token, which lies in the job's row. A task
 * that an earlier launch has left is stopped first: two would do the same work.
 */
export const launchMediaTask =
  ({ rows, tasks }: Ports) =>
  async ({
    jobId,
    taskToken,
    planKey,
    executionArn,
    redriveCount,
  }: z.output<typeof input>): Promise<{ taskArn: string }> => {
    keepOutOfLogs(taskToken);
    if (!tasks) throw new PermanentError('NEEDS_MEDIA_TASK', 'the switch mediaTask is off');
    if (!tasks.image)
      throw new PermanentError('MEDIA_TASK_NOT_SET_UP', 'no image was pushed: the setting mediaImage names none');

    const startedBy = startedByOf(jobId, executionArn, redriveCount);
    const earlier = await rows.get(jobId);
    const task = await rows.open(jobId, { token: taskToken, startedBy, planKey });
    if (task.taskArn) return { taskArn: task.taskArn };
    if (task.launches > mostLaunches)
      throw new PermanentError('MEDIA_TASK_WITHOUT_RESULT', `${mostLaunches} tasks were started`);
    if (earlier && earlier.round < task.round) await endEarlier(tasks, earlier, startedBy);

    const started = await start(tasks, {
      jobId,
      startedBy,
      round: task.round,
      clientToken: clientTokenOf(startedBy, task.round),
    });
    if ('noRoom' in started) throw new TransientError(`there is no room for the media task: ${started.noRoom}`);
    await rows.started(jobId, task.round, started.arn);
    log.info('media task started', { taskArn: started.arn, round: task.round });
    return { taskArn: started.arn };
  };

/** Whatever earlier rounds left, of this go and of the one before. */
const endEarlier = async (tasks: Tasks, earlier: MediaTask, startedBy: string): Promise<void> => {
  const left = await Promise.all([...new Set([earlier.startedBy, startedBy])].map((one) => tasks.find(one)));
  for (const arn of left.flat()) await tasks.stop(arn, 'another media task takes over');
  // A redrive comes after somebody has seen to it: only what this very go has met is held against the next task.
  const why = earlier.taskArn && earlier.startedBy === startedBy ? await tasks.whyStopped(earlier.taskArn) : undefined;
  if (!why) return;
  log.warn('the media task before this one stopped', why);
  if (why.code === 'TaskFailedToStart' && why.reason.startsWith('CannotPullContainer'))
    throw new PermanentError('MEDIA_TASK_NOT_SET_UP', why.reason);
};

/** Names under which ECS refuses what will be refused the next time too. */
const refusals = new Set([
  'AccessDeniedException',
  'ClientException',
  'ClusterNotFoundException',
  'InvalidParameterException',
  'PlatformUnknownException',
]);

const start = async (tasks: Tasks, task: Parameters<Tasks['start']>[0]): ReturnType<Tasks['start']> => {
  try {
    return await tasks.start(task);
  } catch (error) {
    if (!(error instanceof Error) || !refusals.has(error.name)) throw error;
    // Fargate says so under this name too.
    if (/capacity is unavailable/i.test(error.message)) return { noRoom: error.message };
    throw new PermanentError('MEDIA_TASK_NOT_SET_UP', `${error.name}: ${error.message}`, { cause: error });
  }
};
