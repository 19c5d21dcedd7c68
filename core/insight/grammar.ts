import model from 'wink-eng-lite-web-model';
import winkNLP, { type ItsFunction, type WinkMethods } from 'wink-nlp';

export type Token = {
  readonly text: string;
  /** Where it begins in the text. */
  readonly at: number;
  /** Part of speech by the tags of Universal Dependencies: VERB, NOUN, PROPN, DET, ... */
  readonly kind: string;
};

/** Longer sentences are not read: a word more or less says nothing in them. */
const longest = 600;
/** What of wink's own accessors is used; they need no `this`. */
type Its = {
  readonly value: ItsFunction<string>;
  readonly pos: ItsFunction<string>;
  readonly precedingSpaces: ItsFunction<string>;
};
let wink: WinkMethods | undefined;

/** What English words are in a sentence. The model comes with its package, and gives the same every time. */
export const readGrammar = (text: string): Token[] => {
  wink ??= winkNLP(model, ['sbd', 'pos']);
  const its = wink.its as unknown as Its;
  const doc = wink.readDoc(text.slice(0, longest));
  const words = doc.tokens().out(its.value);
  const gaps = doc.tokens().out(its.precedingSpaces);
  const kinds = doc.tokens().out(its.pos);
  let at = 0;
  return words.map((word, index) => {
    const start = at + (gaps[index]?.length ?? 0);
    at = start + word.length;
    return { text: word, at: start, kind: kinds[index] ?? 'X' };
  });
};
