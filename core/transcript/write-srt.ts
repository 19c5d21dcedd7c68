import { captionsOf } from './captions.ts';
import { cueTime } from './times.ts';
import type { Transcript } from './transcript.ts';

/** SRT has no escapes: what a player would take for markup or a time line is written with other signs. */
const harmless = (text: string): string => text.replace(/--+>/g, '→').replace(/</g, '‹').replace(/>/g, '›');

export const writeSrt = (transcript: Transcript): string => {
  let speaking: string | undefined;
  const cues = captionsOf(transcript).map(({ startMs, endMs, name, text }, index) => {
    // The name stands where the speaker changes, as captions do it.
    const prefix = name && name !== speaking ? `${name}: ` : '';
    speaking = name;
    return `${index + 1}\n${cueTime(startMs, ',')} --> ${cueTime(endMs, ',')}\n${harmless(prefix + text)}\n`;
  });
  return cues.join('\n');
};
