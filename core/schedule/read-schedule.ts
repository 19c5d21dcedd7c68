import { days, eventKey, type Day, type ScheduleEvent } from './event.ts';
import type { Row } from './read-csv.ts';

/** The columns of ZIP's spreadsheets; others (Producer, …) are not looked at. */
const columns = ['course code', 'type', 'day', 'start', 'meeting id with password', 'oc series'] as const;
type Column = (typeof columns)[number];

export type Refused = { readonly line: number; readonly column: Column; readonly because: string };
export type Schedule = {
  readonly events: readonly ScheduleEvent[];
  /** Rows that say nothing, or something that cannot be: the others hold. */
  readonly refused: readonly Refused[];
};

/** Reads the rows of a table, the first of which names the columns. */
export const readSchedule = (
  rows: readonly Row[],
): Schedule | { readonly malformed: { line: number; because: string } } => {
  const [header, ...rest] = rows;
  if (!header)
    return { malformed: { line: 1, because: `there is no row; the first one names the columns ${list(columns)}` } };
  const names = header.cells.map((cell) => cell.trim().toLowerCase());
  const absent = columns.filter((column) => !names.includes(column));
  if (absent.length > 0) return { malformed: { line: header.line, because: `there is no column ${list(absent)}` } };

  const events = new Map<string, ScheduleEvent>();
  const refused: Refused[] = [];
  for (const { line, cells } of rest) {
    const cellOf = (column: Column): string => cells[names.indexOf(column)]?.trim() ?? '';
    const result = readRow(cellOf);
    if ('refused' in result) refused.push({ line, ...result.refused });
    else for (const event of result.events) events.set(eventKey(event), event);
  }
  return { events: [...events.values()], refused };
};

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

type Read = { events: ScheduleEvent[] } | { refused: Omit<Refused, 'line'> };
const refuse = (column: Column, because: string): Read => ({ refused: { column, because } });

const readRow = (cellOf: (column: Column) => string): Read => {
  const link = cellOf('meeting id with password');
  if (!link) return refuse('meeting id with password', 'there is no link to a meeting');
  const meetingId = meetingIdOf(link);
  if (!meetingId) return refuse('meeting id with password', 'this is no https link that ends in a meeting');
  const time = timeOf(cellOf('start'));
  if (!time) return refuse('start', 'this is no time of 24 hours such as 9:30 or 20:10');
  const seriesId = seriesIdOf(cellOf('oc series'));
  if (!seriesId) return refuse('oc series', 'this is no link with the series behind a #');
  const letters = [...cellOf('day').replace(/[,\s]+/g, '')];
  const strange = letters.filter((letter) => !days.includes(letter as Day));
  if (letters.length === 0 || strange.length > 0) {
    const what = strange.length > 0 ? `${list(strange)} is no day` : 'there is no day';
    return refuse('day', `${what}; days are M T W R F S U, Monday to Sunday`);
  }
  const about = { meetingId, time, seriesId, courseCode: cellOf('course code'), title: titleOf(cellOf('type')) };
  return { events: [...new Set(letters)].map((day) => ({ ...about, day: day as Day })) };
};

/** `https://zoom.us/j/98765432101?pwd=…`, or a link with a name that a person chose; a slash at the end is none of it. */
const meetingIdOf = (link: string): string | undefined => {
  if (!/^https:\/\//i.test(link) || !URL.canParse(link)) return undefined;
  const names = new URL(link).pathname.split('/').filter((name) => name !== '');
  return names.at(-1);
};

/** `https://…/index.html#/2026/01/11111` is the series 20260111111. */
const seriesIdOf = (link: string): string | undefined => {
  if (!URL.canParse(link)) return undefined;
  return decodeURIComponent(new URL(link).hash.slice(1)).replaceAll('/', '') || undefined;
};

const timeOf = (text: string): string | undefined => {
  const [, hour = '', minute] = /^(\d{1,2}):([0-5]\d)$/.exec(text) ?? [];
  return minute !== undefined && Number(hour) < 24 ? `${hour.padStart(2, '0')}:${minute}` : undefined;
};

const titleOf = (type: string): string =>
  type
    .toLowerCase()
    .replace(/(^|[^\p{L}\p{N}'])(\p{L})/gu, (_all, before: string, letter: string) => before + letter.toUpperCase());
