import * as z from 'zod';

/** Each item points to its moment, so that a person can check it. */
const moment = { segmentIds: z.array(z.string()), startMs: z.number() };

/** THE insights of a meeting, whichever engine found them. Items are in the order of the meeting. */
export const insights = z.object({
  engine: z.enum(['extractive']),
  /** BCP 47, as given or recognised. */
  language: z.string().optional(),
  /** `basic`: no rules for this language, so only summary, topics and questions marked as such. */
  languageSupport: z.enum(['full', 'basic']),
  summary: z.object({ short: z.string(), paragraphs: z.array(z.string()) }),
  topics: z.array(z.object({ text: z.string(), score: z.number().optional(), ...moment })),
  actionItems: z.array(
    z.object({
      text: z.string(),
      assignee: z.string().optional(),
      /** As it was said: "Friday", "end of the month". */
      due: z.string().optional(),
      ...moment,
    }),
  ),
  followUps: z.array(
    z.object({
      text: z.string(),
      assignee: z.string().optional(),
      with: z.string().optional(),
      due: z.string().optional(),
      ...moment,
    }),
  ),
  questions: z.array(
    z.object({
      text: z.string(),
      askedBy: z.string().optional(),
      answered: z.boolean(),
      answer: z.string().optional(),
      ...moment,
    }),
  ),
  decisions: z.array(z.object({ text: z.string(), ...moment })),
});
export type Insights = z.output<typeof insights>;

export const hasInsights = (found: Insights): boolean =>
  found.summary.short !== '' ||
  [found.topics, found.actionItems, found.followUps, found.questions, found.decisions].some((list) => list.length > 0);
