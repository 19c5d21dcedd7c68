/*
 * Text that anybody may have written, as part of a name that S3, browsers, shells and file systems take and a person
 * can still read: letters and digits of every script, accents, emoji.
 */

/** No text needs more, and nothing below is slower than linear. */
const mostUnits = 1_000;

/** What shows nothing: direction marks, joiners, byte order marks, fillers that count as letters. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/**
 * Kept are the listed ones; everything else (separators, quotes, wild cards, control characters) becomes one `_`, and so
 * does what Unicode keeps free for the emoji to come.
 */
const otherThanKept =
  /(?:[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}@+().-]|\p{Cn})+/gu;
/** A leading dot hides a file, a leading dash reads as an option, a mark needs something to stand on. */
const atStart = /^[\p{M}._-]+/u;
const atEnd = /[._-]+$/u;

const trim = (text: string): string => text.replace(atStart, '').replace(atEnd, '');

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most so many bytes of UTF-8, cut between what a reader sees as characters. */
export const cut = (text: string, mostBytes: number): string => {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const take = (pieces: Iterable<string>): string => {
    let kept = '';
    let left = mostBytes;
    for (const piece of pieces) {
      left -= Buffer.byteLength(piece);
      if (left < 0) break;
      kept += piece;
    }
    return kept;
  };
  const whole = take([...graphemes.segment(text)].map(({ segment }) => segment));
  // A single letter can carry hundreds of accents.
  return trim(whole === '' ? take(text) : whole);
};

/** One path segment, or a part of one, of at most so many bytes; never empty. */
export const readable = (text: string | undefined, mostBytes: number): string => {
  const clean = (text ?? '')
    .slice(0, mostUnits)
    .replace(invisible, '')
    .normalize('NFC')
    .replace(otherThanKept, '_')
    .replace(/\.{2,}/g, '.');
  return cut(trim(clean), mostBytes) || 'unnamed';
};
