import { PermanentError } from '../step/errors.ts';
import { probeMp4 } from './mp4/probe-mp4.ts';

export type Inspected = {
  /** Why it is not what it should be. */
  readonly fault?: string;
  /** What is odd about it and no reason to refuse it. */
  readonly oddities: readonly string[];
  readonly durationSeconds?: number;
};

type Media = {
  readonly extension: string;
  readonly recordingStart: string;
  readonly recordingEnd?: string | undefined;
};

/** What a file of this extension must hold. */
const expectedTrack: Record<string, 'video' | 'audio'> = { mp4: 'video', m4a: 'audio' };

/** Pauses make a recording shorter than its times say; nothing makes it longer. */
const shortestShare = 0.5;
const longestShare = 1.05;
const toleranceSeconds = 60;

/** Looks into films and sounds as they lie in the archive; of other files there is nothing to say. */
export const inspectMedia = async (
  read: (from: number, length: number) => Promise<Buffer>,
  size: number,
  media: Media,
): Promise<Inspected> => {
  const wanted = expectedTrack[media.extension];
  if (!wanted) return { oddities: [] };
  try {
    const { durationSeconds, tracks } = await probeMp4(read, size);
    const kinds = new Set(tracks.map(({ kind }) => kind));
    if (!kinds.has(wanted)) return { fault: `it has no ${wanted} track`, oddities: [] };
    const silent = wanted === 'video' && !kinds.has('audio') ? ['it has no sound'] : [];
    return { durationSeconds, oddities: [...silent, ...oddDuration(durationSeconds, media)] };
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'FILE_NOT_AS_EXPECTED')
      return { fault: error.message.replace(/^\w+: /, ''), oddities: [] };
    throw error;
  }
};

const oddDuration = (seconds: number, { recordingStart, recordingEnd }: Media): string[] => {
  const span = (Date.parse(recordingEnd ?? '') - Date.parse(recordingStart)) / 1_000;
  if (!(span > 0)) return [];
  const isPlausible =
    seconds >= span * shortestShare - toleranceSeconds && seconds <= span * longestShare + toleranceSeconds;
  return isPlausible ? [] : [`it lasts ${Math.round(seconds)} s, its recording ${Math.round(span)} s`];
};
