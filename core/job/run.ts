import { jobIdOfExecution } from '../keys.ts';

/** One go at a job: an attempt is an execution, and each redrive of it another go. */
export type Run = { readonly attempt: number; readonly redrives: number };

/** What a state knows of the execution it runs in. */
export type ExecutionAbout = { readonly executionArn: string; readonly redriveCount: number };

/**
 * Which go an execution is at this job. Executions of ours are named after job and attempt; one that a person started
 * has made the job, or, started for a job that there was, is none of its attempts.
 */
export const runOf = (jobId: string, { executionArn, redriveCount }: ExecutionAbout): Run | undefined => {
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const [, ofJob, attempt] = /^((?:zoom|hand)-[0-9a-f]{24})-(\d+)$/.exec(name) ?? [];
  if (ofJob === jobId) return { attempt: Number(attempt), redrives: redriveCount };
  return jobIdOfExecution(executionArn) === jobId ? { attempt: 1, redrives: redriveCount } : undefined;
};
