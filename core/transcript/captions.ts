import { speakerNames, type Transcript } from './transcript.ts';

export type Caption = { startMs: number; endMs: number; name?: string; text: string };

/** What caption formats demand and a transcript does not: order, a length above zero, one line, words. */
export const captionsOf = (transcript: Transcript): Caption[] => {
  const names = speakerNames(transcript);
  return transcript.segments
    .map((segment) => {
      const startMs = Math.max(0, Math.round(segment.startMs));
      const name = oneLine((segment.speaker && names.get(segment.speaker)) ?? '');
      return {
        startMs,
        endMs: Math.max(startMs + 1, Math.round(segment.endMs)),
        ...(name && { name }),
        text: oneLine(segment.text),
      };
    })
    .filter(({ text }) => text !== '')
    .sort((a, b) => a.startMs - b.startMs);
};

/**
 * Embeddings, overrides and isolates turn around what stands behind them, in a name all that its speaker says. The plain
 * marks of direction belong to ordinary Arabic and Hebrew and stay.
 */
export const withoutTurning = (text: string): string => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '');

const oneLine = (text: string): string =>
  withoutTurning(text)
    .replace(/\u0000/g, '\uFFFD')
    .replace(/\s+/g, ' ')
    .trim();
