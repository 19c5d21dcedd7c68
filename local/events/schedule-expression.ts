import { cron, NotAnExpression, type Recurrence } from './cron.ts';
import { wallClock } from './time-zone.ts';

const periods: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)`: every so often from a moment on. */
const rate = (text: string, strictPlural: boolean): number => {
  const [, value = '', unit = ''] = /^([1-9]\d*)\s+(minute|hour|day)(s?)$/.exec(text.trim()) ?? [];
  if (value === '') throw new NotAnExpression(`rate(${text}) is not a whole number and minutes, hours or days`);
  const isPlural = text.trim().endsWith('s');
  if (strictPlural && isPlural !== Number(value) > 1)
    throw new NotAnExpression(`${value} goes with ${unit}${Number(value) > 1 ? 's' : ''}`);
  return Number(value) * (periods[unit] as number);
};

const every =
  (period: number, anchor: number): Recurrence =>
  (after) =>
    anchor + Math.max(1, Math.floor((after - anchor) / period) + 1) * period;

const split = (expression: string): [kind: string, text: string] => {
  const [, kind = '', text = ''] = /^(rate|cron|at)\((.*)\)$/s.exec(expression) ?? [];
  if (kind === '') throw new NotAnExpression(`${expression} is neither rate(...) nor cron(...)`);
  return [kind, text];
};

/** The schedule of a rule: `rate`, counted from the moment it was made, or `cron` in UTC. */
export const ruleSchedule = (expression: string, madeAt: number): Recurrence => {
  const [kind, text] = split(expression);
  if (kind === 'at') throw new NotAnExpression('a rule has no one-time schedule');
  return kind === 'rate' ? every(rate(text, true), madeAt) : cron(text);
};

export type Timetable = { readonly isOnce: boolean; readonly next: Recurrence };

/**
 * The expression of EventBridge Scheduler, in a time zone. A rate begins at once, or at its start; a one-time schedule
 * is due at its time alone.
 */
export const timetable = (expression: string, timezone: string, startsAt: number): Timetable => {
  const [kind, text] = split(expression);
  if (kind === 'cron') return { isOnce: false, next: cron(text, timezone) };
  if (kind === 'rate') {
    const period = rate(text, false);
    const repeat = every(period, startsAt);
    return { isOnce: false, next: (after) => (after < startsAt ? startsAt : repeat(after)) };
  }
  const at = momentOf(text, timezone);
  return { isOnce: true, next: (after) => (after < at ? at : undefined) };
};

const momentOf = (text: string, timezone: string): number => {
  const numbers = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers ?? [];
  const moment = numbers && new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (moment?.toISOString().slice(0, 19) !== text)
    throw new NotAnExpression(`at(${text}) is not at(yyyy-mm-ddThh:mm:ss)`);
  const time = wallClock(timezone).momentOf({ year, month, day, hour, minute, second });
  // What the change to summer time leaves out comes when it has been made.
  return time ?? (wallClock(timezone).momentOf({ year, month, day, hour: hour + 1, minute, second }) as number);
};
