import * as z from 'zod';

/** Each item points to its moment, so that a person can check it. */
const moment = { segmentIds: z.array(z.string()), startMs: z.number() };

/** THE insights of a meeting, whichever engine found them. Items are in the order of the meeting. */
export const insights = z.object({
  engine: z.enum(['extractive', 'bedrock', 'symbl']),
  /** What the engine ran on, where it says so: the id of an inference profile. */
  model: z.string().optional(),
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
  /** In the order of the meeting; none in a short one. A chapter ends where the next begins. */
  chapters: z.array(z.object({ title: z.string(), ...moment })).default(() => []),
  /** Counted from the transcript, whoever found the rest. Who spoke longest comes first; shares are of 1. */
  talkTime: z.array(z.object({ name: z.string(), seconds: z.number(), share: z.number() })).default(() => []),
});
export type Insights = z.output<typeof insights>;

export const hasInsights = (found: Insights): boolean =>
  found.summary.short !== '' ||
  [found.topics, found.actionItems, found.followUps, found.questions, found.decisions, found.chapters].some(
    (list) => list.length > 0,
  );
