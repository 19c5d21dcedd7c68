import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareSchedules } from '../../../core/schedule/compare.ts';
import type { ScheduleEvent } from '../../../core/schedule/event.ts';
import { readCsv, type Row } from '../../../core/schedule/read-csv.ts';
import { readSchedule } from '../../../core/schedule/read-schedule.ts';

const header = 'Course Code,Type,Day,Start,Producer,Meeting ID with password,OC Series';
const rowsOf = (text: string): readonly Row[] => {
  const table = readCsv(text);
  if ('malformed' in table) throw new Error(table.malformed.because);
  return table.rows;
};
const read = (...lines: string[]) => {
  const schedule = readSchedule(rowsOf([header, ...lines].join('\r\n')));
  if ('malformed' in schedule) throw new Error(schedule.malformed.because);
  return schedule;
};
const link = 'https://zoom.us/j/98765432101?pwd=abc';
const series = 'https://oc.example.edu/engage/index.html#/2026/01/11111';
const good = `HIST E-10,lecture,MW,9:05,Ada,${link},${series}`;

describe('a table', () => {
  test.each([
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa;b\r\n"c;1";"say ""d"""\r\n',
      [
        ['a', 'b'],
        ['c;1', 'say "d"'],
      ],
    ],
    [
      'a\tb\n\n"c\nd"\t',
      [
        ['a', 'b'],
        ['c\nd', ''],
      ],
    ],
    ['', []],
  ])('%j is read as spreadsheets write it', (text, expected) => {
    expect(rowsOf(text).map(({ cells }) => cells)).toEqual(expected);
  });

  test('tells the line of each row, also behind cells of several lines', () => {
    expect(rowsOf('a,b\n"one\ntwo",x\n\nc,d').map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  test.each([
    ['a,b\nc,"d', 2, 'a quote is opened and never closed'],
    ['a,b\n"c"d,e', 2, 'text stands outside the quotes of its cell'],
  ])('%j is malformed, and the line is told', (text, line, because) => {
    expect(readCsv(text)).toEqual({ malformed: { line, because } });
  });

  test('that was written with quotes comes back as it was', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', ' '), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }), (table) => {
        const said = table.filter((cells) => cells.some((one) => one.trim() !== ''));
        const text = table.map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\n');
        expect(rowsOf(text).map(({ cells }) => cells)).toEqual(said);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a schedule', () => {
  test('has an event for each day of a row', () => {
    expect(read(good)).toEqual({
      refused: [],
      events: ['M', 'W'].map((day) => ({
        ...{ meetingId: '98765432101', seriesId: '20260111111', courseCode: 'HIST E-10', title: 'Lecture' },
        ...{ day, time: '09:05' },
      })),
    });
  });

  test.each(['MW', 'M W', 'M,W', ' M, W ', 'MWM'])('reads the days %j', (cell) => {
    const { events } = read(good.replace('MW', `"${cell}"`));
    expect(events.map(({ day }) => day)).toEqual(['M', 'W']);
  });

  test.each([
    ['https://zoom.us/j/98765432101', '98765432101'],
    ['https://harvard.zoom.us/j/98765432101/', '98765432101'],
    ['https://zoom.us/my/reading.room', 'reading.room'],
  ])('takes the meeting of %s', (given, meetingId) => {
    expect(read(good.replace(link, given)).events[0]?.meetingId).toBe(meetingId);
  });

  test('keeps several courses of one meeting apart, each with its series', () => {
    const { events } = read(good, good.replace('MW', 'T').replace('11111', '22222').replace('HIST E-10', 'MATH 1'));
    expect(events.map(({ day, seriesId }) => [day, seriesId])).toEqual([
      ['M', '20260111111'],
      ['W', '20260111111'],
      ['T', '20260122222'],
    ]);
  });

  test.each([
    [link, '', 'meeting id with password', /no link/],
    [link, 'http://zoom.us/j/1', 'meeting id with password', /no https link/],
    [link, 'https://zoom.us/', 'meeting id with password', /no https link/],
    ['9:05', '9.05', 'start', /24 hours/],
    ['9:05', '24:00', 'start', /24 hours/],
    [series, 'https://oc.example.edu/', 'oc series', /behind a #/],
    ['MW', 'MX', 'day', /"X" is no day/],
    ['MW', 'u', 'day', /"u" is no day/],
    ['MW', '', 'day', /there is no day/],
  ])('refuses a row with %j turned into %j, and holds with the others', (from, to, column, because) => {
    const { events, refused } = read(good, good.replace(from, to));
    expect(events).toHaveLength(2);
    expect(refused).toEqual([{ line: 3, column, because: expect.stringMatching(because) }]);
  });

  test.each([
    ['', 'there is no row; the first one names the columns'],
    ['Course Code,Day', 'there is no column "type", "start", "meeting id with password", "oc series"'],
  ])('with the header %j is none at all', (text, because) => {
    expect(readSchedule(rowsOf(text))).toEqual({ malformed: { line: 1, because: expect.stringContaining(because) } });
  });

  test('is compared with the one before: what was added, changed, removed', () => {
    const [monday, wednesday] = read(good).events as [ScheduleEvent, ScheduleEvent];
    const renamed = { ...wednesday, title: 'Section' };
    const added = { ...monday, time: '11:00' };
    expect(compareSchedules([monday, wednesday], [renamed, added])).toEqual({
      added: [added],
      changed: [{ before: wednesday, after: renamed }],
      removed: [monday],
    });
    expect(compareSchedules([monday], [monday])).toEqual({ added: [], changed: [], removed: [] });
  });
});
