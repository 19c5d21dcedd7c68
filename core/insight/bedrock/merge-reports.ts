import { normal, stem, wordsOf } from '../words.ts';
import { overlap } from '../summary.ts';
import type { Report } from './tool.ts';

/** The same thing told twice, by its words; where both rest on the same lines, by fewer. */
const sameThing = 0.6;
const sameThingThere = 0.3;

type Item = { text: string; segmentIds: string[] };

/** Reports of parts that overlap as one, each thing once. The overview is another's work. */
export const mergeReports = (reports: readonly Report[], summary: Report['summary']): Report => {
  const all = <Key extends 'topics' | 'actionItems' | 'followUps' | 'questions' | 'decisions'>(key: Key): Report[Key] =>
    distinct(reports.flatMap((one) => one[key] as Item[])) as Report[Key];
  const starts = new Set<string>();
  return {
    language: reports.find(({ language }) => language)?.language,
    summary,
    topics: all('topics'),
    actionItems: all('actionItems'),
    followUps: all('followUps'),
    questions: all('questions'),
    decisions: all('decisions'),
    chapters: reports.flatMap(({ chapters }, index) =>
      // A later part begins in the middle of something: that is no chapter of its own.
      chapters.slice(index === 0 ? 0 : Math.min(1, chapters.length - 1)).filter(({ startSegmentId }) => {
        const isNew = !starts.has(startSegmentId);
        starts.add(startSegmentId);
        return isNew;
      }),
    ),
  };
};

/** In the order they came: the first telling stays, with the lines of all. */
const distinct = <Told extends Item>(items: readonly Told[]): Told[] => {
  const kept: { item: Told; stems: string[] }[] = [];
  for (const item of items) {
    const stems = wordsOf(item.text.slice(0, 1_000)).map((word) => stem(normal(word)));
    const known = kept.find(({ item: other, stems: theirs }) => {
      const isThere = item.segmentIds.some((id) => other.segmentIds.includes(id));
      return overlap({ stems }, { stems: theirs }) >= (isThere ? sameThingThere : sameThing);
    });
    if (!known) kept.push({ item, stems });
    else known.item = { ...known.item, segmentIds: [...new Set([...known.item.segmentIds, ...item.segmentIds])] };
  }
  return kept.map(({ item }) => item);
};
