import { copyFile, type CopyPorts } from '../../core/media/copy-file.ts';
import type { DownloadPlan } from '../../core/media/plan.ts';
import { TransientError } from '../../core/step/errors.ts';
import { log } from '../../core/step/log.ts';

export type FilePorts = CopyPorts & { readonly plans: { readonly read: (planKey: string) => Promise<DownloadPlan> } };

/** A task has no end of time but the one that SIGTERM sets. */
const hasTime = (): boolean => false;

/** Copies the files of a plan that no function can copy in its time, one after the other. */
export const copyOversized =
  (ports: FilePorts) =>
  async (jobId: string, planKey: string, signal: AbortSignal): Promise<number> => {
    const plan = await ports.plans.read(planKey);
    const files = plan.files.filter(({ oversized }) => oversized);
    for (const file of files) {
      signal.throwIfAborted();
      const outcome = await copyFile(ports)({ jobId, file, part: 0, isOutOfTime: hasTime }, signal);
      log.info('file copied', { fileId: file.fileId, outcome });
      if (outcome === 'more' || outcome === 'not-needed')
        throw new TransientError(`${file.fileId}: the copy has to begin anew`);
    }
    return files.length;
  };
