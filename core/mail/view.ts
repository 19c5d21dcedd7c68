import * as z from 'zod';

/** What a mail tells, in words that are ready to be shown. HTML and text part are made of this alone. */

/** Anything else (javascript:, data:) has no place in a mail. */
const link = z.string().regex(/^https?:\/\/[^\s"'<>]+$/);
const linked = z.object({ text: z.string(), link });
export type Linked = z.output<typeof linked>;

const item = z.object({
  text: z.string(),
  /** Owner, due date and the like, in the order they are shown. */
  details: z.array(z.string()),
  /** `mm:ss` */
  time: z.string().optional(),
  link: link.optional(),
});
export type Item = z.output<typeof item>;

const section = z.object({
  heading: z.string(),
  items: z.array(item),
  more: z.number(),
  /** Its texts are in the language of the meeting, not in English. */
  isSpoken: z.boolean(),
});
export type Section = z.output<typeof section>;

export const summaryView = z.object({
  subject: z.string(),
  /** What mail programs show behind the subject. */
  preheader: z.string(),
  kicker: z.string(),
  topic: z.string(),
  /** Date with time zone, length, host. */
  facts: z.array(z.string()),
  /** What is to be known before all else: why there is less than somebody may expect, or what is to be done. */
  notices: z.array(z.string()),
  overview: z.string().optional(),
  /** Of the words of the meeting; the words of the mail are English. */
  language: z.string().optional(),
  buttons: z.array(linked),
  sections: z.array(section),
  /** How long what is kept where, and how long the links of this mail work. */
  next: z.array(z.string()),
  /** That software made it, and which. */
  label: z.string().optional(),
  why: z.string(),
  /** Where these mails are stopped. */
  stop: linked.optional(),
});
export type SummaryView = z.output<typeof summaryView>;
