import model from 'wink-eng-lite-web-model';
import winkNLP, { type WinkMethods } from 'wink-nlp';

export type Token = {
  readonly text: string;
  /** Where it begins in the text. */
  readonly at: number;
  /** Part of speech by the tags of Universal Dependencies: VERB, NOUN, PROPN, DET, ... */
  readonly kind: string;
};
export type Reading = { readonly tokens: readonly Token[]; readonly dates: readonly string[] };

/** Longer sentences are not read: a word more or less says nothing in them. */
const longest = 600;
let wink: WinkMethods | undefined;

/** What English words are in a sentence. The model comes with its package, and gives the same every time. */
export const readGrammar = (text: string): Reading => {
  wink ??= winkNLP(model, ['sbd', 'pos', 'ner']);
  const { its } = wink;
  const doc = wink.readDoc(text.slice(0, longest));
  const words = doc.tokens().out(its.value) as string[];
  const gaps = doc.tokens().out(its.precedingSpaces) as string[];
  const kinds = doc.tokens().out(its.pos) as string[];
  let at = 0;
  const tokens = words.map((word, index) => {
    const start = at + (gaps[index]?.length ?? 0);
    at = start + word.length;
    return { text: word, at: start, kind: kinds[index] ?? 'X' };
  });
  const entities = doc.entities().out(its.detail) as unknown as { type: string; value: string }[];
  return { tokens, dates: entities.filter(({ type }) => type === 'DATE').map(({ value }) => value) };
};
