import type { Insights } from './insights.ts';
import type { Sentence } from './sentences.ts';
import { topicsOf } from './topics.ts';

/** Sentences on each side of a place that are compared. */
const sideLength = 12;
/** About one chapter in so much talk, and none shorter than the half. */
const usualMs = 5 * 60_000;
const shortestMs = usualMs / 2;
const mostChapters = 20;
/** A silence is a sign of its own. */
const silenceMs = 4_000;

/**
 * Where a meeting turns to something else: places at which the words before and the words after have least in common
 * (Hearst's TextTiling, without its smoothing), each named by what is spoken of most after it. A meeting without two
 * chapters has none.
 */
export const chaptersOf = (
  sentences: readonly Sentence[],
  language: string | undefined,
  people: readonly string[],
): Insights['chapters'] => {
  const from = sentences[0]?.startMs ?? 0;
  const to = sentences.at(-1)?.endMs ?? 0;
  const wanted = Math.min(mostChapters, Math.round((to - from) / usualMs));
  if (wanted < 2 || sentences.length < 2 * sideLength) return [];

  const starts = [0];
  for (const { place } of turningPlaces(sentences)) {
    if (starts.length >= wanted) break;
    const at = sentences[place]?.startMs ?? 0;
    const isFar = starts.every((start) => Math.abs(at - (sentences[start]?.startMs ?? 0)) >= shortestMs);
    if (isFar && to - at >= shortestMs) starts.push(place);
  }
  starts.sort((a, b) => a - b);

  const chapters: Insights['chapters'] = [];
  for (const [index, start] of starts.entries()) {
    const first = sentences[start];
    const title = titleOf(sentences.slice(start, starts[index + 1]), language, people, chapters);
    // What cannot be named belongs to what came before.
    if (first && title) chapters.push({ title, startMs: first.startMs, segmentIds: [...first.segmentIds] });
  }
  return chapters.length < 2 ? [] : chapters;
};

/** The deepest first: how much less the two sides have in common than the peaks around. */
const turningPlaces = (sentences: readonly Sentence[]): { place: number; depth: number }[] => {
  const likeness = sentences.map((_, place) => likenessAt(sentences, place));
  return likeness
    .map((here, place) => {
      const before = sentences[place - 1];
      const silence = before ? (sentences[place]?.startMs ?? 0) - before.endMs : 0;
      const depth = climb(likeness, place, -1) - here + (climb(likeness, place, 1) - here);
      return { place, depth: depth + (silence >= silenceMs ? 0.15 : 0) };
    })
    .filter(({ place, depth }) => place >= sideLength / 2 && depth > 0)
    .sort((a, b) => b.depth - a.depth || a.place - b.place);
};

/** The height that is reached going uphill from here; not over a plain without end. */
const climb = (heights: readonly number[], from: number, step: 1 | -1): number => {
  let at = from;
  while (Math.abs(at - from) < 4 * sideLength && (heights[at + step] ?? -1) >= (heights[at] ?? 0)) at += step;
  return heights[at] ?? 0;
};

/** Cosine of the counts of words on both sides. */
const likenessAt = (sentences: readonly Sentence[], place: number): number => {
  const before = countStems(sentences.slice(Math.max(0, place - sideLength), place));
  const after = countStems(sentences.slice(place, place + sideLength));
  let product = 0;
  for (const [stem, times] of before) product += times * (after.get(stem) ?? 0);
  const length = Math.hypot(...before.values()) * Math.hypot(...after.values());
  return length === 0 ? 0 : product / length;
};

const countStems = (sentences: readonly Sentence[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { stems } of sentences) for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return counts;
};

/** What the part is about most, unless an earlier one is called so. */
const titleOf = (
  part: readonly Sentence[],
  language: string | undefined,
  people: readonly string[],
  earlier: Insights['chapters'],
): string | undefined =>
  [...topicsOf(part, language, people)]
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
    .find(({ text }) => earlier.every(({ title }) => title !== text))?.text;
