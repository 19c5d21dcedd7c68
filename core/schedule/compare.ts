import { eventKey, type ScheduleEvent } from './event.ts';

export type Changes = {
  readonly added: readonly ScheduleEvent[];
  readonly changed: readonly { readonly before: ScheduleEvent; readonly after: ScheduleEvent }[];
  readonly removed: readonly ScheduleEvent[];
};

/** What an import makes of a schedule. An event that is the same but for course or title is changed. */
export const compareSchedules = (before: readonly ScheduleEvent[], after: readonly ScheduleEvent[]): Changes => {
  const old = new Map(before.map((event) => [eventKey(event), event]));
  const now = new Set(after.map(eventKey));
  const known = after.flatMap((event) => {
    const was = old.get(eventKey(event));
    return was ? [{ before: was, after: event }] : [];
  });
  return {
    added: after.filter((event) => !old.has(eventKey(event))),
    changed: known.filter(
      (one) => one.before.title !== one.after.title || one.before.courseCode !== one.after.courseCode,
    ),
    removed: before.filter((event) => !now.has(eventKey(event))),
  };
};
