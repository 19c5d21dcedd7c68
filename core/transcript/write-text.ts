import { paragraphsOf } from './paragraphs.ts';
import { clockTime } from './times.ts';
import type { Transcript } from './transcript.ts';

/** A paragraph per turn: `[mm:ss] Name: text`. */
export const writeText = (transcript: Transcript): string =>
  paragraphsOf(transcript)
    .map(({ startMs, name, captions }) => {
      const text = captions.map((caption) => caption.text).join(' ');
      return `[${clockTime(startMs)}] ${name ? `${name}: ` : ''}${text}\n`;
    })
    .join('\n');
