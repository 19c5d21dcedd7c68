import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findInsights } from '../../../core/insight/find-insights.ts';
import { talk } from './talk.ts';

type Line = { kind: string; due: string; text: string };

/** The second part was not at hand when the rules were made. */
const [known, unknown] = readFileSync('test/fixtures/insight/labelled.txt', 'utf8')
  .split('\n\n')
  .map((part): Line[] =>
    part
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [kind = '', due = '', text = ''] = line.split(' | ');
        return { kind, due, text };
      }),
  );

const judge = (lines: readonly Line[]) => {
  const counts = { right: 0, missed: 0, wrong: 0, dates: 0, datesRight: 0, decisions: 0, decisionsRight: 0 };
  for (const { kind, due, text } of lines) {
    const found = findInsights({
      ...talk(`Ada: ${text}`, 'Zoe: This is what we have so far, and it is in the notes that you can read.'),
      language: 'en',
      speakers: ['Ada', 'Zoe', 'Tom', 'Priya'].map((name, index) => ({ id: `s${index + 1}`, name })),
    });
    const [task] = [...found.actionItems, ...found.followUps];
    if (kind === 'task') counts[task ? 'right' : 'missed'] += 1;
    else if (task) counts.wrong += 1;
    if (kind === 'task' && due !== '-') {
      counts.dates += 1;
      if (task?.due?.replace(/^before /, '').toLowerCase() === due.toLowerCase()) counts.datesRight += 1;
    }
    if (kind === 'decision') {
      counts.decisions += 1;
      if (found.decisions.length > 0) counts.decisionsRight += 1;
    }
  }
  return counts;
};

describe('Tasks, dates and decisions are found', () => {
  test('as a person sorts them, where the rules know the talk', () => {
    expect(judge(known ?? [])).toEqual({
      right: 39,
      missed: 1,
      wrong: 0,
      dates: 20,
      datesRight: 20,
      decisions: 8,
      decisionsRight: 8,
    });
  });

  test('nine of ten, where they do not', () => {
    expect(judge(unknown ?? [])).toEqual({
      right: 20,
      missed: 2,
      wrong: 2,
      dates: 8,
      datesRight: 8,
      decisions: 4,
      decisionsRight: 4,
    });
  });
});
