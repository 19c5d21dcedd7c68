import * as z from 'zod';
import type { JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import type { ReadRange } from '../../../core/media/ffmpeg/range-proxy.ts';
import type { Limits } from '../../../core/media/merge/estimate.ts';
import { judge, sizeOf } from '../../../core/media/merge/plan-merges.ts';
import { wantedMerges, whyNotMade, type WantedMerge } from '../../../core/media/merge/wanted-merges.ts';

export const input = z.object({ jobId: z.string().min(1) });

export type Ports = {
  jobs: {
    files: (jobId: string) => Promise<JobFile[]>;
    merges: (jobId: string) => Promise<JobMerge[]>;
    planMerge: (merge: JobMerge) => Promise<void>;
    addNote: (jobId: string, note: string) => Promise<unknown>;
  };
  read: ReadRange;
  hasMediaTask: boolean;
  /** What is estimated to take longer or more is too much for a function. */
  limits?: Limits;
};

type Plan = { readonly indexes: number[]; readonly oversized: boolean };

const sameInputs = (a: readonly { key: string }[], b: readonly { key: string }[]): boolean =>
  a.length === b.length && a.every(({ key }, index) => key === b[index]?.key);

/** Made, or found to be impossible, of the same files: it would come out the same. */
const isSettled = (known: JobMerge | undefined, wanted: WantedMerge): boolean =>
  (known?.status === 'done' || known?.status === 'failed') && sameInputs(known.inputs, wanted.inputs);

/**
 * Decides what the archived files are merged into, and who does it. Files that were announced later change the inputs
 * of a merge, which is then made again under the same name.
 */
export const planMerge =
  ({ jobs, read, hasMediaTask, limits }: Ports) =>
  async ({ jobId }: z.output<typeof input>, signal: AbortSignal): Promise<Plan> => {
    const files = await jobs.files(jobId);
    const known = new Map((await jobs.merges(jobId)).map((merge) => [merge.name, merge]));
    let next = Math.max(-1, ...[...known.values()].map(({ index }) => index)) + 1;
    const planned: JobMerge[] = [];
    for (const { name, kind, inputs } of wantedMerges(files)) {
      const before = known.get(name);
      if (isSettled(before, { name, kind, inputs })) continue;
      const verdict = judge(await sizeOf({ kind, inputs }, files, read, signal), hasMediaTask, limits);
      const index = before?.index ?? next++;
      // What an earlier one came to stays until this one takes its place.
      const merge: JobMerge = {
        jobId,
        name,
        kind,
        index,
        inputs: [...inputs],
        outputs: before?.outputs ?? [],
        ...verdict,
      };
      if (merge.because) await jobs.addNote(jobId, whyNotMade(merge, merge.because));
      await jobs.planMerge(merge);
      planned.push(merge);
    }
    const open = planned.filter(({ status }) => status === 'planned');
    return {
      indexes: open.filter(({ byTask }) => !byTask).map(({ index }) => index),
      oversized: open.some(({ byTask }) => byTask === true),
    };
  };
