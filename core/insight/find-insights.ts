import type { Transcript } from '../transcript/transcript.ts';
import { actionOf } from './actions.ts';
import { chaptersOf } from './chapters.ts';
import { isDecision } from './decisions.ts';
import type { Insights } from './insights.ts';
import { answerTo, isQuestion } from './questions.ts';
import { sentencesOf, type Sentence } from './sentences.ts';
import { overlap, summarise } from './summary.ts';
import { talkTimeOf } from './talk-time.ts';
import { tidy } from './tidy.ts';
import { topicsOf } from './topics.ts';

/** Of each kind. What a meeting brings beyond that is no list any more. */
const mostItems = 200;
/** Said twice in other words. */
const sameThing = 0.6;

/**
 * Insights without any service: sentences that were said are ranked and sorted, none is written. The same transcript
 * always gives the same insights. English has rules; other languages get a summary, topics and marked questions.
 */
export const findInsights = (transcript: Transcript): Insights => {
  const { sentences, language } = sentencesOf(transcript);
  const rules = language?.split('-')[0] === 'en';
  const people = transcript.speakers.map(({ name }) => name);

  const tasks = rules ? findTasks(sentences, people) : [];
  const taken = new Set(tasks.map(({ sentence }) => sentence));
  const decisions = rules ? sentences.filter((sentence) => !taken.has(sentence) && isDecision(sentence)) : [];
  const questions = sentences
    .map((sentence, index) => ({ sentence, index }))
    .filter(({ sentence, index }) => !taken.has(sentence) && isQuestion(sentence, sentences[index + 1], rules));
  const shownText = (text: string) => (rules ? tidy(text) : text);

  return {
    engine: 'extractive',
    ...(language && { language }),
    languageSupport: rules ? 'full' : 'basic',
    summary: summarise(sentences, taken, rules),
    topics: topicsOf(sentences, language?.split('-')[0], people),
    actionItems: distinct(tasks.filter(({ kind }) => kind === 'action')).map(({ sentence, assignee, due }) => ({
      text: shownText(sentence.text),
      ...(assignee && { assignee }),
      ...(due && { due }),
      ...momentOf(sentence),
    })),
    followUps: distinct(tasks.filter(({ kind }) => kind === 'follow-up')).map((task) => ({
      text: shownText(task.sentence.text),
      ...(task.assignee && { assignee: task.assignee }),
      ...(task.with && { with: task.with }),
      ...(task.due && { due: task.due }),
      ...momentOf(task.sentence),
    })),
    questions: distinct(questions).map(({ sentence, index }) => {
      const { answered, answer } = answerTo(sentence, sentences.slice(index + 1, index + 6));
      return {
        text: shownText(sentence.text),
        ...(sentence.speaker && { askedBy: sentence.speaker }),
        answered,
        ...(answer && { answer }),
        ...momentOf(sentence),
      };
    }),
    decisions: distinct(decisions.map((sentence) => ({ sentence }))).map(({ sentence }) => ({
      text: shownText(sentence.text),
      ...momentOf(sentence),
    })),
    chapters: chaptersOf(sentences, language?.split('-')[0], people),
    talkTime: talkTimeOf(transcript),
  };
};

const findTasks = (sentences: readonly Sentence[], people: readonly string[]) =>
  sentences.flatMap((sentence, index) => {
    const action = actionOf(sentence, sentences[index + 1], people);
    return action ? [{ sentence, ...action }] : [];
  });

const momentOf = ({ segmentIds, startMs }: Sentence) => ({ segmentIds: [...segmentIds], startMs });

/** Each thing once, as it was said first. */
const distinct = <Item extends { sentence: Sentence }>(items: readonly Item[]): Item[] => {
  const kept: Item[] = [];
  for (const item of items) {
    if (kept.length >= mostItems) break;
    if (kept.every(({ sentence }) => overlap(sentence, item.sentence) < sameThing)) kept.push(item);
  }
  return kept;
};
