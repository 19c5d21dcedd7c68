import type { Insights } from './insights.ts';
import { rank } from './rank.ts';
import type { Sentence } from './sentences.ts';
import { isSmallTalk, isWhole, leansBack, tidy } from './tidy.ts';

/** What a person reads in a glance. */
const shortWords = 60;
const longestSentence = 40;
const perParagraph = 3;

/**
 * The sentences that stand for the whole, in the order of the meeting. `listed` are shown elsewhere as action items
 * and weigh less here.
 */
export const summarise = (
  sentences: readonly Sentence[],
  listed: ReadonlySet<Sentence>,
  rules: boolean,
): Insights['summary'] => {
  const ranks = rank(sentences);
  const average = 1 / Math.max(1, sentences.length);
  const punctuated = sentences.filter(({ text }) => isWhole(text)).length > sentences.length / 2;
  const candidates = sentences
    .map((sentence, index) => ({
      sentence,
      index,
      score:
        ((ranks[index] ?? 0) / average) *
        fitness(sentence, listed.has(sentence), rules, punctuated) *
        (isReply(sentence, sentences[index - 1]) ? 0.6 : 1),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index);

  const wanted = Math.min(9, Math.max(3, Math.round(Math.sqrt(sentences.length) / 2.5)));
  const chosen: typeof candidates = [];
  for (const candidate of candidates) {
    if (chosen.length >= wanted) break;
    if (chosen.every(({ sentence }) => overlap(sentence, candidate.sentence) < 0.5)) chosen.push(candidate);
  }

  const inOrder = (some: typeof candidates) =>
    [...some].sort((a, b) => a.index - b.index).map(({ sentence }) => readable(sentence, rules));
  const all = inOrder(chosen);
  const paragraphs: string[] = [];
  for (let from = 0; from < all.length; from += perParagraph)
    paragraphs.push(all.slice(from, from + perParagraph).join(' '));
  return { short: inOrder(withinWords(chosen)).join(' '), paragraphs };
};

/** The answer to a question says little without it. */
const isReply = ({ speaker }: Sentence, before: Sentence | undefined): boolean =>
  before !== undefined && before.speaker !== speaker && /[?？؟]$/.test(before.text);

/** How well a sentence stands alone; 0: not at all. */
const fitness = (sentence: Sentence, listed: boolean, rules: boolean, punctuated: boolean): number => {
  const { text, words, stems } = sentence;
  if (words.length < 4 || words.length > longestSentence || stems.length < 3) return 0;
  if (/[?？؟]["'”’)»]?$/.test(text) || (punctuated && !isWhole(text))) return 0;
  if (rules && isSmallTalk(text)) return 0;
  let score = Math.min(1, words.length / 8);
  if (rules && leansBack(tidy(text))) score *= 0.5;
  if (listed) score *= 0.6;
  return score;
};

/** Shared stems by all stems of both (Jaccard). */
export const overlap = (a: Pick<Sentence, 'stems'>, b: Pick<Sentence, 'stems'>): number => {
  const ours = new Set(a.stems);
  const theirs = new Set(b.stems);
  const shared = [...ours].filter((stem) => theirs.has(stem)).length;
  return shared === 0 ? 0 : shared / (ours.size + theirs.size - shared);
};

/** The best ones that fit; one at least, since half a sentence says less than a long one. */
const withinWords = <Chosen extends { sentence: Sentence }>(chosen: readonly Chosen[]): Chosen[] => {
  let words = 0;
  return chosen.filter(({ sentence }, index) => {
    const fits = index === 0 || words + sentence.words.length <= shortWords;
    if (fits) words += sentence.words.length;
    return fits;
  });
};

/** Who says "I" is named, or the sentence says nothing to those who were not there. */
const readable = ({ text, speaker, words }: Sentence, rules: boolean): string => {
  const clean = rules ? tidy(text) : text;
  const whole = isWhole(clean) || /[:;,]$/.test(clean) ? clean : `${clean}.`;
  const personal = rules && words.some((word) => /^(?:i|i'm|i'll|i've|i'd|my|me)$/.test(word));
  return personal && speaker ? `${speaker}: ${whole}` : whole;
};
