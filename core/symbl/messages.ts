import * as z from 'zod';
import { plain } from '../insight/plain.ts';
import type { HeardTrack, Word } from '../transcription/heard.ts';
import { readAnswer, type SymblClient } from './client.ts';

/** Seconds; text where a service writes text. */
const seconds = z.coerce.number().min(0).max(1e6);
const word = z.object({
  word: z.string(),
  timeOffset: seconds,
  duration: seconds.default(0),
  score: z.number().optional(),
});
const message = z.object({
  id: z.string(),
  text: z.string(),
  from: z.object({ name: z.string().nullish() }).nullish(),
  startTime: z.string().optional(),
  timeOffset: seconds.optional(),
  duration: seconds.optional(),
  words: z.array(z.unknown()).nullish(),
});
const messages = z.object({ messages: z.array(message).max(100_000) });
export type Message = {
  readonly id: string;
  readonly text: string;
  readonly name: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly words: readonly Word[];
};

const longestName = 100;
/** A message without a length: so much for each word. */
const msPerWord = 350;

/** What was said in a conversation, in the order of its time, counted from the start of its sound. */
export const messagesOf = async (client: SymblClient, conversationId: string): Promise<Message[]> => {
  const path = `/v1/conversations/${encodeURIComponent(conversationId)}/messages?verbose=true`;
  const found = readAnswer(await client.call('GET', path), messages, 'the messages').messages;
  // Without an offset the clock tells: of the whole, the first message is the nearest to its start.
  const first = Math.min(...found.flatMap(({ startTime = '' }) => Date.parse(startTime) || []));
  return found
    .map((one): Message => {
      const clock = Date.parse(one.startTime ?? '') - first;
      const startMs = Math.round(one.timeOffset === undefined ? clock || 0 : one.timeOffset * 1_000);
      const text = plain(one.text, 5_000);
      const lasts = one.duration === undefined ? text.split(' ').length * msPerWord : one.duration * 1_000;
      const name = plain(one.from?.name ?? '', longestName);
      return {
        id: one.id,
        text,
        name: name || undefined,
        startMs,
        endMs: Math.round(startMs + lasts),
        words: (one.words ?? []).flatMap((given) => {
          const { data } = word.safeParse(given);
          const said = plain(data?.word ?? '', 200);
          if (!data || !said) return [];
          const at = Math.round(data.timeOffset * 1_000);
          const sure = data.score;
          return [
            {
              text: said,
              startMs: at,
              endMs: Math.round(at + data.duration * 1_000),
              ...(sure !== undefined && sure >= 0 && sure <= 1 && { confidence: sure }),
            },
          ];
        }),
      };
    })
    .filter(({ text }) => text !== '')
    .sort((a, b) => a.startMs - b.startMs);
};

/** By who said it. Names are those that the channels were given; whom nobody named is told apart by nothing. */
export const tracksOf = (said: readonly Message[], offsetMs: number, speaker?: string): HeardTrack[] => {
  const tracks = new Map<string | undefined, Word[]>();
  for (const { name, text, words, startMs, endMs } of said) {
    const key = speaker ?? name;
    const heard = tracks.get(key) ?? [];
    tracks.set(key, heard);
    // Punctuation is in the text alone: where both tell the same words, the words are told with it.
    const written = text.split(' ');
    if (words.length === written.length)
      heard.push(...words.map((one, at) => ({ ...one, text: written[at] ?? one.text })));
    else heard.push({ text, startMs, endMs });
  }
  return [...tracks].map(([name, words]) => ({
    ...(name !== undefined && { speaker: name }),
    offsetMs,
    heard: { words, language: 'en' },
  }));
};
