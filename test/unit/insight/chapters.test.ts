import { describe, expect, test } from '@jest/globals';
import { findInsights } from '../../../core/insight/find-insights.ts';
import { talk } from './talk.ts';

/** Twelve minutes: three subjects, four minutes each, a sentence every five seconds. */
const subjects = [
  ['the search index', 'results of the search index', 'the ranking', 'what visitors look for'],
  ['the reading room', 'seats of the reading room', 'the lamps', 'evenings in May'],
  ['the printing budget', 'paper for the printing budget', 'the old printers', 'numbers from accounting'],
];
const lines = subjects.flatMap((words) =>
  Array.from(
    { length: 48 },
    (_, index) =>
      `${index % 2 ? 'Ada' : 'Bob'}: So this is about ${words[index % 4]} and what we have there with ${words[(index * 3 + 1) % 4]}.`,
  ),
);

describe('Chapters', () => {
  test('begin where a meeting turns to something else, and are called by what is spoken of', () => {
    const { chapters } = findInsights(talk(...lines));
    expect(chapters.map(({ title }) => title)).toEqual(['Search index', 'Reading room']);
    const minutes = chapters.map(({ startMs }) => startMs / 60_000);
    expect(minutes[0]).toBe(0);
    expect(Math.abs((minutes[1] ?? 0) - 4)).toBeLessThan(0.5);
    expect(chapters.every(({ segmentIds }) => segmentIds.length > 0)).toBe(true);
  });

  test('are not made of a few minutes', () => {
    expect(findInsights(talk(...lines.slice(0, 60))).chapters).toEqual([]);
  });

  test('are not made where nothing changes', () => {
    const same = Array.from({ length: 200 }, () => 'Ada: We have the archive.');
    expect(findInsights(talk(...same)).chapters).toEqual([]);
  });
});
