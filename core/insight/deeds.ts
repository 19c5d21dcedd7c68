import type { Token } from './grammar.ts';

/** What people say they will do and nobody waits for: talk, thought, perception, fate. */
const idle = new Set(
  `accept admit agree allow appear appreciate argue assume assure be become begin believe belong bet care come cost deal
  depend die do doubt end enjoy excuse exist expect explain face forgive fall fear feel find forget gain get give go grow guess
  happen hate have hear hold hope imagine jump keep know lack last lead learn leave let like listen live look lose love
  matter mean mention mind miss need note notice object owe pass point prefer promise realize recall recommend regret
  remain remember repeat run save say see seem show sit skip smile sound spend stand start stay stick stop stress struggle
  suffer suggest sum suppose survive take tell thank think understand use wait walk want warn welcome wish wonder worry`.split(
    /\s+/,
  ),
);
/** Between what binds somebody and the deed. */
const fillers =
  /^(?:also|again|then|just|definitely|probably|personally|please|quickly|simply|certainly|now|all|to|go|try|and)$/i;
/** Words that a recogniser of parts of speech seldom takes for verbs. */
const oddVerbs = /^(?:forward|back|double)$/i;
const objects = new Set(['DET', 'PRON', 'ADP', 'PROPN']);

/**
 * The verb of work that follows place `from` of the text: "I'll |circulate the minutes". After such an opening a noun
 * before an article is a verb that was misread ("I'll film the introduction").
 */
export const deedAfter = (tokens: readonly Token[], from: number): string | undefined => {
  const start = tokens.findIndex(({ at }) => at >= from);
  for (let index = start; index !== -1 && index < tokens.length && index < start + 5; index++) {
    const token = tokens[index];
    if (!token) return undefined;
    if (fillers.test(token.text) || (token.kind === 'ADV' && !oddVerbs.test(token.text))) continue;
    return isDeed(token, tokens[index + 1], tokens[index + 2]) ? token.text.toLowerCase() : undefined;
  }
  return undefined;
};

const isDeed = ({ text, kind }: Token, next: Token | undefined, second: Token | undefined): boolean => {
  const verb = text.toLowerCase();
  // "I'll have a word with the dean"
  if (verb === 'have') return next?.kind === 'DET' && /^(?:chat|go|look|meeting|talk|word)$/i.test(second?.text ?? '');
  if (idle.has(verb) || idle.has(verb.replace(/ing$/, ''))) return false;
  if (next?.text === '-' || /^(?:off|through)$/i.test(next?.text ?? '')) return false;
  if (kind === 'VERB') return true;
  return (kind === 'NOUN' || kind === 'ADJ' || oddVerbs.test(text)) && objects.has(next?.kind ?? '');
};
