import { notSupported } from '../gateway/aws-error.ts';
import { wallClock, type WallClock } from './time-zone.ts';

/** When a schedule is due next, strictly after a moment; nothing when it never is again. In milliseconds since 1970. */
export type Recurrence = (after: number) => number | undefined;

/** Why an expression is none; the services answer it under their own error names. */
export class NotAnExpression extends Error {}

const invalid = (reason: string): NotAnExpression => new NotAnExpression(reason);

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

type Field = {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
  /** Days of the week know no increments. */
  readonly steps?: false;
};

const fields = {
  minutes: { name: 'minutes', from: 0, to: 59 },
  hours: { name: 'hours', from: 0, to: 23 },
  dayOfMonth: { name: 'day-of-month', from: 1, to: 31 },
  month: { name: 'month', from: 1, to: 12, words: months },
  dayOfWeek: { name: 'day-of-week', from: 1, to: 7, words: weekdays, steps: false },
  year: { name: 'year', from: 1970, to: 2199 },
} as const satisfies Record<string, Field>;

const valueOf = (text: string, { name, from, to, words }: Field): number => {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + 1 : /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (!(value >= from && value <= to)) throw invalid(`${text || 'nothing'} is no value of the field ${name}`);
  return value;
};

/** `5`, `1-5`, `*`, and behind one of these `/2`. */
const elementOf = (text: string, field: Field): number[] => {
  const [range = '', step, ...rest] = text.split('/');
  if (rest.length > 0) throw invalid(`${text} has two increments`);
  if (step !== undefined && field.steps === false) throw invalid(`the field ${field.name} takes no increment`);
  if (step !== undefined && !/^[1-9]\d{0,3}$/.test(step)) throw invalid(`${text} has no increment behind the slash`);
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw invalid(`${text} is no range`);
  const from = range === '*' ? field.from : valueOf(first, field);
  const to =
    range === '*' || (step !== undefined && last === undefined)
      ? field.to
      : last === undefined
        ? from
        : valueOf(last, field);
  if (to < from) throw notSupported(`The range ${range}, which passes the end of the field ${field.name},`);
  const values = [];
  for (let value = from; value <= to; value += Number(step ?? 1)) values.push(value);
  return values;
};

const listOf = (text: string, field: Field): number[] =>
  [...new Set(text.split(',').flatMap((element) => elementOf(element, field)))].sort((a, b) => a - b);

type Day = { readonly year: number; readonly month: number; readonly day: number };
type DayTest = (day: Day) => boolean;

const daysIn = ({ year, month }: Day): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 is Sunday. */
const weekdayOf = ({ year, month, day }: Day): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** The weekday nearest to a day, in the same month. */
const nearestWeekday = (wanted: number, about: Day): number | undefined => {
  const last = daysIn(about);
  if (wanted > last) return undefined;
  const weekday = weekdayOf({ ...about, day: wanted });
  if (weekday === 7) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 1) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
};

const dayOfMonthTest = (text: string): DayTest => {
  const tests = text.split(',').map((element): DayTest => {
    if (element === 'L') return (day) => day.day === daysIn(day);
    const [, nearest] = /^(\d+)W$/.exec(element) ?? [];
    if (nearest !== undefined) {
      const wanted = valueOf(nearest, fields.dayOfMonth);
      return (day) => day.day === nearestWeekday(wanted, day);
    }
    if (/[LW]/.test(element)) throw notSupported(`The day-of-month ${element}`);
    const values = new Set(elementOf(element, fields.dayOfMonth));
    return ({ day }) => values.has(day);
  });
  return (day) => tests.some((test) => test(day));
};

const dayOfWeekTest = (text: string): DayTest => {
  if (text.includes('#') && text.includes(',')) throw invalid('with # the field day-of-week holds one expression');
  const tests = text.split(',').map((element): DayTest => {
    const [, weekday, which] = /^(\w+)#(\d+)$/.exec(element) ?? [];
    if (weekday !== undefined) {
      const value = valueOf(weekday, fields.dayOfWeek);
      if (!/^[1-5]$/.test(which ?? '')) throw invalid(`${element}: a weekday comes up to five times in a month`);
      return (day) => weekdayOf(day) === value && Math.ceil(day.day / 7) === Number(which);
    }
    if (element === 'L') return (day) => weekdayOf(day) === 7;
    const [, last] = /^(\w+)L$/.exec(element) ?? [];
    if (last !== undefined) {
      const value = valueOf(last, fields.dayOfWeek);
      return (day) => weekdayOf(day) === value && day.day > daysIn(day) - 7;
    }
    const values = new Set(elementOf(element, fields.dayOfWeek));
    return (day) => values.has(weekdayOf(day));
  });
  return (day) => tests.some((test) => test(day));
};

/** The fields between the parentheses of `cron(...)`, read as AWS reads them, in a time zone. */
export const cron = (text: string, timezone = 'UTC'): Recurrence => {
  const given = text.trim().split(/\s+/);
  if (given.length !== 6) throw invalid(`a cron expression has six fields, not ${given.length}`);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = given;
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw invalid('one of the fields day-of-month and day-of-week must be ?, and only one');
  const minutes = listOf(minute, fields.minutes);
  const hours = listOf(hour, fields.hours);
  const inMonth = new Set(listOf(month, fields.month));
  const inYear = new Set(listOf(year, fields.year));
  const onDay = dayOfMonth === '?' ? dayOfWeekTest(dayOfWeek) : dayOfMonthTest(dayOfMonth);
  const clock = wallClock(timezone);
  return (after) => {
    const first = clock.shownAt(after);
    for (let day: Day = first; day.year <= fields.year.to; day = dayAfter(day, inYear, inMonth)) {
      if (!inYear.has(day.year) || !inMonth.has(day.month) || !onDay(day)) continue;
      const left = day === first ? hours.filter((one) => one >= first.hour) : hours;
      const due = firstTime(clock, day, left, minutes, after);
      if (due !== undefined) return due;
    }
    return undefined;
  };
};

/** The next day; months and years in which nothing is due are passed over as a whole. */
const dayAfter = (day: Day, inYear: Set<number>, inMonth: Set<number>): Day => {
  if (!inYear.has(day.year)) return { year: day.year + 1, month: 1, day: 1 };
  if (inMonth.has(day.month) && day.day < daysIn(day)) return { ...day, day: day.day + 1 };
  return day.month < 12 ? { ...day, month: day.month + 1, day: 1 } : { year: day.year + 1, month: 1, day: 1 };
};

const firstTime = (
  clock: WallClock,
  day: Day,
  hours: readonly number[],
  minutes: readonly number[],
  after: number,
): number | undefined => {
  for (const hour of hours)
    for (const minute of minutes) {
      // A time that the change to summer time leaves out does not come; one that comes twice counts once.
      const due = clock.momentOf({ year: day.year, month: day.month, day: day.day, hour, minute, second: 0 });
      if (due !== undefined && due > after) return due;
    }
  return undefined;
};
