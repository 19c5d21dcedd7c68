import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ruleSchedule, timetable } from '../../../local/events/schedule-expression.ts';
import type { Recurrence } from '../../../local/events/cron.ts';

const upcoming = (next: Recurrence, after: string, count: number): string[] => {
  const found: string[] = [];
  for (let at = next(Date.parse(after)); at !== undefined && found.length < count; at = next(at))
    found.push(new Date(at).toISOString().slice(0, 16));
  return found;
};
const ofCron = (fields: string, after: string, count: number, timezone = 'UTC'): string[] =>
  upcoming(timetable(`cron(${fields})`, timezone, 0).next, after, count);

describe('a cron expression', () => {
  // The first column is from the examples of EventBridge's user guide.
  test.each<[string, string, string, string[]]>(
    [
      ['0 10 * * ? *', 'at 10:00 every day', '2026-11-21T10:00:00Z', ['2026-11-22T10:00', '2026-11-23T10:00']],
      ['15 12 * * ? *', 'at 12:15 every day', '2026-11-21T10:00:00Z', ['2026-11-21T12:15', '2026-11-22T12:15']],
      ['0 18 ? * MON-FRI *', 'at 18:00 on weekdays', '2026-11-20T18:00:00Z', ['2026-11-23T18:00', '2026-11-24T18:00']],
      ['0 8 1 * ? *', 'on the first of the month', '2026-11-21T00:00:00Z', ['2026-12-01T08:00', '2027-01-01T08:00']],
      ['0/15 * * * ? *', 'every 15 minutes', '2026-11-21T10:07:00Z', ['2026-11-21T10:15', '2026-11-21T10:30']],
      [
        '0/10 * ? * MON-FRI *',
        'every 10 minutes on weekdays',
        '2026-11-20T23:49:00Z',
        ['2026-11-20T23:50', '2026-11-23T00:00'],
      ],
      [
        '0/5 8-17 ? * MON-FRI *',
        'every 5 minutes by day',
        '2026-11-20T17:54:00Z',
        ['2026-11-20T17:55', '2026-11-23T08:00'],
      ],
      ['0 9 ? * 2#1 *', 'on the first Monday', '2026-11-21T00:00:00Z', ['2026-12-07T09:00', '2027-01-04T09:00']],
      ['0/30 20-2 ? * 2 *', '', '', []],
      ['0 0 L * ? *', 'on the last day of the month', '2027-01-31T00:00:00Z', ['2027-02-28T00:00', '2027-03-31T00:00']],
      [
        '15 10 ? * 6L 2026-2027',
        'on the last Friday',
        '2026-11-21T00:00:00Z',
        ['2026-11-27T10:15', '2026-12-25T10:15'],
      ],
      [
        '0 0 15W * ? *',
        'on the weekday nearest the 15th',
        '2026-08-01T00:00:00Z',
        ['2026-08-14T00:00', '2026-09-15T00:00', '2026-10-15T00:00', '2026-11-16T00:00'],
      ],
      ['0 0 1W * ? *', 'never in the month before', '2026-07-02T00:00:00Z', ['2026-08-03T00:00', '2026-09-01T00:00']],
      ['0 0 31W * ? *', 'nor in the month after', '2026-05-01T00:00:00Z', ['2026-05-29T00:00', '2026-07-31T00:00']],
      ['0 0 ? * L *', 'L is Saturday', '2026-11-21T00:00:00Z', ['2026-11-28T00:00']],
      ['0 0 29 2 ? *', 'on leap days', '2026-01-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
      ['5,35 14 * JAN,jul ? *', 'in two months', '2026-07-31T14:06:00Z', ['2026-07-31T14:35', '2027-01-01T14:05']],
      ['0 0 1/10 * ? *', 'every tenth day', '2026-11-21T00:00:00Z', ['2026-12-01T00:00', '2026-12-11T00:00']],
      ['0 0 1 1 ? 2026', 'never again', '2026-01-01T00:00:00Z', []],
      ['0 0 30 2 ? *', 'never at all', '2026-01-01T00:00:00Z', []],
    ].filter(([, what]) => what !== '') as [string, string, string, string[]][],
  )('%s is due %s', (fields, _what, after, due) => {
    expect(ofCron(fields, after, due.length || 1)).toEqual(due);
  });

  test.each([
    ['0 0 ? * FRI-MON *', 'FRI-MON'],
    ['0 22-2 * * ? *', '22-2'],
    ['0 0 LW * ? *', 'LW'],
    ['0 0 L-3 * ? *', 'L-3'],
  ])('%s is refused, because nothing says what AWS makes of it', (fields, named) => {
    expect(() => ofCron(fields, '2026-01-01T00:00:00Z', 1)).toThrow(named);
  });

  test('in a time zone leaves out what the change to summer time does, and counts once what comes twice', () => {
    const berlin = (fields: string, after: string): string[] => ofCron(fields, after, 3, 'Europe/Berlin');
    expect(berlin('30 2 * * ? *', '2027-03-27T00:00:00Z')).toEqual([
      '2027-03-27T01:30',
      '2027-03-29T00:30',
      '2027-03-30T00:30',
    ]);
    expect(berlin('30 2 * * ? *', '2026-10-24T00:00:00Z')).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(berlin('0 9 ? * MON *', '2026-10-19T07:00:00Z')).toEqual([
      '2026-10-26T08:00',
      '2026-11-02T08:00',
      '2026-11-09T08:00',
    ]);
  });

  test('is always due after the moment asked for, at a whole minute, and at no earlier one that fits as well', () => {
    const field = (from: number, to: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: from, max: to }).map(String),
        fc
          .tuple(fc.integer({ min: from, max: to }), fc.integer({ min: 1, max: 9 }))
          .map(([at, step]) => `${at}/${step}`),
        fc
          .uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 4 })
          .map((list) => list.join(',')),
      );
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12)),
        fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2028-01-01T00:00:00Z') }),
        ([minute, hour, day, month], after) => {
          const { next } = timetable(`cron(${minute} ${hour} ${day} ${month} ? *)`, 'UTC', 0);
          const due = next(after) ?? 0;
          expect(due).toBeGreaterThan(after);
          expect(due % 60_000).toBe(0);
          expect(next(due - 1)).toBe(due);
          expect(next(after + Math.floor((due - 1 - after) / 2))).toBe(due);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a rate', () => {
  test('of a rule is counted from when it was made', () => {
    const made = Date.parse('2026-11-21T12:00:30Z');
    expect(upcoming(ruleSchedule('rate(5 minutes)', made), '2026-11-21T12:00:30Z', 2)).toEqual([
      '2026-11-21T12:05',
      '2026-11-21T12:10',
    ]);
    expect(upcoming(ruleSchedule('rate(1 hour)', made), '2026-11-21T20:30:00Z', 1)).toEqual(['2026-11-21T21:00']);
    expect(upcoming(ruleSchedule('rate(7 days)', made), '2026-11-22T00:00:00Z', 1)).toEqual(['2026-11-28T12:00']);
  });

  test('of EventBridge Scheduler begins at its start, and may be written in the plural', () => {
    const { next } = timetable('rate(1 hours)', 'UTC', Date.parse('2026-11-21T12:00:00Z'));
    expect(upcoming(next, '2026-11-20T00:00:00Z', 3)).toEqual([
      '2026-11-21T12:00',
      '2026-11-21T13:00',
      '2026-11-21T14:00',
    ]);
  });
});

test('a one-time schedule is due once, at its time in its time zone', () => {
  const { isOnce, next } = timetable('at(2026-11-21T09:00:00)', 'America/New_York', 0);
  expect([isOnce, upcoming(next, '2026-11-21T00:00:00Z', 5)]).toEqual([true, ['2026-11-21T14:00']]);
});
