import { speakerNames, type Segment, type Transcript } from '../transcript/transcript.ts';
import { recogniseLanguage } from './language.ts';
import { noWords, stopWords } from './stop-words.ts';
import { normal, stem, wordsOf } from './words.ts';

export type Sentence = {
  readonly text: string;
  /** A name as it stands in the transcript. */
  readonly speaker?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly segmentIds: readonly string[];
  /** All words, small. */
  readonly words: readonly string[];
  /** Stems of the words that carry meaning. */
  readonly stems: readonly string[];
};

export type Talk = { readonly sentences: readonly Sentence[]; readonly language: string | undefined };

/** More than ten hours of talk. What follows is left out. */
const mostSentences = 20_000;
/** A longer pause ends a sentence that has no full stop. */
const pauseMs = 2_500;
/** Characters that are joined at most before they are split into sentences. */
const longestTurn = 5_000;
/** Characters. Longer ones are cut, so that every rule after this looks at little text. */
const longestText = 1_000;
/** Words. Recognisers without punctuation make one endless sentence of a talk. */
const longestSentence = 60;

/** Captions break in the middle of sentences; here they become sentences again. */
export const sentencesOf = (transcript: Transcript): Talk => {
  const names = speakerNames(transcript);
  const language = transcript.language ?? recogniseLanguage(sampleOf(transcript.segments));
  const stop = stopWords[language?.split('-')[0] ?? ''] ?? noWords;
  const segmenter = new Intl.Segmenter(isTag(language) ? language : 'en', { granularity: 'sentence' });

  const sentences: Sentence[] = [];
  for (const turn of turnsOf(transcript.segments)) {
    const name = turn[0]?.speaker && names.get(turn[0].speaker);
    for (const { text, segments } of splitTurn(turn, segmenter)) {
      const words = wordsOf(text).map(normal);
      const first = segments[0];
      if (!first || words.length === 0) continue;
      sentences.push({
        text,
        ...(name && { speaker: name }),
        startMs: first.startMs,
        endMs: segments.at(-1)?.endMs ?? first.endMs,
        segmentIds: segments.map(({ id }) => id),
        words,
        stems: words.filter((word) => !stop.has(word) && (word.length > 1 || /\p{Lo}/u.test(word))).map(stem),
      });
      if (sentences.length >= mostSentences) return { sentences, language };
    }
  }
  return { sentences, language };
};

const sampleOf = (segments: readonly Segment[]): string[] =>
  wordsOf(
    segments
      .slice(0, 600)
      .map(({ text }) => text)
      .join(' ')
      .slice(0, 60_000),
  ).map(normal);

const isTag = (language: string | undefined): language is string => {
  try {
    return language !== undefined && Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
};

/** Segments that follow each other in one voice. */
function* turnsOf(segments: readonly Segment[]): Generator<Segment[]> {
  let turn: Segment[] = [];
  let length = 0;
  for (const segment of segments) {
    const last = turn.at(-1);
    const goesOn =
      last && last.speaker === segment.speaker && segment.startMs - last.endMs <= pauseMs && length < longestTurn;
    if (!goesOn && last) {
      yield turn;
      turn = [];
      length = 0;
    }
    turn.push(segment);
    length += segment.text.length;
  }
  if (turn.length > 0) yield turn;
}

type Piece = { text: string; segments: Segment[] };

const splitTurn = (turn: readonly Segment[], segmenter: Intl.Segmenter): Piece[] => {
  const starts: number[] = [];
  let whole = '';
  for (const { text } of turn) {
    whole += whole ? ' ' : '';
    starts.push(whole.length);
    whole += text.slice(0, longestTurn);
  }
  let first = 0;
  return wholeSentences(whole, segmenter).flatMap(({ from, to }) => {
    while (first + 1 < turn.length && (starts[first + 1] ?? 0) <= from) first += 1;
    let last = first;
    while (last + 1 < turn.length && (starts[last + 1] ?? 0) < to) last += 1;
    const segments = turn.slice(first, last + 1);
    const text = whole.slice(from, Math.min(to, from + longestText)).trim();
    const endless = segments.length > 1 && text.split(' ').length > longestSentence;
    return endless
      ? segments.map((segment) => ({ text: segment.text.slice(0, longestText), segments: [segment] }))
      : [{ text, segments }];
  });
};

/** "Dr. Smith" and "e.g. this" go on. */
const goesOn = /\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|approx|e\.g|i\.e|z\.B|d\.h|bzw|ca)\.\s*$/u;

const wholeSentences = (text: string, segmenter: Intl.Segmenter): { from: number; to: number }[] => {
  const found: { from: number; to: number }[] = [];
  let open = false;
  for (const { segment, index } of segmenter.segment(text)) {
    const last = found.at(-1);
    if (open && last) last.to = index + segment.length;
    else found.push({ from: index, to: index + segment.length });
    open = goesOn.test(segment.slice(-12));
  }
  return found;
};
