import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../root.ts';
import { bytes } from './content.ts';
import type { Content } from './content.ts';

/**
 * Two views in two segments, with moving pictures and a tone each. The parameters of the speaker view are the same in
 * both segments; the gallery's picture becomes narrower, and its index stands at the end.
 */
export const CLIPS = {
  'speaker-1': { seconds: 12, width: 320, height: 180, hertz: 300 },
  'speaker-2': { seconds: 8, width: 320, height: 180, hertz: 350 },
  'gallery-1': { seconds: 12, width: 320, height: 180, hertz: 400 },
  'gallery-2': { seconds: 8, width: 240, height: 180, hertz: 450 },
} as const;

export type ClipName = keyof typeof CLIPS;

export const clip = (name: ClipName): Content =>
  bytes(readFileSync(join(projectRoot(), 'local/zoom/clips', `${name}.mp4`)));
