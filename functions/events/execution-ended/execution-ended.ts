import * as z from 'zod';
import { jobIdOfExecution, startedByOf } from '../../../core/keys.ts';
import type { Job } from '../../../core/job/job.ts';
import { explain, readFailure, type Failure } from '../../../core/step/failures.ts';
import { log } from '../../../core/step/log.ts';

/** "Step Functions Execution Status Change", as far as it is read here. */
export const event = z.object({
  detail: z.object({
    executionArn: z.string(),
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    /** Left out where it is large, which ours is not. */
    input: z.string().nullish(),
    redriveCount: z.number().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    fail: (jobId: string, attempt: number, failure: Failure, redrives?: number) => Promise<boolean>;
    reopenForNews: (jobId: string, attempt: number, revision: number) => Promise<boolean>;
  };
  machine: { start: (jobId: string, attempt: number) => Promise<void> };
  /** Nothing where media tasks are switched off. */
  tasks?:
    | {
        find: (startedBy: string) => Promise<string[]>;
        stop: (arn: string, reason: string) => Promise<void>;
      }
    | undefined;
};

/** Writes to the job why its execution ended, in words, and what to do; stops the task that it left at work. */
export const executionEnded =
  ({ jobs, machine, tasks }: Ports) =>
  async ({ detail }: z.output<typeof event>): Promise<void> => {
    const { jobId, attempt: told } = subjectOf(detail);
    const failure = failureOf(detail);
    // By the execution and its redrive: a task of a later go is not this one's.
    const startedBy = startedByOf(jobId, detail.executionArn, detail.redriveCount ?? 0);
    for (const arn of (await tasks?.find(startedBy)) ?? []) {
      await tasks?.stop(arn, `its execution has ended: ${failure.code}`);
      log.warn('the media task of an ended execution was stopped', { jobId, taskArn: arn });
    }
    const found = await jobs.get(jobId);
    if (!found) {
      log.warn('an execution ended that has no job', { execution: detail.name, code: failure.code });
      return;
    }
    const attempt = told ?? found.attempt;
    await jobs.fail(jobId, attempt, failure, detail.redriveCount ?? undefined);
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
const subjectOf = ({
  executionArn,
  name,
  input,
}: z.output<typeof event>['detail']): { jobId: string; attempt?: number } => {
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

const failureOf = ({ status, error, cause }: z.output<typeof event>['detail']): Failure => {
  if (status === 'ABORTED') return explain('STOPPED_BY_OPERATOR', cause ?? '');
  if (status === 'TIMED_OUT') return explain('TOOK_TOO_LONG', cause ?? '');
  return readFailure(error ?? undefined, cause ?? undefined);
};
