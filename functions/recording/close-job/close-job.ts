import * as z from 'zod';
import { executionNameOf } from '../../../core/keys.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string(), executionName: z.string() });

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    files: (jobId: string) => Promise<JobFile[]>;
    close: (jobId: string, attempt: number, status: 'done') => Promise<boolean>;
  };
};

/**
 * Closes the job, unless files were announced since it was planned: then the machine plans again. The write is
 * conditional on what was seen, so that an announcement either comes before it and is picked up, or after it and
 * starts the next attempt.
 */
export const closeJob =
  ({ jobs }: Ports) =>
  async ({ jobId, executionName }: z.output<typeof input>): Promise<{ isComplete: boolean }> => {
    const job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    const isOurs = job.origin === 'hand' || executionName === executionNameOf(jobId, job.attempt);
    // A redriven execution may find that a later attempt has the job; that one closes it.
    if (!isOurs || job.status === 'done') return { isComplete: true };
    if (job.revision > job.seenRevision) return { isComplete: false };

    const files = await jobs.files(jobId);
    const open = files.filter((file) => file.status === 'planned');
    if (open.length > 0) throw new TransientError(`${open.length} files are neither archived nor missing`);
    if (files.length > 0 && files.every((file) => file.status === 'missing')) {
      throw new PermanentError(
        'ALL_FILES_MISSING',
        `${files.length} files; the first: ${files[0]?.missingBecause ?? 'no reason given'}`,
      );
    }
    const closed = await jobs.close(jobId, job.attempt, 'done');
    return { isComplete: closed };
  };
