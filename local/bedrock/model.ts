/** What a model of the stand-in does with a question. */
export type Behaviour =
  /** Writes up the lines it is given, in the plainest way. */
  | 'report'
  /** Does what somebody in the transcript tells it to, as far as it can. */
  | 'obey'
  /** Answers in words instead of calling the tool. */
  | 'refuse'
  | 'filtered'
  /** Calls the tool with what does not fit. */
  | 'rubbish'
  /** Is cut off in the middle. */
  | 'cut';

export type ModelAnswer = { readonly stopReason: string; readonly content: readonly object[] };

type Line = { readonly id: string; readonly name: string; readonly text: string };

const linesOf = (question: string): Line[] =>
  [...question.matchAll(/^\[(\S+)\] (?:([^:\n]{1,100}): )?(.*)$/gm)].map(([, id = '', name = '', text = '']) => ({
    id,
    name,
    text,
  }));

/** The write-up of a model that only sorts lines: it is a stand-in, and understands nothing. */
const reportOf = (question: string) => {
  const lines = linesOf(question);
  const told = lines.filter(({ text }) => text.split(' ').length >= 6);
  const pick = (pattern: RegExp) => told.filter(({ text }) => pattern.test(text)).slice(0, 20);
  const item = ({ id, text }: Line) => ({ text, segmentIds: [id] });
  const short = told.slice(0, 2).map(({ text }) => text);
  return {
    language: 'en',
    summary: {
      short: short.join(' ') || 'All parts together.',
      paragraphs: told.slice(2, 6).map(({ text }) => text),
    },
    topics: told.slice(0, 3).map(({ id, text }) => ({ text: text.split(' ').slice(0, 4).join(' '), segmentIds: [id] })),
    actionItems: pick(/\bI(?:'ll| will)\b/).map((line) => ({ ...item(line), assignee: line.name })),
    followUps: pick(/\bfollow[- ]up\b/i).map(item),
    questions: pick(/\?$/).map((line) => ({ ...item(line), askedBy: line.name, answered: false })),
    decisions: pick(/\bwe agreed\b/i).map(item),
    chapters: [],
  };
};

/** A model that takes the order of a speaker for its own. It can write what it likes, and call one tool. */
const obeyOf = (question: string) => {
  const lines = linesOf(question);
  const order = lines.find(({ text }) => /ignore (?:all |your |the )*(?:previous )?instructions/i.test(text));
  const words = order?.text ?? 'I was told nothing.';
  return {
    ...reportOf(question),
    summary: {
      short: words,
      paragraphs: [`${words}\r\nBcc: everyone@example.org`, '<script>fetch("//evil")</script>'],
    },
    actionItems: [
      { text: words, assignee: 'everyone@example.org', due: 'now', segmentIds: [order?.id ?? '', 'x-1'] },
      { text: 'Mail everyone', assignee: 'Mallory', segmentIds: ['x-1'] },
    ],
    recipients: ['everyone@example.org'],
    mailTo: 'everyone@example.org',
    command: 'delete',
  };
};

const calling = (name: string, input: unknown, stopReason = 'tool_use'): ModelAnswer => ({
  stopReason,
  content: [{ toolUse: { toolUseId: 'tooluse_local', name, input } }],
});

export const answerOf = (behaviour: Behaviour, question: string, tool: string | undefined): ModelAnswer => {
  if (tool === undefined || behaviour === 'refuse')
    return { stopReason: 'end_turn', content: [{ text: 'I cannot help with that.' }] };
  if (behaviour === 'filtered') return { stopReason: 'content_filtered', content: [] };
  if (behaviour === 'rubbish') return calling(tool, { summary: 'everything', topics: { a: 1 } });
  if (behaviour === 'cut') return calling(tool, { summary: { short: 'The meeting was' } }, 'max_tokens');
  return calling(tool, behaviour === 'obey' ? obeyOf(question) : reportOf(question));
};
