import * as z from 'zod';

/** The one tool a model can use here. It does nothing: its input is the answer. */
export const toolName = 'report_insights';

const segmentIds = z.array(z.union([z.string(), z.number()]).transform(String)).describe('Where it was said');
/** Models write null for what they leave out. */
const maybe = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** What a model is asked for, and what its answer is read with. */
export const report = z.object({
  language: maybe.describe('BCP 47 code of the language that the summary is written in'),
  summary: z.object({
    short: z.string().describe('At most 60 words'),
    paragraphs: z.array(z.string()).describe('One to five paragraphs with more detail'),
  }),
  topics: z.array(z.object({ text: z.string().describe('A few words'), segmentIds })),
  actionItems: z.array(
    z.object({
      text: z.string(),
      assignee: maybe.describe('Name of a participant, exactly as listed; only if it was said who does it'),
      due: maybe.describe('As it was said; only if it was said'),
      segmentIds,
    }),
  ),
  followUps: z.array(
    z.object({
      text: z.string().describe('A contact to be made: a call, a mail, a meeting'),
      assignee: maybe.describe('Name of a participant, exactly as listed'),
      with: maybe.describe('Name of a participant, exactly as listed'),
      due: maybe.describe('As it was said; only if it was said'),
      segmentIds,
    }),
  ),
  questions: z.array(
    z.object({
      text: z.string(),
      askedBy: maybe.describe('Name of a participant, exactly as listed'),
      answered: z.boolean(),
      answer: maybe,
      segmentIds,
    }),
  ),
  decisions: z.array(z.object({ text: z.string(), segmentIds })),
  chapters: z.array(
    z.object({
      title: z.string().describe('A few words'),
      startSegmentId: z.union([z.string(), z.number()]).transform(String),
    }),
  ),
});
export type Report = z.output<typeof report>;

const optional = ['language', 'assignee', 'due', 'with', 'askedBy', 'answer'];

type JsonSchema = { [name: string]: unknown; properties?: Record<string, JsonSchema>; items?: JsonSchema };

/** JSON schema in the small dialect that every model with tools understands: no unions, no null. */
const simplify = ({ properties, items, anyOf, type, ...rest }: JsonSchema): JsonSchema => {
  const [first] = (anyOf ?? []) as JsonSchema[];
  const kind: unknown = Array.isArray(type) ? (type as unknown[])[0] : type;
  const kept: JsonSchema = { ...(type !== undefined && { type: kind }), ...first, ...rest };
  delete kept['$schema'];
  delete kept['additionalProperties'];
  return {
    ...kept,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, simplify(one)])),
      required: Object.keys(properties).filter((name) => !optional.includes(name)),
    }),
    ...(items && { items: simplify(items) }),
  };
};

export const reportSchema = (): Record<string, unknown> =>
  simplify(z.toJSONSchema(report, { io: 'input' }) as JsonSchema);
