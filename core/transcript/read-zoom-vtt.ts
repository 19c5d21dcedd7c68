import { readCues, type Cue } from './read-cues.ts';
import { namesIn, splitName } from './speaker-names.ts';
import type { Segment, Transcript } from './transcript.ts';

/** Reads a VTT file of Zoom, whatever state it is in. Without usable cues the transcript has no segments. */
export const readZoomVtt = (text: string, participants: readonly string[] = []): Transcript =>
  toTranscript(readCues(text), participants);

/** Cues hold a turn each; a file that packs thousands of names into a cue is not read to its end. */
const mostSegments = 200_000;

/** Makes one transcript of the cues of one or more files, in the order of their times. */
export const toTranscript = (cues: readonly Cue[], participants: readonly string[] = []): Transcript => {
  const inOrder = [...cues].sort((a, b) => a.startMs - b.startMs);
  // A file with voice tags says who speaks; a colon in it is only a colon.
  const utterances = inOrder.some(({ voice }) => voice) ? inOrder.map(spoken) : splitNames(inOrder, participants);
  const ids = new Map<string, string>();
  const segments: Segment[] = [];
  for (const { startMs, endMs, name, text } of utterances.slice(0, mostSegments)) {
    if (text === '') continue;
    if (name && !ids.has(name)) ids.set(name, `s${ids.size + 1}`);
    const speaker = name && ids.get(name);
    segments.push({ id: String(segments.length + 1), startMs, endMs, ...(speaker && { speaker }), text });
  }
  return {
    origin: 'zoom-vtt',
    durationMs: segments.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
    speakers: [...ids].map(([name, id]) => ({ id, name })),
    segments,
  };
};

type Utterance = { startMs: number; endMs: number; name?: string | undefined; text: string };

const spoken = ({ startMs, endMs, voice, lines }: Cue): Utterance => ({
  startMs,
  endMs,
  name: voice,
  text: lines.join(' '),
});

/** A cue without a name goes on with the voice before it, if that fell silent no longer ago than this. */
const sameVoiceMs = 5_000;

const splitNames = (cues: readonly Cue[], participants: readonly string[]): Utterance[] => {
  const isName = namesIn(cues, participants);
  const utterances: Utterance[] = [];
  let last: Utterance | undefined;
  for (const { startMs, endMs, lines } of cues) {
    let turn: Utterance | undefined;
    for (const line of lines) {
      const split = splitName(line);
      if (split && isName(split.name)) {
        turn = { startMs, endMs, name: split.name, text: split.rest };
        utterances.push(turn);
      } else if (turn) {
        turn.text = `${turn.text} ${line}`.trim();
      } else {
        const name = last && startMs - last.endMs <= sameVoiceMs ? last.name : undefined;
        turn = { startMs, endMs, name, text: line };
        utterances.push(turn);
      }
    }
    if (turn?.name) last = turn;
  }
  return utterances;
};
