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

const oneLine = (text: string): string =>
  text
    .replace(/\u0000/g, '\uFFFD')
    .replace(/\s+/g, ' ')
    .trim();
