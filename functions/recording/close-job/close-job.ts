import * as z from 'zod';
import { executionNameOf } from '../../../core/keys.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string(), executionName: z.string() });

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    files: (jobId: string) => Promise<JobFile[]>;
    close: (
      jobId: string,
      attempt: number,
      status: 'done',
      reason: undefined,
      also: { cleanUpAfterDays?: number | undefined },
    ) => Promise<boolean>;
  };
  /** Set where CleanUpZoom is on. */
  cleanUpAfterDays?: number | undefined;
};

/**
 * Closes the job, unless files were announced since it was planned: then the machine plans again. The write is
 * conditional on what was seen, so that an announcement either comes before it and is picked up, or after it and
 * starts the next attempt.
 */
export const closeJob =
  ({ jobs, cleanUpAfterDays }: Ports) =>
  async ({ jobId, executionName }: z.output<typeof input>): Promise<{ isComplete: boolean }> => {
    const job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    if (job.status === 'done' || job.status === 'rejected') return { isComplete: true };

    const files = await jobs.files(jobId);
    const planned = new Set(files.map((file) => file.fileId));
    // Seen is not planned yet: another execution may have looked at the job, and not gone on from there.
    const isPlanned = job.revision <= job.seenRevision && [...job.files].every((fileId) => planned.has(fileId));
    const open = files.filter((file) => file.status === 'planned');
    // What a setting leaves out is neither there nor missed.
    const wanted = files.filter((file) => file.status !== 'skipped');
    const areMissing = wanted.length > 0 && wanted.every((file) => file.status === 'missing');

    // Redriven late, or started by hand beside the job's own: what is left is the work of the attempt that has the job.
    const isOurs = job.origin === 'hand' || executionName === executionNameOf(jobId, job.attempt);
    if (!isOurs && (!isPlanned || open.length > 0 || areMissing)) return { isComplete: true };
    if (!isPlanned) return { isComplete: false };
    if (open.length > 0) throw new TransientError(`${open.length} files are neither archived nor missing`);
    if (areMissing) {
      throw new PermanentError(
        'ALL_FILES_MISSING',
        `${wanted.length} files; the first: ${wanted[0]?.missingBecause ?? 'no reason given'}`,
      );
    }
    // What did not come from Zoom is not at Zoom.
    const also = job.source === 'zoom' ? { cleanUpAfterDays } : {};
    return { isComplete: (await jobs.close(jobId, job.attempt, 'done', undefined, also)) || !isOurs };
  };
