import { captionsOf } from './captions.ts';
import { cueTime } from './times.ts';
import type { Transcript } from './transcript.ts';

/** With `>` escaped, no text can hold the arrow that would start a new cue. */
const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

export const writeVtt = (transcript: Transcript): string => {
  const cues = captionsOf(transcript).map(({ startMs, endMs, name, text }, index) => {
    const voice = name ? `<v ${escape(name)}>` : '';
    return `${index + 1}\n${cueTime(startMs, '.')} --> ${cueTime(endMs, '.')}\n${voice}${escape(text)}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
};
