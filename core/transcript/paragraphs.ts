import { captionsOf, type Caption } from './captions.ts';
import type { Transcript } from './transcript.ts';

export type Paragraph = { readonly startMs: number; readonly name?: string; readonly captions: readonly Caption[] };

/** A monologue gets a new paragraph after so many characters, a silence after so long. */
const longParagraph = 600;
const longSilenceMs = 10_000;

/** A paragraph per turn, as people read. */
export const paragraphsOf = (transcript: Transcript): Paragraph[] => {
  const paragraphs: { startMs: number; name?: string; captions: Caption[]; endMs: number; length: number }[] = [];
  for (const caption of captionsOf(transcript)) {
    const { startMs, endMs, name, text } = caption;
    const open = paragraphs.at(-1);
    if (open && open.name === name && open.length < longParagraph && startMs - open.endMs < longSilenceMs) {
      open.captions.push(caption);
      open.length += text.length;
      open.endMs = Math.max(open.endMs, endMs);
    } else {
      paragraphs.push({ startMs, ...(name && { name }), captions: [caption], endMs, length: text.length });
    }
  }
  return paragraphs;
};
