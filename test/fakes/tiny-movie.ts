import { contentOf } from '../../local/zoom/media.ts';

/** A film, or a sound, that is whole: of this many bytes, and with bytes of its own. */
export const tinyMovie = (seed: string, kind: 'mp4' | 'm4a' = 'mp4', size = 12_000, seconds = 1): Buffer => {
  const content = contentOf({ kind, seconds, size, seed });
  return Buffer.concat([...content.read(0, content.length)]);
};
