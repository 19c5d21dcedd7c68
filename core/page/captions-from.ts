import { transcript } from '../transcript/transcript.ts';
import { writeVtt } from '../transcript/write-vtt.ts';

/**
 * Captions for a file that begins so many seconds into the recording. Always a track, if an empty one: a browser that
 * was promised captions reports anything else as an error.
 */
export const captionsFrom = (json: string | undefined, fromSeconds: number): string => {
  const shift = Number.isFinite(fromSeconds) ? fromSeconds * 1_000 : 0;
  const moved = (ms: number): number => Math.max(0, ms - shift);
  const { success, data } = transcript.safeParse(json === undefined ? undefined : parsed(json));
  if (!success) return 'WEBVTT\n';
  const segments = data.segments
    .filter(({ endMs }) => endMs > shift)
    .map(({ words, ...segment }) => ({
      ...segment,
      startMs: moved(segment.startMs),
      endMs: moved(segment.endMs),
      ...(words
        ? { words: words.map((word) => ({ ...word, startMs: moved(word.startMs), endMs: moved(word.endMs) })) }
        : {}),
    }));
  return writeVtt({ ...data, segments });
};

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
