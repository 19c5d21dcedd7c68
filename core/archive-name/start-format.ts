/** `{start:yyyy-MM-dd_HHmm}`: what may stand behind the colon, and what it becomes. */

const tokens = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss'] as const;
const form = new RegExp(
  `^(?:epoch|(?:${tokens.join('|')}|[-_.T])*(?:${tokens.join('|')})(?:${tokens.join('|')}|[-_.T])*)$`,
);
const longest = 30;

export const startFormats = `epoch, or ${tokens.join(', ')} with - _ . T between them`;

export const isStartFormat = (format: string): boolean => format.length <= longest && form.test(format);

/** Zoom tells no time zone of some recordings, and of others one that is none. */
const partsAt = (time: Date, timeZone: string): Intl.DateTimeFormatPart[] => {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const; // prettier-ignore
  return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { ...digits, hourCycle: 'h23', timeZone }).formatToParts(
    time,
  );
};

/** In the time zone of the meeting: a lecture lies under the day on which it was held. In UTC where Zoom names none. */
export const formatStart = (startTime: string, format: string, timeZone: string | undefined): string => {
  const time = new Date(startTime);
  if (format === 'epoch') return String(Math.floor(time.getTime() / 1_000));
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = partsAt(time, timeZone || 'UTC');
  } catch {
    parts = partsAt(time, 'UTC');
  }
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
  const values: Record<string, string> = {
    ...{ yyyy: part('year').padStart(4, '0'), MM: part('month'), dd: part('day') },
    ...{ HH: part('hour'), mm: part('minute'), ss: part('second') },
  };
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (token) => values[token] ?? token);
};
