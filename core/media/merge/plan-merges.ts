import type { JobFile } from '../../job/job.ts';
import type { JobMerge } from '../../job/merge-rows.ts';
import { PermanentError } from '../../step/errors.ts';
import type { ReadRange } from '../ffmpeg/range-proxy.ts';
import { estimateAudio, estimateJoin, fits, functionLimits, tooMuch, type Estimate } from './estimate.ts';
import { inspectSource } from './inspect-source.ts';
import { firstStart, type WantedMerge } from './wanted-merges.ts';

export type Size = { readonly estimate: Estimate } | { readonly unreadable: string };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** What the sound needs is told from the table alone; a join by what its segments say of themselves. */
export const sizeOf = async (
  merge: Pick<WantedMerge, 'kind' | 'inputs'>,
  files: readonly JobFile[],
  read: ReadRange,
  signal: AbortSignal,
): Promise<Size> => {
  const inputs = merge.inputs.flatMap(({ fileId }) => files.find((file) => file.fileId === fileId) ?? []);
  const bytes = sum(inputs.map(({ receivedBytes = 0 }) => receivedBytes));
  if (merge.kind === 'audio') {
    const start = firstStart(files);
    const ends = inputs.map((file) => (Date.parse(file.recordingStart) - start) / 1_000 + lengthOf(file));
    return { estimate: estimateAudio(Math.max(0, ...ends.filter(Number.isFinite)), inputs.length, bytes) };
  }
  try {
    const infos = [];
    for (const { fileId, key, receivedBytes = 0 } of inputs)
      infos.push(await inspectSource(read, { fileId, key, bytes: receivedBytes }, signal));
    return { estimate: estimateJoin(infos, bytes) };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { unreadable: error.message.replace(/^[A-Z_]+: /, '') };
  }
};

/** About 128 kb/s, where Zoom does not tell when a track ends. */
const bytesPerSecond = 16_000;

const lengthOf = ({ recordingStart, recordingEnd, receivedBytes = 0 }: JobFile): number => {
  const told = recordingEnd === undefined ? NaN : (Date.parse(recordingEnd) - Date.parse(recordingStart)) / 1_000;
  return told > 0 ? told : receivedBytes / bytesPerSecond;
};

export type Verdict = Pick<JobMerge, 'status' | 'because' | 'byTask'>;

/** Who does it: a function, a media task, or nobody. */
export const judge = (size: Size, hasMediaTask: boolean, limits = functionLimits): Verdict => {
  if ('unreadable' in size) return { status: 'failed', because: size.unreadable };
  if (fits(size.estimate, limits)) return { status: 'planned' };
  if (hasMediaTask) return { status: 'planned', byTask: true };
  const why = tooMuch(size.estimate, limits);
  return { status: 'skipped', because: `${why}; switch on mediaTask to have it made` };
};
