import { readGrammar } from './grammar.ts';
import type { Insights } from './insights.ts';
import type { Sentence } from './sentences.ts';
import { noWords, stopWords } from './stop-words.ts';
import { normal, stem, wordsOf } from './words.ts';

const mostTopics = 8;
/** Moments that a topic points to. */
const mostMoments = 10;
const longestPhrase = 3;

/** English words that name nothing: what talk does, and how, when and how much. */
const doing = new Set(
  `add agree ask begin believe bring buy choose come create decide discuss end explain feel find finish fix follow forget
  get give happen hear help hope keep know leave let listen love make mention need pick please prefer remember reply say
  see seem send speak start stop suggest switch take tell think try turn wait walk want wonder worry write first second
  third last next week month year day morning afternoon monday tuesday wednesday thursday friday saturday sunday tomorrow
  today yesterday minute hour half couple bit side big small new different important possible able same better best early
  late quick quickly long short high low ready everyone mute hundred thousand million january february march april june
  july august september october november december euro dollar pound percent`
    .split(/\s+/)
    .map(stem),
);
/** May stand in a phrase ("load test"), but alone they are mostly verbs or too vague. */
const vague = new Set(
  `answer build call change check close hour list look meet move number old open plan play push question read review room
  run screen share show test update use watch work`
    .split(/\s+/)
    .map(stem),
);

type Phrase = { text: string; stems: readonly string[]; sentences: Sentence[]; capital: boolean };

/** What was spoken of: phrases of up to three words that come again and again, in the order of their first moment. */
export const topicsOf = (
  sentences: readonly Sentence[],
  language: string | undefined,
  people: readonly string[],
): Insights['topics'] => {
  const phrases = countPhrases(sentences, language, people);
  // In a short talk a phrase of several words says something when it comes once; a single word never does.
  const least = sentences.length < 12 ? 1 : 2;
  const leastAlone = sentences.length < 60 ? 2 : 3;
  const scored = [...phrases.values()]
    .map((phrase) => ({ phrase, score: scoreOf(phrase, sentences.length, language) }))
    .filter(
      ({ phrase, score }) => score > 0 && phrase.sentences.length >= (phrase.stems.length > 1 ? least : leastAlone),
    )
    .sort((a, b) => b.score - a.score || (a.phrase.text < b.phrase.text ? -1 : 1));

  const chosen: typeof scored = [];
  for (const candidate of scored) {
    if (chosen.length >= mostTopics) break;
    const isNew = chosen.every(({ phrase }) => !phrase.stems.some((one) => candidate.phrase.stems.includes(one)));
    if (isNew) chosen.push(candidate);
  }
  return chosen
    .map(({ phrase, score }) => ({
      text: phrase.text.charAt(0).toUpperCase() + phrase.text.slice(1),
      score: Math.round(score * 100) / 100,
      segmentIds: [...new Set(phrase.sentences.map(({ segmentIds }) => segmentIds[0] ?? ''))].slice(0, mostMoments),
      startMs: phrase.sentences[0]?.startMs ?? 0,
    }))
    .sort((a, b) => a.startMs - b.startMs);
};

const countPhrases = (
  sentences: readonly Sentence[],
  language: string | undefined,
  people: readonly string[],
): Map<string, Phrase> => {
  const stop = stopWords[language ?? ''] ?? noWords;
  const names = new Set(people.flatMap(wordsOf).map(normal));
  const phrases = new Map<string, Phrase>();
  const add = (words: readonly string[], sentence: Sentence) => {
    const stems = words.map((word) => stem(normal(word)));
    const key = stems.join(' ');
    const known = phrases.get(key);
    if (!known) phrases.set(key, { text: words.join(' '), stems, sentences: [sentence], capital: startsUpper(words) });
    else if (known.sentences.at(-1) !== sentence) known.sentences.push(sentence);
  };

  for (const sentence of sentences) {
    const kinds = language === 'en' ? kindsOf(sentence.text) : undefined;
    // Phrases do not reach over punctuation.
    for (const [index, part] of sentence.text.split(/[,.;:!?()"“”„«»。、，；：！？।؟–—]+/).entries()) {
      let run: string[] = [];
      for (const [place, word] of wordsOf(part).entries()) {
        const small = normal(word);
        const carries = !stop.has(small) && !names.has(small) && !/^\p{N}+$/u.test(small) && longEnough(small);
        if (!carries) {
          run = [];
          continue;
        }
        // A capital at the start of a sentence is no sign of a name.
        run.push(
          index === 0 && place === 0 && word.slice(1) === word.slice(1).toLowerCase() ? word.toLowerCase() : word,
        );
        for (let length = 1; length <= Math.min(longestPhrase, run.length); length++) {
          const words = run.slice(-length);
          if (!kinds || namesSomething(words, kinds)) add(words, sentence);
        }
      }
    }
  }
  return phrases;
};

const kindsOf = (text: string): Map<string, string> =>
  new Map(readGrammar(text).map(({ text: word, kind }) => [normal(word), kind]));

/** A noun, and before it what may stand before a noun. What the grammar does not know as a word of its own may pass. */
const namesSomething = (words: readonly string[], kinds: ReadonlyMap<string, string>): boolean =>
  words.every((word, index) => {
    const kind = kinds.get(normal(word)) ?? 'NOUN';
    if (kind === 'NOUN' || kind === 'PROPN') return true;
    return index < words.length - 1 && (kind === 'ADJ' || (kind === 'VERB' && /(?:ing|ed)$/i.test(word)));
  });

const startsUpper = (words: readonly string[]): boolean => /^\p{Lu}/u.test(words[0] ?? '');

const longEnough = (word: string): boolean => word.length >= (/\p{Lo}/u.test(word) ? 2 : 3);

/** Phrases beat words, names beat verbs, and what is in every third sentence is no topic. */
const scoreOf = ({ stems, sentences, capital }: Phrase, total: number, language: string | undefined): number => {
  const [first = '', last = first] = [stems[0], stems.at(-1)];
  if (language === 'en' && (doing.has(first) || doing.has(last) || (stems.length === 1 && vague.has(first)))) return 0;
  // Where no list of common words is known, frequency itself tells them.
  if (stopWords[language ?? ''] === undefined && total >= 20 && sentences.length > total / 3) return 0;
  const rarity = Math.log(1 + total / sentences.length);
  return sentences.length * rarity * (1 + 0.8 * (stems.length - 1)) * (capital ? 1.3 : 1);
};
