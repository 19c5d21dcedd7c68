import * as z from 'zod';
import { jobIdOfExecution, startedByOf } from '../keys.ts';
import { explain, readFailure, type Failure } from '../step/failures.ts';
import { log } from '../step/log.ts';
import type { Job } from './job.ts';

/** An execution that did not end well, as EventBridge tells of it and as Step Functions describes it. */
export const endedExecution = z.object({
  executionArn: z.string(),
  name: z.string(),
  status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
  /** Left out where it is large, which ours is not. */
  input: z.string().nullish(),
  redriveCount: z.number().nullish(),
  error: z.string().nullish(),
  cause: z.string().nullish(),
});
export type EndedExecution = z.output<typeof endedExecution>;

export type EndPorts = {
  readonly jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    fail: (jobId: string, attempt: number, failure: Failure, redrives?: number) => Promise<boolean>;
    reopenForNews: (jobId: string, attempt: number, revision: number) => Promise<boolean>;
  };
  readonly machine: { start: (jobId: string, attempt: number) => Promise<void> };
  /** Nothing where media tasks are switched off. */
  readonly tasks?:
    | {
        find: (startedBy: string) => Promise<string[]>;
        stop: (arn: string, reason: string) => Promise<void>;
      }
    | undefined;
};

/** Writes to the job why its execution ended, in words, and what to do; stops the task that it left at work. */
export const writeEnd =
  ({ jobs, machine, tasks }: EndPorts) =>
  async (ended: EndedExecution): Promise<void> => {
    const { jobId, attempt: told } = subjectOf(ended);
    const failure = failureOf(ended);
    // By the execution and its redrive: a task of a later go is not this one's.
    const startedBy = startedByOf(jobId, ended.executionArn, ended.redriveCount ?? 0);
    for (const arn of (await tasks?.find(startedBy)) ?? []) {
      await tasks?.stop(arn, `its execution has ended: ${failure.code}`);
      log.warn('the media task of an ended execution was stopped', { jobId, taskArn: arn });
    }
    const found = await jobs.get(jobId);
    if (!found) {
      log.warn('an execution ended that has no job', { execution: ended.name, code: failure.code });
      return;
    }
    const attempt = told ?? found.attempt;
    await jobs.fail(jobId, attempt, failure, ended.redriveCount ?? undefined);
    log.error('recording failed', { jobId, attempt, code: failure.code });
    // Files announced after this attempt last looked would otherwise wait for a redrive. Each announcement
    // reopens once.
    const { revision } = (await jobs.get(jobId)) ?? found;
    if (await jobs.reopenForNews(jobId, attempt, revision)) log.info('new files start the next attempt', { jobId });
    const current = await jobs.get(jobId);
    if (current?.status === 'running' && current.attempt === attempt + 1) await machine.start(jobId, current.attempt);
  };

const startedWith = z.object({ jobId: z.string() });

/**
 * Executions are named after job and attempt. One that a person started has any name: it names a job in its input, or
 * has made a job of its own.
 */
export const subjectOf = ({ executionArn, name, input }: EndedExecution): { jobId: string; attempt?: number } => {
  const [, jobId, attempt] = /^((?:zoom|hand)-[0-9a-f]{24})-(\d+)$/.exec(name) ?? [];
  if (jobId) return { jobId, attempt: Number(attempt) };
  return startedWith.safeParse(readJson(input)).data ?? { jobId: jobIdOfExecution(executionArn) };
};

const readJson = (text: string | null | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

export const failureOf = ({ status, error, cause }: EndedExecution): Failure => {
  if (status === 'ABORTED') return explain('STOPPED_BY_OPERATOR', cause ?? '');
  if (status === 'TIMED_OUT') return explain('TOOK_TOO_LONG', cause ?? '');
  return readFailure(error ?? undefined, cause ?? undefined);
};
