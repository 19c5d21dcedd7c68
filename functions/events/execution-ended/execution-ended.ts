import * as z from 'zod';
import { jobIdOfExecution } from '../../../core/keys.ts';
import type { Job } from '../../../core/job/job.ts';
import { explain, readFailure, type Failure } from '../../../core/step/failures.ts';
import { log } from '../../../core/step/log.ts';

/** "Step Functions Execution Status Change", as far as it is read here. */
export const event = z.object({
  detail: z.object({
    executionArn: z.string(),
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    fail: (jobId: string, attempt: number, failure: Failure) => Promise<boolean>;
    reopenForNews: (jobId: string, attempt: number, revision: number) => Promise<boolean>;
  };
  machine: { start: (jobId: string, attempt: number) => Promise<void> };
};

/** Writes to the job why its execution ended, in words, and what to do. */
export const executionEnded =
  ({ jobs, machine }: Ports) =>
  async ({ detail }: z.output<typeof event>): Promise<void> => {
    const { jobId, attempt } = subjectOf(detail);
    const failure = failureOf(detail);
    await jobs.fail(jobId, attempt, failure);
    const job = await jobs.get(jobId);
    if (!job) {
      log.warn('an execution ended that has no job', { execution: detail.name, code: failure.code });
      return;
    }
    log.error('recording failed', { jobId, attempt, code: failure.code });
    // Files announced after this attempt last looked would otherwise wait for a redrive. Each announcement
    // reopens once.
    if (await jobs.reopenForNews(jobId, attempt, job.revision)) log.info('new files start the next attempt', { jobId });
    const current = await jobs.get(jobId);
    if (current?.status === 'running' && current.attempt === attempt + 1) await machine.start(jobId, current.attempt);
  };

/** Executions are named after job and attempt; one that a person started by hand has any name and a job of its own. */
const subjectOf = ({ executionArn, name }: z.output<typeof event>['detail']): { jobId: string; attempt: number } => {
  const [, jobId, attempt] = /^(zoom-[0-9a-f]{24})-(\d+)$/.exec(name) ?? [];
  return jobId ? { jobId, attempt: Number(attempt) } : { jobId: jobIdOfExecution(executionArn), attempt: 1 };
};

const failureOf = ({ status, error, cause }: z.output<typeof event>['detail']): Failure => {
  if (status === 'ABORTED') return explain('STOPPED_BY_OPERATOR', cause ?? '');
  if (status === 'TIMED_OUT') return explain('TOOK_TOO_LONG', cause ?? '');
  return readFailure(error ?? undefined, cause ?? undefined);
};
