import { beginningOf } from '../content.ts';
import { PermanentError } from '../../step/errors.ts';

/**
 * How an MP4 that lies behind the proxy is given to ffmpeg: one demuxer, forced, so that nothing in the file can make
 * it another; only what the proxy speaks; and no files that a file points to.
 */
export const mp4Input = (url: string): string[] => ['-protocol_whitelist', 'http,tcp', '-f', 'mov', '-i', url];

/** A list of MP4s, one after the other. The whitelist of formats holds for what the list names, too. */
export const mp4ListInput = (url: string): string[] => [
  ...['-protocol_whitelist', 'http,tcp', '-format_whitelist', 'concat,mov'],
  ...['-f', 'concat', '-safe', '0', '-i', url],
];

export const mp4List = (urls: readonly string[]): string =>
  ['ffconcat version 1.0', ...urls.map((url) => `file '${url}'`)].join('\n') + '\n';

const disguises: readonly (readonly [RegExp, string])[] = [
  [/^#EXTM3U/, 'an HLS playlist'],
  [/^ffconcat/i, 'a concat script'],
  [/^(sub)?concat:/i, 'a concat script'],
  [/^file\s+'?\S/i, 'a concat script'],
  [/^<\?xml[\s\S]*<MPD|^<MPD/, 'a DASH manifest'],
  [/^\[playlist\]/i, 'a playlist'],
  [/^v=0\r?\n/, 'a session description'],
  [/^<(!doctype\s+)?html/i, 'a web page'],
];

export const bytesToCheck = 512;

/** Before ffmpeg sees a file: it begins as an MP4 does, or is refused by the name of what it is instead. */
export const checkIsMp4 = (what: string, first: Buffer): void => {
  if (first.toString('latin1', 4, 8) === 'ftyp') return;
  const beginning = beginningOf(first);
  const disguise = disguises.find(([looks]) => looks.test(beginning))?.[1];
  throw new PermanentError('FILE_NOT_AS_EXPECTED', `${what} is ${disguise ?? 'something else'}, not an MP4`);
};
