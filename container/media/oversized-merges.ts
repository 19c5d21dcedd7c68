import type { JobMerge } from '../../core/job/merge-rows.ts';
import { runMerge, type RunMergePorts } from '../../core/media/merge/run-merge.ts';
import { log } from '../../core/step/log.ts';

export type MergingPorts = RunMergePorts & {
  readonly jobs: RunMergePorts['jobs'] & { readonly merges: (jobId: string) => Promise<JobMerge[]> };
};

/** Makes the merges of a job that no function has the time or the disk for, one after the other: each takes the whole disk. */
export const mergeOversized =
  (ports: MergingPorts) =>
  async (jobId: string, signal: AbortSignal): Promise<number> => {
    const merges = (await ports.jobs.merges(jobId)).filter(({ status, byTask }) => status === 'planned' && byTask);
    for (const merge of merges) {
      signal.throwIfAborted();
      const outcome = await runMerge(ports)(merge, signal);
      log.info('merge ended', { merge: merge.name, outcome });
    }
    return merges.length;
  };
