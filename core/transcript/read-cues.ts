/**
 * Reads WebVTT as it occurs, not as it should be: never throws, takes time and memory linear in the input, and finds
 * nothing in what is not WebVTT. No regular expression here can backtrack beyond its bounded parts.
 */

/** A stretch of one voice. A cue of several voices becomes several of these, with the same times. */
export type Cue = {
  readonly startMs: number;
  readonly endMs: number;
  /** Of a voice tag: the speaker, without doubt. */
  readonly voice?: string;
  readonly lines: readonly string[];
};

/** Ten hours with a cue every third of a second. What follows is not read. */
const mostCues = 100_000;
/** Characters. A day of speech is a tenth of it. */
const largestInput = 20_000_000;
/** Characters of one cue. What is longer is no caption; the rest of it is not read. */
const largestPayload = 20_000;
const longestTag = 300;
/** The length of a cue whose end is its start. */
const lengthOfNone = 1_000;

const timing =
  /^[ \t]*(?:(\d{1,6}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?[ \t]*-->[ \t]*(?:(\d{1,6}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?/;
const block = /^(?:NOTE|STYLE|REGION)(?:[ \t:]|$)/;

/** `offsetMs` is added to every time. */
export const readCues = (text: string, offsetMs = 0): Cue[] => {
  const cues: Cue[] = [];
  let times: [number, number] | undefined;
  let payload: string[] = [];
  let skipping = false;
  let afterBlank = true;

  const close = () => {
    if (times)
      for (const { voice, lines } of readPayload(payload.join('\n').slice(0, largestPayload)))
        cues.push(cueOf(times, offsetMs, lines, voice));
    times = undefined;
    payload = [];
  };

  for (const line of linesOf(text.slice(0, largestInput))) {
    const blank = line.trim() === '';
    const next = skipping ? undefined : readTimes(line);
    if (blank) {
      close();
      skipping = false;
    } else if (next) {
      // A number just before the times is the id of this cue, although the empty line before it is missing.
      if (/^\d{1,9}$/.test(payload.at(-1) ?? '')) payload.pop();
      close();
      if (cues.length >= mostCues) break;
      times = next;
    } else if (afterBlank && block.test(line)) {
      skipping = true;
    } else if (times) {
      payload.push(line.trim());
    }
    afterBlank = blank;
  }
  close();
  return cues;
};

function* linesOf(text: string): Generator<string> {
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 10 && code !== 13) continue;
    yield text.slice(from, at);
    if (code === 13 && text.charCodeAt(at + 1) === 10) at++;
    from = at + 1;
  }
  yield text.slice(from);
}

const readTimes = (line: string): [number, number] | undefined => {
  if (!line.includes('-->')) return undefined;
  const found = timing.exec(line);
  return found ? [milliseconds(found.slice(1, 5)), milliseconds(found.slice(5, 9))] : undefined;
};

const milliseconds = ([hours = '0', minutes = '0', seconds = '0', fraction = '0']: (string | undefined)[]): number =>
  (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000 +
  Number(fraction.slice(0, 3).padEnd(3, '0'));

const cueOf = ([from, to]: [number, number], offsetMs: number, lines: string[], voice: string | undefined): Cue => {
  const startMs = Math.max(0, Math.min(from, to) + offsetMs);
  const endMs = Math.max(startMs, Math.max(from, to) + offsetMs);
  return { startMs, endMs: endMs > startMs ? endMs : startMs + lengthOfNone, lines, ...(voice && { voice }) };
};

/** Splits at voice tags, drops the other tags that WebVTT knows, and leaves any further `<` as the text it is. */
const readPayload = (payload: string): { voice?: string; lines: string[] }[] => {
  const runs: { voice?: string; text: string }[] = [{ text: '' }];
  let from = 0;
  let close = -1;
  const keep = (to: number) => (runs.at(-1)!.text += payload.slice(from, to));

  for (let open = payload.indexOf('<'); open !== -1; open = payload.indexOf('<', open + 1)) {
    if (close < open) close = payload.indexOf('>', open);
    if (close === -1) break;
    if (close - open > longestTag) continue;
    const tag = readTag(payload.slice(open + 1, close));
    if (!tag) continue;
    keep(open);
    from = close + 1;
    if (tag.voice !== undefined) runs.push({ voice: tag.voice, text: '' });
    else if (tag.endsVoice) runs.push({ text: '' });
  }
  keep(payload.length);

  return runs
    .map(({ voice, text }) => ({ ...(voice && { voice }), lines: text.split('\n').map(plain).filter(Boolean) }))
    .filter(({ lines }) => lines.length > 0);
};

const readTag = (tag: string): { voice?: string; endsVoice?: boolean } | undefined => {
  const voice = /^v(?:\.[^\s>]*)?\s([^]*)$/.exec(tag);
  if (voice) return { voice: plain(voice[1] ?? '') };
  if (tag === '/v') return { endsVoice: true };
  const known = /^\/?(?:c|i|b|u|v|ruby|rt|lang|font)(?:[.\s][^]*)?$/i.test(tag) || /^\d{1,6}:[\d:.]{4,20}$/.test(tag);
  return known ? {} : undefined;
};

const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  lrm: '\u200E',
  rlm: '\u200F',
};

const decode = (entity: string, name: string): string => {
  if (!name.startsWith('#')) return named[name] ?? entity;
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return Number.isInteger(code) && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
};

/** One line of text: entities decoded, control characters, lone surrogates and double spaces gone. */
export const plain = (text: string): string =>
  text
    .replace(/&(#[xX]?[0-9a-fA-F]{1,7}|[a-z]{2,4});/g, decode)
    .replace(/[\u{D800}-\u{DFFF}]/gu, '\uFFFD')

    .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\s]+/g, ' ')
    .trim();
