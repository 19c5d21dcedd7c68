import type { Transcript } from '../../transcript/transcript.ts';
import type { Insights } from '../insights.ts';
import { findName } from '../people.ts';
import { talkTimeOf } from '../talk-time.ts';
import { plain } from '../plain.ts';
import type { Report } from './tool.ts';

/** Of each kind, and of each text: a model that loops fills no mail. */
const mostItems = 200;
const mostMoments = 10;
const longest = { text: 500, title: 120, short: 800, paragraph: 2_000, due: 80 };
const mostParagraphs = 8;

type Moment = { segmentIds: string[]; startMs: number };

/**
 * What a model reported, as far as the transcript bears it out: every item points to lines that exist, everybody in it
 * took part. What does not is left out, and nothing else a model may have written goes on.
 */
export const toInsights = (found: Report, transcript: Transcript, model: string): Insights => {
  const places = new Map(transcript.segments.map(({ id, startMs }, index) => [id, { id, startMs, index }]));
  const people = transcript.speakers.map(({ name }) => name);

  const momentOf = (ids: readonly string[]): Moment | undefined => {
    const known = [...new Set(ids)]
      .flatMap((id) => places.get(id.replace(/^\[|\]$/g, '')) ?? [])
      .sort((a, b) => a.index - b.index);
    const [first] = known;
    return first && { segmentIds: known.slice(0, mostMoments).map(({ id }) => id), startMs: first.startMs };
  };
  /** Only who took part; a first name that two have is nobody's. */
  const personOf = (name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    const same = people.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    return same ?? (name.length <= 100 ? findName(name, people) : undefined);
  };
  const items = <Item extends { text: string; segmentIds: string[] }, Kept>(
    list: readonly Item[],
    keep: (item: Item) => Kept,
  ): (Kept & Moment & { text: string })[] =>
    list
      .flatMap((item) => {
        const moment = momentOf(item.segmentIds);
        const text = plain(item.text, longest.text);
        return moment && text ? [{ text, ...keep(item), ...moment }] : [];
      })
      .sort((a, b) => a.startMs - b.startMs)
      .slice(0, mostItems);
  const dueOf = (due: string | undefined) => {
    const text = plain(due ?? '', longest.due);
    return text ? { due: text } : {};
  };
  const assigneeOf = (name: string | undefined) => {
    const assignee = personOf(name);
    return assignee ? { assignee } : {};
  };

  const language = transcript.language ?? tagOf(found.language);
  return {
    engine: 'bedrock',
    model,
    ...(language && { language }),
    languageSupport: 'full',
    summary: {
      short: plain(found.summary.short, longest.short),
      paragraphs: found.summary.paragraphs
        .map((text) => plain(text, longest.paragraph))
        .filter((text) => text !== '')
        .slice(0, mostParagraphs),
    },
    topics: items(found.topics, () => ({})),
    actionItems: items(found.actionItems, ({ assignee, due }) => ({ ...assigneeOf(assignee), ...dueOf(due) })),
    followUps: items(found.followUps, ({ assignee, with: other, due }) => {
      const whom = personOf(other);
      return { ...assigneeOf(assignee), ...(whom && { with: whom }), ...dueOf(due) };
    }),
    questions: items(found.questions, ({ askedBy, answered, answer }) => {
      const who = personOf(askedBy);
      const reply = plain(answer ?? '', longest.text);
      return { ...(who && { askedBy: who }), answered, ...(answered && reply && { answer: reply }) };
    }),
    decisions: items(found.decisions, () => ({})),
    chapters: chaptersOf(found, momentOf),
    talkTime: talkTimeOf(transcript),
  };
};

/** In the order of the meeting, each with a place of its own. */
const chaptersOf = (found: Report, momentOf: (ids: readonly string[]) => Moment | undefined): Insights['chapters'] => {
  const chapters = found.chapters
    .flatMap(({ title, startSegmentId }) => {
      const moment = momentOf([startSegmentId]);
      const text = plain(title, longest.title);
      return moment && text ? [{ title: text, ...moment }] : [];
    })
    .sort((a, b) => a.startMs - b.startMs)
    .filter(({ startMs }, index, all) => startMs !== all[index - 1]?.startMs)
    .slice(0, mostItems);
  return chapters.length < 2 ? [] : chapters;
};

const tagOf = (language: string | undefined): string | undefined => {
  try {
    return language && language.length <= 35 ? Intl.getCanonicalLocales(language)[0] : undefined;
  } catch {
    return undefined;
  }
};
