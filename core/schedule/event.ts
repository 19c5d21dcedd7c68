import * as z from 'zod';

/** Monday to Sunday, as the spreadsheets write them. */
export const days = ['M', 'T', 'W', 'R', 'F', 'S', 'U'] as const;
export type Day = (typeof days)[number];

/** One class in the week, in one Zoom meeting. A meeting's number may serve several courses, told apart by time. */
export const scheduleEvent = z.object({
  /** The last name in the meeting's link: its number, or a name that a person chose. */
  meetingId: z.string(),
  day: z.enum(days),
  /** `HH:MM` on a wall clock in the schedule's time zone. */
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  seriesId: z.string(),
  courseCode: z.string(),
  /** What a recording of it is called in Opencast. */
  title: z.string(),
});
export type ScheduleEvent = z.output<typeof scheduleEvent>;

/** What makes an event the same one in a later import: a meeting has one class of a course at one time. */
export const eventKey = ({ meetingId, day, time, seriesId }: ScheduleEvent): string =>
  `${meetingId} ${days.indexOf(day)} ${time} ${seriesId}`;
