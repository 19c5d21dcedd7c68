import type { Sentence } from './sentences.ts';

/** The share of a random walk over sentences that follows similarity; the rest starts anew anywhere. */
const damping = 0.85;
const rounds = 30;

/**
 * LexRank without a threshold: sentences that resemble many others that do so too rank high. The graph of
 * similarities is never built: each round multiplies with the sentence-by-term matrix and its transpose, so time and
 * memory grow with the words of the talk, not with the square of its sentences.
 */
export const rank = (sentences: readonly Sentence[]): number[] => {
  const count = sentences.length;
  const { rows, terms } = weigh(sentences);

  /** Sums of similarity (cosine) with every other sentence, each weighted. */
  const spread = (weights: Float64Array): Float64Array => {
    const perTerm = new Float64Array(terms);
    rows.forEach((row, index) => {
      for (const [term, value] of row) perTerm[term]! += value * weights[index]!;
    });
    return Float64Array.from(rows, (row, index) => {
      let sum = 0;
      for (const [term, value] of row) sum += value * perTerm[term]!;
      // A sentence's similarity to itself is 1, and not meant.
      return row.length > 0 ? Math.max(0, sum - weights[index]!) : 0;
    });
  };

  const degrees = spread(new Float64Array(count).fill(1));
  let ranks = new Float64Array(count).fill(1 / count);
  for (let round = 0; round < rounds; round++) {
    const outflow = ranks.map((value, index) => (degrees[index]! > 1e-9 ? value / degrees[index]! : 0));
    ranks = spread(outflow).map((value) => (1 - damping) / count + damping * value);
  }
  return [...ranks];
};

type Row = readonly (readonly [term: number, weight: number])[];

/** TF-IDF over stems, each sentence of length 1. */
const weigh = (sentences: readonly Sentence[]): { rows: Row[]; terms: number } => {
  const ids = new Map<string, number>();
  const inSentences: number[] = [];
  const counted = sentences.map(({ stems }) => {
    const counts = new Map<number, number>();
    for (const stem of stems) {
      const id = ids.get(stem) ?? ids.size;
      ids.set(stem, id);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const id of counts.keys()) inSentences[id] = (inSentences[id] ?? 0) + 1;
    return counts;
  });
  const rows = counted.map((counts) => {
    const row = [...counts].map(
      ([id, times]) => [id, times * Math.log(1 + sentences.length / (inSentences[id] ?? 1))] as const,
    );
    const length = Math.hypot(...row.map(([, weight]) => weight));
    return row.map(([id, weight]) => [id, weight / length] as const);
  });
  return { rows, terms: ids.size };
};
