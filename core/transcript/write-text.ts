import { captionsOf, type Caption } from './captions.ts';
import { clockTime } from './times.ts';
import type { Transcript } from './transcript.ts';

/** A monologue gets a new paragraph after so many characters, a silence after so long. */
const longParagraph = 600;
const longSilenceMs = 10_000;

/** A paragraph per turn: `[mm:ss] Name: text`. */
export const writeText = (transcript: Transcript): string => {
  const paragraphs: { first: Caption; lastEndMs: number; texts: string[]; length: number }[] = [];
  for (const caption of captionsOf(transcript)) {
    const open = paragraphs.at(-1);
    const goesOn =
      open &&
      open.first.name === caption.name &&
      open.length < longParagraph &&
      caption.startMs - open.lastEndMs < longSilenceMs;
    if (goesOn) {
      open.texts.push(caption.text);
      open.length += caption.text.length;
      open.lastEndMs = Math.max(open.lastEndMs, caption.endMs);
    } else {
      paragraphs.push({ first: caption, lastEndMs: caption.endMs, texts: [caption.text], length: caption.text.length });
    }
  }
  return paragraphs
    .map(
      ({ first, texts }) => `[${clockTime(first.startMs)}] ${first.name ? `${first.name}: ` : ''}${texts.join(' ')}\n`,
    )
    .join('\n');
};
