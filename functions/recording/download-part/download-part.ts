import { copyFile, type CopyOutcome, type CopyPorts } from '../../../core/media/copy-file.ts';
import { partInput, type DownloadPlan, type PartInput } from '../../../core/media/plan.ts';
import { plannedFileOf } from '../../../core/media/planned-file.ts';

export const input = partInput;

export type Ports = CopyPorts & { plans: { read: (planKey: string) => Promise<DownloadPlan> } };

type Outcome = { readonly index: number; readonly part: number; readonly outcome: CopyOutcome };

/** Longer than a stalled source is waited for: a worker that sees its time end has time to say so. */
const longestMarginMs = 60_000;

/** Copies one worker's part of a file from Zoom into the archive, as far as its time goes. */
export const downloadPart =
  (ports: Ports) =>
  async (task: PartInput, signal: AbortSignal, remainingMs: () => number = () => Infinity): Promise<Outcome> => {
    const { jobId, index, part } = task;
    const file = await plannedFileOf(ports.plans, task);
    const marginMs = Math.min(longestMarginMs, remainingMs() / 3);
    const isOutOfTime = (): boolean => remainingMs() <= marginMs;
    return { index, part, outcome: await copyFile(ports)({ jobId, file, part, isOutOfTime }, signal) };
  };
