import type { Segment, Transcript } from '../transcript/transcript.ts';
import type { Heard, HeardTrack, Word } from './heard.ts';

/** Who is silent for longer has ended a turn. */
const pauseMs = 1_500;
/** In so short a breath nobody is interrupted: the word of another, said meanwhile, becomes a turn beside this one. */
const breathMs = 400;
/** A turn that lasts is cut where a sentence ends after this, and anywhere after that: captions are read. */
const longMs = 15_000;
const longestMs = 40_000;
const sentenceEnd = /[.?!。？！…]["'”’)]?$/u;

/** Languages that put no space between words. */
const isUnspaced = (language = ''): boolean => /^(ja|zh|th|km|my|lo)\b/i.test(language);

type Voice = { readonly id: string; readonly name: string; readonly isAlone: boolean };
type Spoken = Word & { readonly voice: Voice | undefined; readonly track: Heard };
type Turn = { readonly voice: Voice | undefined; readonly track: Heard; readonly words: Spoken[]; endMs: number };

/** Makes one transcript of what was heard on the tracks of a recording, in the order of its time. */
export const interleave = (tracks: readonly HeardTrack[], origin: Transcript['origin']): Transcript => {
  const voices = new Map<string, Voice>();
  const voiceNamed = (key: string, name: string, isAlone: boolean): Voice => {
    const known = voices.get(key) ?? { id: `s${voices.size + 1}`, name, isAlone };
    voices.set(key, known);
    return known;
  };
  const voiceOf = (speaker: string | undefined, track: number, label: string | undefined): Voice | undefined => {
    if (speaker !== undefined) return voiceNamed(`name ${speaker}`, speaker, true);
    if (label === undefined) return undefined;
    const number = Number(/\d+$/.exec(label)?.[0] ?? voices.size) + 1;
    return voiceNamed(`label ${track} ${label}`, `Speaker ${number}`, false);
  };
  const spoken = tracks
    .flatMap(({ speaker, offsetMs, heard }, track) =>
      heard.words.map(({ startMs, endMs, ...word }) => ({
        ...word,
        startMs: Math.max(0, startMs + offsetMs),
        endMs: Math.max(0, endMs + offsetMs),
        track: heard,
        from: { speaker, track },
      })),
    )
    .sort((a, b) => a.startMs - b.startMs)
    // Named in the order in which they speak.
    .map(({ from, ...word }): Spoken => ({ ...word, voice: voiceOf(from.speaker, from.track, word.label) }));

  const turns = turnsOf(spoken).sort((a, b) => startOf(a) - startOf(b));
  const language = mostSpoken(tracks);
  return {
    origin,
    ...(language && { language }),
    durationMs: turns.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
    speakers: [...voices.values()].map(({ id, name }) => ({ id, name })),
    segments: turns.map(segmentOf),
  };
};

const startOf = ({ words }: Turn): number => words[0]?.startMs ?? 0;

const turnsOf = (spoken: readonly Spoken[]): Turn[] => {
  const turns: Turn[] = [];
  const open = new Map<Voice | undefined, Turn>();
  /** The last word so far, and the last of anybody other than its speaker. */
  let last: Spoken | undefined;
  let lastOfOther: Spoken | undefined;
  for (const word of spoken) {
    const other = last?.voice === word.voice ? lastOfOther : last;
    const turn = open.get(word.voice);
    if (turn && !isCut(turn, word, other)) {
      turn.words.push(word);
      turn.endMs = Math.max(turn.endMs, word.endMs);
    } else {
      const begun = { voice: word.voice, track: word.track, words: [word], endMs: word.endMs };
      open.set(word.voice, begun);
      turns.push(begun);
    }
    if (last && last.voice !== word.voice) lastOfOther = last;
    last = word;
  }
  return turns;
};

const isCut = (turn: Turn, word: Spoken, other: Spoken | undefined): boolean => {
  const gap = word.startMs - turn.endMs;
  if (gap > pauseMs || turn.track !== word.track) return true;
  const lasts = word.endMs - startOf(turn);
  if (lasts > longestMs || (lasts > longMs && sentenceEnd.test(turn.words.at(-1)?.text ?? ''))) return true;
  if (!other || other.startMs < (turn.words.at(-1)?.startMs ?? 0)) return false;
  // On a track of many voices no two speak at once, so another's word always ends a turn.
  return !word.voice?.isAlone || gap >= breathMs;
};

const segmentOf = ({ voice, track, words, endMs }: Turn, index: number): Segment => {
  const sure = words.flatMap(({ confidence }) => confidence ?? []);
  const mean = sure.reduce((sum, one) => sum + one, 0) / sure.length;
  return {
    id: String(index + 1),
    startMs: words[0]?.startMs ?? 0,
    endMs,
    ...(voice && { speaker: voice.id }),
    text: words.map(({ text }) => text).join(isUnspaced(track.language) ? '' : ' '),
    ...(sure.length > 0 && { confidence: Math.round(mean * 1_000) / 1_000 }),
    words: words.map(({ text, startMs, endMs: end, confidence }) => ({
      text,
      startMs,
      endMs: end,
      ...(confidence !== undefined && { confidence }),
    })),
  };
};

/** The language in which most words were said. */
const mostSpoken = (tracks: readonly HeardTrack[]): string | undefined => {
  const counts = new Map<string, number>();
  for (const { heard } of tracks)
    if (heard.language) counts.set(heard.language, (counts.get(heard.language) ?? 0) + heard.words.length);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};
