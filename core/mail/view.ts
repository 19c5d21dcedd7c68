import * as z from 'zod';

/** What a summary mail tells, in words that are ready to be shown. HTML and text part are made of this alone. */

/** Anything else (javascript:, data:) has no place in a mail. */
const link = z.string().regex(/^https?:\/\/[^\s"'<>]+$/);

const item = z.object({
  text: z.string(),
  /** Owner, due date and the like, in the order they are shown. */
  details: z.array(z.string()),
  /** `mm:ss` */
  time: z.string().optional(),
  link: link.optional(),
});
export type Item = z.output<typeof item>;

const section = z.object({ heading: z.string(), items: z.array(item), more: z.number() });
export type Section = z.output<typeof section>;

export const summaryView = z.object({
  subject: z.string(),
  /** What mail programs show behind the subject. */
  preheader: z.string(),
  kicker: z.string(),
  topic: z.string(),
  /** Date with time zone, length, host. */
  facts: z.array(z.string()),
  overview: z.string().optional(),
  /** Of the words of the meeting; the words of the mail are English. */
  language: z.string().optional(),
  sections: z.array(section),
  /** Why there is less than somebody may expect. */
  notice: z.string().optional(),
  files: section.optional(),
  missing: section.optional(),
  /** Where in the archive the files lie. */
  folder: z.string().optional(),
  open: z.object({ text: z.string(), link }).optional(),
  label: z.string().optional(),
  why: z.string(),
});
export type SummaryView = z.output<typeof summaryView>;
