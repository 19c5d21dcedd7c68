import type { Sentence } from './sentences.ts';
import { isSmallTalk, tidy } from './tidy.ts';

export type Answer = { answered: boolean; answer?: string };

const mark = /[?？؟]["'”’)»]?$/;
const asks =
  /^(?:what|when|where|who|whom|whose|which|why|how|is|are|was|were|do|does|did|can|could|should|would|will|have|has)\b/i;
/** Said to check that others follow, not to learn something. */
const empty =
  /^(?:(?:right|okay|ok|correct|yeah|no|really|sorry|what|pardon|isn't it|you know|does that make sense|make sense)[\s,]*)+\?$/i;
const shrug =
  /\b(?:i don't know|no idea|not sure|good question|i'd have to check|we'll see|hard to say|let me check|find out|get back to you)\b/i;
const openers =
  /^(?:(?:yes|no|yeah|yep|nope|sure|right|exactly|correct|okay|ok|well|not yet|not really|of course|it is|we do|i do|i think so)[.!,\s]*){1,3}$/i;

/** An answer comes soon, or the question was passed over. */
const soonMs = 30_000;

/** `rules`: for English, which also has questions whose mark a recogniser left out. */
export const isQuestion = (sentence: Sentence, next: Sentence | undefined, rules: boolean): boolean => {
  const { text, words } = sentence;
  if (words.length > 60) return false;
  if (!rules) return mark.test(text) && sentence.stems.length >= 2;
  if (words.length < 4 || sentence.stems.length < 1 || isSmallTalk(text) || empty.test(text)) return false;
  if (mark.test(text)) return true;
  // Without a mark, words in the order of a question count where somebody else speaks next.
  return (
    !/[.!]$/.test(text) && asks.test(tidy(text)) && next?.speaker !== undefined && next.speaker !== sentence.speaker
  );
};

/** What the next other voice says, unless it asks back or does not know. */
export const answerTo = (question: Sentence, following: readonly Sentence[]): Answer => {
  const from = following.findIndex(({ speaker }) => speaker !== undefined && speaker !== question.speaker);
  const [first, second] = from === -1 ? [] : following.slice(from, from + 2);
  if (!first || !question.speaker || first.startMs - question.endMs > soonMs) return { answered: false };
  if (mark.test(first.text) || shrug.test(first.text)) return { answered: false };
  const goesOn = second && second.speaker === first.speaker && openers.test(first.text.trim());
  if (goesOn && shrug.test(second.text)) return { answered: false };
  return { answered: true, answer: goesOn ? `${first.text} ${second.text}` : first.text };
};
