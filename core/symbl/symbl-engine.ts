import * as z from 'zod';
import type { InsightEngine } from '../insight/engine.ts';
import { findInsights } from '../insight/find-insights.ts';
import type { Insights } from '../insight/insights.ts';
import { plain } from '../insight/plain.ts';
import type { SpeechWork } from '../job/speech-rows.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { readAnswer, type SymblClient } from './client.ts';
import { messagesOf, type Message } from './messages.ts';
import { readReference } from './reference.ts';

type Ports = {
  readonly client: SymblClient;
  readonly rows: { readonly works: (jobId: string, driver: string) => Promise<SpeechWork[]> };
};

const person = z.object({ name: z.string().nullish() }).nullish();
const item = z.object({
  text: z.string(),
  score: z.number().optional(),
  messageIds: z.array(z.string()).nullish(),
  from: person,
  assignee: person,
  dueBy: z.string().nullish(),
});
type Item = z.output<typeof item>;
const list = z.array(item).max(10_000).default([]);
const summary = z.object({ summary: z.array(z.object({ text: z.string() })).default([]) });

const mostItems = 200;
const mostMoments = 10;
const shortWords = 60;
const perParagraph = 3;

/**
 * What the service found in the conversations that it heard. A transcript that it did not hear (Zoom's own) it knows
 * nothing of: then the embedded engine finds what there is.
 */
export const symblEngine =
  ({ client, rows }: Ports): InsightEngine =>
  async (transcript, { jobId }) => {
    const works = (await rows.works(jobId, 'symbl')).filter(({ status }) => status === 'heard');
    const references = works.flatMap(({ reference, offsetMs }) => {
      const known = readReference(reference);
      return known ? [{ ...known, offsetMs }] : [];
    });
    const embedded = findInsights(transcript);
    if (transcript.origin !== 'symbl' || references.length === 0) return embedded;

    const parts = await Promise.all(
      references.map((one) => readConversation(client, one.conversationId, one.offsetMs, transcript)),
    );
    const all = <Key extends keyof Part>(key: Key) => parts.flatMap((part): unknown[] => [...part[key]]) as Part[Key];
    const texts = all('summary');
    return {
      engine: 'symbl',
      ...(transcript.language && { language: transcript.language }),
      languageSupport: 'full',
      summary: { short: withinWords(texts), paragraphs: paragraphsOf(texts) },
      topics: inOrder(all('topics')),
      actionItems: inOrder(all('actionItems')),
      followUps: inOrder(all('followUps')),
      questions: inOrder(all('questions')),
      decisions: [],
      // The service has neither; both are counted from the transcript.
      chapters: embedded.chapters,
      talkTime: embedded.talkTime,
    };
  };

type Part = Pick<Insights, 'topics' | 'actionItems' | 'followUps' | 'questions'> & { summary: string[] };

const readConversation = async (
  client: SymblClient,
  conversationId: string,
  offsetMs: number,
  transcript: Transcript,
): Promise<Part> => {
  const get = async <Schema extends z.ZodType>(what: string, schema: Schema): Promise<z.output<Schema>> => {
    const answer = await client.call('GET', `/v1/conversations/${encodeURIComponent(conversationId)}/${what}`);
    return readAnswer(answer, schema, `the ${what}`);
  };
  const places = new Map((await messagesOf(client, conversationId)).map((one) => [one.id, one]));
  const people = new Map(transcript.speakers.map(({ name }) => [name.toLowerCase(), name]));
  const nameOf = (who: Item['from']): string | undefined => people.get((who?.name ?? '').trim().toLowerCase());
  const read = <Kept>(items: readonly Item[], keep: (one: Item) => Kept) =>
    items.flatMap((one) => {
      const moment = momentOf(one.messageIds ?? [], places, offsetMs, transcript);
      const text = plain(one.text, 500);
      return moment && text ? [{ text, ...keep(one), ...moment }] : [];
    });
  const owned = ({ assignee, dueBy }: Item) => {
    const who = nameOf(assignee);
    const due = plain(dueBy ?? '', 80).replace(/T.*$/, '');
    return { ...(who && { assignee: who }), ...(due && { due }) };
  };

  return {
    summary: (await get('summary', summary)).summary.map(({ text }) => plain(text, 1_000)).filter(Boolean),
    topics: read((await get('topics', z.object({ topics: list }))).topics, ({ score }) => ({
      ...(score !== undefined && { score }),
    })),
    actionItems: read((await get('action-items', z.object({ actionItems: list }))).actionItems, owned),
    followUps: read((await get('follow-ups', z.object({ followUps: list }))).followUps, owned),
    questions: read((await get('questions', z.object({ questions: list }))).questions, ({ from }) => {
      const who = nameOf(from);
      return { ...(who && { askedBy: who }), answered: false };
    }),
  };
};

/** Its messages are other pieces of talk than our segments: those that were said meanwhile. */
const momentOf = (
  ids: readonly string[],
  places: ReadonlyMap<string, Message>,
  offsetMs: number,
  { segments }: Transcript,
): { segmentIds: string[]; startMs: number } | undefined => {
  const said = ids.flatMap((id) => places.get(id) ?? []);
  const found = segments.filter((one) =>
    said.some(({ startMs, endMs }) => one.startMs < endMs + offsetMs && one.endMs > startMs + offsetMs),
  );
  const [first] = found;
  return first && { segmentIds: found.slice(0, mostMoments).map(({ id }) => id), startMs: first.startMs };
};

const inOrder = <Told extends { startMs: number }>(items: readonly Told[]): Told[] =>
  [...items].sort((a, b) => a.startMs - b.startMs).slice(0, mostItems);

/** The first ones that fit; one at least. */
const withinWords = (texts: readonly string[]): string => {
  let words = 0;
  return texts
    .filter((text, index) => {
      words += text.split(' ').length;
      return index === 0 || words <= shortWords;
    })
    .join(' ');
};

const paragraphsOf = (texts: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(texts.length / perParagraph) }, (_, at) =>
    texts.slice(at * perParagraph, (at + 1) * perParagraph).join(' '),
  );
