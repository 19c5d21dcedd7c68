import { stopWords } from './stop-words.ts';

/** Scripts that stand for one language, for the purpose of a mail's `lang`. Kana come before Han: Japanese has both. */
const scripts: readonly (readonly [string, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['zh', /\p{Script=Han}/u],
  ['ko', /\p{Script=Hangul}/u],
  ['ar', /\p{Script=Arabic}/u],
  ['he', /\p{Script=Hebrew}/u],
  ['ru', /\p{Script=Cyrillic}/u],
  ['el', /\p{Script=Greek}/u],
  ['th', /\p{Script=Thai}/u],
  ['hi', /\p{Script=Devanagari}/u],
];

/** Words that are looked at; a meeting stays in its language. */
const sample = 4_000;

/**
 * The language of a talk by the share of its commonest words, or by its script. Undefined where it is not clear:
 * a wrong guess would apply English rules to what is not English.
 */
export const recogniseLanguage = (words: readonly string[]): string | undefined => {
  const looked = words.slice(0, sample);
  if (looked.length === 0) return undefined;
  for (const [language, script] of scripts) {
    if (looked.filter((word) => script.test(word)).length > looked.length * 0.2) return language;
  }
  const shares = Object.entries(stopWords)
    .map(([language, known]) => ({ language, share: looked.filter((word) => known.has(word)).length / looked.length }))
    .sort((a, b) => b.share - a.share);
  const [best] = shares;
  return best && best.share >= 0.25 ? best.language : undefined;
};
