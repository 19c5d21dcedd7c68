import * as z from 'zod';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { runMerge, type MergeOutcome, type RunMergePorts } from '../../../core/media/merge/run-merge.ts';
import { PermanentError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string().min(1), index: z.number().int().nonnegative() });

export type Ports = RunMergePorts & {
  jobs: RunMergePorts['jobs'] & { merges: (jobId: string) => Promise<JobMerge[]> };
};

type Outcome = { readonly index: number; readonly outcome: MergeOutcome };

/** Makes one of the merges that are planned. */
export const mergeMedia =
  (ports: Ports) =>
  async ({ jobId, index }: z.output<typeof input>, signal: AbortSignal): Promise<Outcome> => {
    const merge = (await ports.jobs.merges(jobId)).find((one) => one.index === index);
    if (!merge) throw new PermanentError('BAD_INPUT', `index: the job has no merge ${index}`);
    return { index, outcome: await runMerge(ports)(merge, signal) };
  };
