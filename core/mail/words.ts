/** Dates, lengths, sizes and counts as the mail says them; the same on every machine, whatever its locale data. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

type Day = { long: string; short: string };

/** The date in the zone of the meeting; in UTC where Zoom named none, or one that nobody knows. */
export const dateWords = (instant: string | undefined, zone: string | undefined): Day | undefined => {
  const date = new Date(instant ?? NaN);
  if (Number.isNaN(date.getTime())) return undefined;
  const { parts, name } = inZone(date, zone);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = parts;
  const weekday = days[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    long: `${weekday}, ${day} ${months[month - 1]} ${year}, ${two(hour)}:${two(minute)} (${name})`,
    short: `${day} ${months[month - 1]?.slice(0, 3)} ${year}`,
  };
};

const inZone = (date: Date, zone: string | undefined): { parts: number[]; name: string } => {
  try {
    const format = new Intl.DateTimeFormat('en-GB-u-nu-latn', {
      timeZone: zone || 'UTC',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    const found = new Map(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
    const parts = (['year', 'month', 'day', 'hour', 'minute'] as const).map((type) => found.get(type) ?? 0);
    return { parts, name: zone || 'UTC' };
  } catch {
    return inZone(date, 'UTC');
  }
};

export const lengthWords = (minutes: number): string => {
  const whole = Math.round(minutes);
  if (whole < 60) return `${Math.max(1, whole)} min`;
  return whole % 60 === 0 ? `${whole / 60} h` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
};

/** How long somebody spoke. */
export const spanWords = (seconds: number): string =>
  seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : lengthWords(seconds / 60);

/** A day on which something ends, whose hour does not matter. */
export const dayWords = (date: Date): string =>
  `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;

/** Decimal units, as storage is sold and Zoom's portal shows it. */
export const sizeWords = (bytes: number): string => {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1_000) return `${bytes} bytes`;
  let value = bytes / 1_000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value >= 99.5 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
};

export const countWords = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
