/** Text that somebody else wrote, made fit to be shown in one line. */

/**
 * Embeddings, overrides and isolates change the order in which all that follows is shown. The two plain marks of
 * direction (U+200E, U+200F) belong to ordinary Arabic and Hebrew and stay.
 */
const bidiControls = /[\u202A-\u202E\u2066-\u2069]/g;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** One line, no control characters, no text that turns around, at most `most` characters. */
export const shown = (text: string, most: number): string => {
  // What is far beyond the limit is not worth cleaning: a character a person sees has rarely more than eight units.
  const clean = text
    .slice(0, most * 16)
    .replace(bidiControls, '')
    .replace(/[\u{D800}-\u{DFFF}]/gu, '')
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  if (clean.length <= most) return clean;
  let kept = '';
  for (const { segment } of graphemes.segment(clean)) {
    if (kept.length + segment.length >= most) return `${kept.trimEnd()}…`;
    kept += segment;
  }
  return kept;
};
