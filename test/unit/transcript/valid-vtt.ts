/**
 * A strict reader of WebVTT as its grammar says, written apart from the lenient one: header, blank line, blocks of
 * id, times in order with an end after the start, payload of text, known tags and known entities. Throws at the first
 * fault.
 */
const fail = (line: number, what: string): never => {
  throw new Error(`line ${line + 1}: ${what}`);
};

const time = (text: string, line: number): number => {
  const found = /^(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})$/.exec(text);
  if (!found) return fail(line, `not a time: ${text}`);
  return (Number(found[1]) * 3_600 + Number(found[2]) * 60 + Number(found[3])) * 1_000 + Number(found[4]);
};

export const readStrictVtt = (file: string): { startMs: number; endMs: number; payload: string }[] => {
  const lines = file.split('\n');
  if (lines[0] !== 'WEBVTT') fail(0, 'no header');
  if (lines[1] !== '') fail(1, 'no empty line after the header');
  if (/[\u0000\r]/.test(file)) fail(0, 'a NUL or a carriage return');
  const cues: { startMs: number; endMs: number; payload: string }[] = [];
  for (let at = 2; at < lines.length; at++) {
    if (lines[at] === '') continue;
    if (!/^\d+$/.test(lines[at] ?? '')) fail(at, 'not an id');
    at += 1;
    const [from, arrow, to, ...rest] = (lines[at] ?? '').split(' ');
    if (arrow !== '-->' || rest.length > 0) fail(at, 'not a line of times');
    const startMs = time(from ?? '', at);
    const endMs = time(to ?? '', at);
    if (endMs <= startMs) fail(at, 'ends before it starts');
    if (startMs < (cues.at(-1)?.startMs ?? 0)) fail(at, 'starts before the cue before it');
    at += 1;
    const payload = lines[at] ?? '';
    if (payload.trim() === '') fail(at, 'no payload');
    if (payload.includes('-->')) fail(at, 'an arrow in the payload');
    if (!/^(?:<v [^<>&\n]*(?:&(?:amp|lt|gt);[^<>&\n]*)*>)?(?:[^<>&]|&(?:amp|lt|gt);)+$/.test(payload)) {
      fail(at, `markup in the payload: ${payload}`);
    }
    if (lines[at + 1] !== '') fail(at + 1, 'no empty line after the cue');
    cues.push({ startMs, endMs, payload });
  }
  return cues;
};
