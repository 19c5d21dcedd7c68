import { describe, expect, test } from '@jest/globals';
import { days, type Day, type ScheduleEvent } from '../../../core/schedule/event.ts';
import { matchSchedule } from '../../../core/schedule/match.ts';

const event = (day: Day, time: string, more: Partial<ScheduleEvent> = {}): ScheduleEvent => ({
  ...{ meetingId: '98765432101', seriesId: '20260111111', courseCode: 'HIST E-10', title: 'Lecture' },
  ...{ day, time, ...more },
});
const rule = { timeZone: 'US/Eastern', bufferMinutes: 30 };
/** A Monday, in summer: four hours behind UTC. */
const at = (time: string): Date => new Date(`2026-07-13T${time}-04:00`);

describe('the class that a meeting was', () => {
  test.each([
    ['19:40:59', false],
    ['19:41:00', true],
    ['20:10:00', true],
    ['20:39:59', true],
    ['20:40:00', false],
  ])('at 20:10 has one that begins at %s: %s', (time, isMatch) => {
    expect(matchSchedule([event('M', '20:10')], at(time), rule).event !== undefined).toBe(isMatch);
  });

  test('is told with the rule and the minutes that it was off', () => {
    const evening = event('M', '20:10');
    expect(matchSchedule([evening], at('20:03:20'), rule)).toEqual({
      ...{ event: evening, minutesOff: -7, because: 'it began 7 minutes before the Monday class at 20:10' },
    });
    expect(matchSchedule([evening], at('20:10:40'), rule).because).toBe('it began with the Monday class at 20:10');
    expect(matchSchedule([evening], at('21:10:00'), rule)).toEqual({
      minutesOff: 60,
      because: 'it began 60 minutes after the Monday class at 20:10, and less than 30 minutes are asked for',
    });
    expect(matchSchedule([event('T', '20:10')], at('20:10:00'), rule)).toEqual({
      because: 'no class of this meeting is on a Monday',
    });
    expect(matchSchedule([], at('20:10:00'), rule)).toEqual({ because: 'the schedule does not know this meeting' });
  });

  test('is the nearest where windows overlap, and the first listed of two that are as near', () => {
    const early = event('M', '20:00', { seriesId: 'early' });
    const late = event('M', '20:20', { seriesId: 'late' });
    expect(matchSchedule([early, late], at('20:15:00'), rule).event).toBe(late);
    expect(matchSchedule([late, early], at('20:10:00'), rule).event).toBe(late);
  });

  test('is found by the wall clock on both sides of a change of time', () => {
    const classes = [event('U', '09:00')];
    for (const [moment, minutesOff] of [
      ['2026-03-01T14:05:00Z', 5],
      ['2026-03-08T13:05:00Z', 5],
      ['2026-11-01T14:05:00Z', 5],
      ['2026-10-25T13:05:00Z', 5],
    ] as const)
      expect(matchSchedule(classes, new Date(moment), rule)).toMatchObject({ minutesOff });
  });

  test('is that of the same weekday alone: one after midnight is another day', () => {
    expect(matchSchedule([event('M', '23:50')], new Date('2026-07-14T00:05:00-04:00'), rule).event).toBeUndefined();
  });
});

/** The older rule in its own words: the first event of the local weekday whose hour and minute are near enough. */
const olderRule = (events: readonly ScheduleEvent[], start: Date, timeZone: string, buffer: number) => {
  const [date = '', clock = ''] = start.toLocaleString('sv-SE', { timeZone }).split(' ');
  const weekday = (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
  const actual = Date.parse(`${date}T${clock}Z`);
  return events.find(({ day, time }) => {
    const expected = Date.parse(`${date}T${time}:${clock.slice(6)}Z`);
    return days.indexOf(day) === weekday && Math.abs(actual - expected) / 1_000 < buffer * 60;
  });
};

test('agrees with the older rule on every weekday, in every zone and around each change of time, where windows are apart', () => {
  const events = days.flatMap((day) => ['00:10', '09:05', '14:00', '20:10', '23:45'].map((time) => event(day, time)));
  const starts = ['2026-03-05', '2026-03-27', '2026-07-01', '2026-10-23', '2026-10-30'].map((date) => Date.parse(date));
  const differing: string[] = [];
  let matched = 0;
  let compared = 0;
  for (const timeZone of ['US/Eastern', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'])
    for (const start of starts)
      for (let minute = 0; minute < 4 * 1_440; minute += 31) {
        const moment = new Date(start + minute * 60_000 + (minute % 60) * 1_000);
        for (const bufferMinutes of [1, 30]) {
          const { event: found } = matchSchedule(events, moment, { timeZone, bufferMinutes });
          if (found !== olderRule(events, moment, timeZone, bufferMinutes)) differing.push(moment.toISOString());
          compared += 1;
          matched += found ? 1 : 0;
        }
      }
  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(9_000);
  expect(matched / compared).toBeGreaterThan(0.05);
});
