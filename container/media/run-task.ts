import { setTimeout as pause } from 'node:timers/promises';
import type { MediaTask } from '../../core/job/media-task.ts';
import { toStepError, TransientError } from '../../core/step/errors.ts';
import { keepOutOfLogs, log } from '../../core/step/log.ts';

export type TaskPorts = {
  readonly rows: { readonly get: (jobId: string) => Promise<MediaTask | undefined> };
  readonly answers: {
    readonly beat: (token: string) => Promise<boolean>;
    readonly succeed: (token: string, output: object) => Promise<boolean>;
    readonly fail: (token: string, error: Error) => Promise<boolean>;
  };
  /** All that the job has for a task; what is done is skipped. */
  readonly work: (jobId: string, task: MediaTask, signal: AbortSignal) => Promise<object>;
  readonly beatMillis: number;
};

export type Orders = { readonly jobId: string; readonly round: number };

/** `superseded`: a later task has the job. `unheard`: nobody waits any more. `told-to-stop`: it can be gone on with. */
export type TaskEnd = 'done' | 'failed' | 'superseded' | 'unheard' | 'told-to-stop';

/**
 * Does a job's work and answers the state that waits. Beats tell that it lives; when nobody listens any more, the work
 * ends, since another task may have it. `stop` is SIGTERM: the work ends, and the state is told, so that it need not
 * wait for the silence to be noticed.
 */
export const runTask =
  ({ rows, answers, work, beatMillis }: TaskPorts) =>
  async ({ jobId, round }: Orders, stop: AbortSignal): Promise<TaskEnd> => {
    const task = await rows.get(jobId);
    if (task?.round !== round) {
      log.warn('another task has the job', { round, latest: task?.round });
      return 'superseded';
    }
    const { token } = task;
    keepOutOfLogs(token);
    const unheard = new AbortController();
    const ended = new AbortController();
    const beating = beat(answers, token, beatMillis, ended.signal).then((isHeard) => {
      if (!isHeard) unheard.abort(new TransientError('nobody waits for this task any more'));
    });
    try {
      const output = await work(jobId, task, AbortSignal.any([stop, unheard.signal]));
      return (await answers.succeed(token, output)) ? 'done' : 'unheard';
    } catch (thrown) {
      if (unheard.signal.aborted) return 'unheard';
      const error = stop.aborted ? new TransientError('the task was told to stop') : toStepError(thrown);
      log.error('media task failed', { error });
      const isHeard = await answers.fail(token, error);
      if (stop.aborted) return 'told-to-stop';
      return isHeard ? 'failed' : 'unheard';
    } finally {
      ended.abort();
      await beating;
    }
  };

/** Resolves with false when nobody listens, with true when the work has ended. */
const beat = async (
  answers: TaskPorts['answers'],
  token: string,
  everyMillis: number,
  ended: AbortSignal,
): Promise<boolean> => {
  while (!ended.aborted) {
    try {
      if (!(await answers.beat(token))) return false;
    } catch (error) {
      // The network's trouble: two more beats fit into the silence that the machine bears.
      log.warn('a heartbeat did not get through', { error });
    }
    await pause(everyMillis, undefined, { signal: ended }).catch(() => undefined);
  }
  return true;
};
