import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../root.ts';
import type { Content } from './content.ts';
import { FRAME_SECONDS, SILENT_AAC_FRAME, sound } from './mp4.ts';

/** A voice and when it is heard, in seconds from the start of the file. Two of them at once are not possible. */
export type Utterance = readonly [voice: Voice, from: number, to: number];

/** Each a tone of its own pitch that swells and sinks as speech does, and never falls silent. */
const PITCHES = [7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29] as const;
export const VOICES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;
export type Voice = (typeof VOICES)[number];

/** A multiple of what divides the length of a frame, so that a voice can be continued at any frame. */
export const hertzOf = (voice: Voice): number => (PITCHES[voice - 1] ?? 0) / FRAME_SECONDS;

const ADTS_HEADER = 7;
const loops = new Map<Voice, readonly Buffer[]>();

/** The frames of a voice, bare: a file of them has a header before each, with its length in 13 bits. */
const loopOf = (voice: Voice): readonly Buffer[] => {
  const known = loops.get(voice);
  if (known) return known;
  const file = readFileSync(join(projectRoot(), 'local/zoom/voices', `${voice}.aac`));
  const frames: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = (file.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    frames.push(file.subarray(at + ADTS_HEADER, at + length));
    at += length;
  }
  loops.set(voice, frames);
  return frames;
};

/** First and last frame: a frame is heard in its own time and, fading, in that of the next. */
const framesOf = ([, from, to]: Utterance): { first: number; last: number } => {
  const first = Math.round(from / FRAME_SECONDS);
  return { first, last: Math.max(first, Math.round(to / FRAME_SECONDS) - 2) };
};

/** When a decoder hears something, to the sample; elsewhere there is silence. */
export const heardIn = (utterance: Utterance): { from: number; to: number } => {
  const { first, last } = framesOf(utterance);
  return { from: first * FRAME_SECONDS, to: (last + 2) * FRAME_SECONDS };
};

/** An M4A in which voices speak, and nobody between them. */
export const speech = (seconds: number, says: readonly Utterance[]): Content => {
  const frames = Array<Buffer>(Math.ceil(seconds / FRAME_SECONDS)).fill(SILENT_AAC_FRAME);
  for (const utterance of says) {
    const loop = loopOf(utterance[0]);
    const { first, last } = framesOf(utterance);
    for (let at = first; at <= last && at < frames.length; at += 1) frames[at] = loop[at % loop.length] as Buffer;
  }
  return sound(frames);
};
