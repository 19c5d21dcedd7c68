/** Scripts without spaces between words; only these need the slower segmenter. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const spaced = /[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*/gu;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Words as they stand in the text. */
export const wordsOf = (text: string): string[] => {
  if (!unspaced.test(text)) return text.match(spaced) ?? [];
  return [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
};

/** For comparison with lists: small letters, straight apostrophes. */
export const normal = (word: string): string => word.toLowerCase().replace(/’/g, "'");

/** Folds the commonest English endings, so that "deploying", "deployed" and "deploys" meet. Rough, but the same everywhere. */
export const stem = (word: string): string => {
  const bare = word.replace(/'s$|'$/, '');
  if (bare.length <= 4) return bare.length === 4 && /[^su]s$/.test(bare) ? bare.slice(0, -1) : bare;
  const singular = bare.replace(
    /(?:([^aeiou])ies|(ss|sh|ch|x|z)es|([^su])s)$/,
    (_all, y: string, es: string, s: string) => (y ? `${y}y` : (es ?? s)),
  );
  const root = singular.replace(/(?:ing|edly|ed|ly)$/, '');
  if (root === singular || root.length < 3 || !/[aeiouy]/.test(root)) return singular;
  // "planning" and "planned" come from "plan".
  return root.replace(/([bdgmnprt])\1$/, '$1').replace(/e$/, '');
};
