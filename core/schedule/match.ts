import { days, type Day, type ScheduleEvent } from './event.ts';

export type Match =
  | { readonly event: ScheduleEvent; readonly minutesOff: number; readonly because: string }
  | { readonly event?: undefined; readonly minutesOff?: number; readonly because: string };

export type MatchRule = { readonly timeZone: string; readonly bufferMinutes: number };

/**
 * The class that a meeting was, by the wall clock of the schedule's time zone: the same weekday, and less than
 * `bufferMinutes` before or after its time, seconds apart. Of several the nearest; of two that are as near the one listed first.
 */
export const matchSchedule = (
  events: readonly ScheduleEvent[],
  start: Date,
  { timeZone, bufferMinutes }: MatchRule,
): Match => {
  if (events.length === 0) return { because: 'the schedule does not know this meeting' };
  const { day, minute } = wallClock(start, timeZone);
  const [nearest] = events
    .filter((event) => event.day === day)
    .map((event) => ({ event, minutesOff: minute - minuteOf(event.time) }))
    .sort((a, b) => Math.abs(a.minutesOff) - Math.abs(b.minutesOff));
  if (!nearest) return { because: `no class of this meeting is on a ${nameOf(day)}` };

  const { event, minutesOff } = nearest;
  const what = `it began ${sayOff(minutesOff)} the ${nameOf(day)} class at ${event.time}`;
  return Math.abs(minutesOff) < bufferMinutes
    ? { event, minutesOff, because: what }
    : { minutesOff, because: `${what}, and less than ${bufferMinutes} minutes are asked for` };
};

const sayOff = (minutes: number): string =>
  minutes === 0 ? 'with' : `${Math.abs(minutes)} minutes ${minutes < 0 ? 'before' : 'after'}`;

const minuteOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

const short: Record<string, Day> = { Mon: 'M', Tue: 'T', Wed: 'W', Thu: 'R', Fri: 'F', Sat: 'S', Sun: 'U' };
const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const nameOf = (day: Day): string => names[days.indexOf(day)] ?? day;

const wallClock = (moment: Date, timeZone: string): { day: Day; minute: number } => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    ...{ weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(moment);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    day: short[part('weekday')] ?? 'M',
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
};
