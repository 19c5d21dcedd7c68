import * as z from 'zod';
import type { JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { startWorks, type StartWorksPorts } from '../../../core/transcription/start-works.ts';

export const input = z.object({ jobId: z.string().min(1) });

export type Ports = {
  readonly jobs: {
    readonly files: (jobId: string) => Promise<JobFile[]>;
    readonly merges: (jobId: string) => Promise<JobMerge[]>;
  };
  /** Nothing where speech recognition is switched off. */
  readonly speech: StartWorksPorts | undefined;
  readonly random: () => number;
};

export type Result = { decision: 'busy' | 'started' | 'settled'; waitSeconds?: number };

/** Those who wait for a place come back at different times, at most a minute later. */
const leastWaitSeconds = 20;
const jitterSeconds = 40;

/** Starts speech recognition, as far as there are places at the provider; waiting for one is the machine's. */
export const startTranscription =
  ({ jobs, speech, random }: Ports) =>
  async ({ jobId }: z.output<typeof input>): Promise<Result> => {
    // Switched off while the job was waiting.
    if (!speech) return { decision: 'settled' };
    const [files, merges] = await Promise.all([jobs.files(jobId), jobs.merges(jobId)]);
    const decision = await startWorks(speech, jobId, { files, merges });
    if (decision !== 'busy') return { decision };
    return { decision, waitSeconds: leastWaitSeconds + Math.floor(random() * jitterSeconds) };
  };
