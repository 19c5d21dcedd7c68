import type { Transcript } from '../../../core/transcript/transcript.ts';

/** A transcript of lines `Name: text`, five seconds each; a line without a name has no speaker. */
export const talk = (...lines: string[]): Transcript => {
  const names: string[] = [];
  const segments = lines.map((line, index) => {
    const [, name, text] = /^(?:([^:]{1,30}): )?([^]*)$/.exec(line) ?? [];
    if (name && !names.includes(name)) names.push(name);
    return {
      id: String(index + 1),
      startMs: index * 5_000,
      endMs: index * 5_000 + 4_000,
      ...(name && { speaker: `s${names.indexOf(name) + 1}` }),
      text: text ?? '',
    };
  });
  return {
    origin: 'zoom-vtt',
    durationMs: lines.length * 5_000,
    speakers: names.map((name, index) => ({ id: `s${index + 1}`, name })),
    segments,
  };
};

/** Enough ordinary English around it that the language is clear. */
export const inEnglish = (...lines: string[]): Transcript =>
  talk(...lines, 'Zoe: This is what we have so far, and it is in the notes that you can read.');
