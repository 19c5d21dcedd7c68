/** Something that is said on a channel, counted from 1. */
export type Said = {
  readonly channel: number;
  readonly text: string;
  readonly startSeconds: number;
  readonly durationSeconds: number;
};

type Named = {
  readonly conversationId: string;
  readonly startedAt: number;
  readonly speakers: ReadonlyMap<number, string>;
};

const person = (name: string | undefined) => ({ ...(name !== undefined && { name }), email: 'someone@example.com' });

/** What the API tells of a conversation, in the shapes of Symbl's documents. */
export const conversationOf = ({ conversationId, startedAt, speakers }: Named, said: readonly Said[]) => {
  const messages = said.map(({ channel, text, startSeconds, durationSeconds }, index) => {
    const words = text.split(' ');
    return {
      id: `${conversationId}-m${index + 1}`,
      text,
      from: person(speakers.get(channel)),
      startTime: new Date(startedAt + startSeconds * 1_000).toISOString(),
      endTime: new Date(startedAt + (startSeconds + durationSeconds) * 1_000).toISOString(),
      timeOffset: startSeconds,
      duration: durationSeconds,
      conversationId,
      phrases: [],
      words: words.map((word, at) => ({
        word: word.replace(/[.,?!]$/, ''),
        timeOffset: startSeconds + (durationSeconds / words.length) * at,
        duration: durationSeconds / words.length,
        score: 0.97,
      })),
    };
  });
  const items = (type: string, pattern: RegExp) =>
    messages
      .filter(({ text }) => pattern.test(text))
      .map(({ id, text, from }) => ({ id: `${id}-${type}`, text, type, score: 0.9, messageIds: [id], from }));
  const assigned = (type: string, pattern: RegExp) =>
    items(type, pattern).map((item) => ({ ...item, entities: [], phrases: [], definitive: true, assignee: item.from }));
  return {
    messages: { messages },
    summary: {
      summary: messages.slice(0, 2).map(({ id, text }) => ({ id: `${id}-s`, text, messageRefs: [{ id }] })),
    },
    topics: {
      topics: messages.slice(0, 2).map(({ id, text }) => ({
        id: `${id}-t`,
        text: text.split(' ').slice(-2).join(' ').replace(/\W+$/, ''),
        type: 'topic',
        score: 0.8,
        messageIds: [id],
        parentRefs: [],
      })),
    },
    'action-items': { actionItems: assigned('action_item', /\bI(?:'ll| will)\b/) },
    'follow-ups': {
      followUps: assigned('follow_up', /\bcall\b/i).map((one) => ({ ...one, dueBy: '2026-02-02T09:00:00.000Z' })),
    },
    questions: { questions: items('question', /\?$/) },
  };
};
