import { createHash } from 'node:crypto';
import { bytes, noise } from './content.ts';
import type { Content } from './content.ts';
import { clip } from './clips.ts';
import type { ClipName } from './clips.ts';
import { movie } from './mp4.ts';
import { speech } from './speech.ts';
import type { Utterance } from './speech.ts';
import { greyJpeg } from './still-picture.ts';

/** How a simulated file's bytes are made. Plain data, so that a meeting can be written down and read again. */
export type ContentSpec =
  /** Grey and silent, of any size. */
  | { readonly kind: 'mp4' | 'm4a'; readonly seconds: number; readonly size: number; readonly seed: string }
  /** An M4A in which voices are heard. */
  | { readonly kind: 'speech'; readonly seconds: number; readonly says: readonly Utterance[] }
  /** An MP4 with moving pictures and a tone. */
  | { readonly kind: 'clip'; readonly clip: ClipName }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'jpeg'; readonly width: number; readonly height: number }
  | { readonly kind: 'noise'; readonly size: number; readonly seed: string };

/** What takes work to make is made once for each spec. */
const made = new WeakMap<ContentSpec, Content>();
const once = (spec: ContentSpec, make: () => Content): Content => {
  const content = made.get(spec) ?? make();
  made.set(spec, content);
  return content;
};

export const contentOf = (spec: ContentSpec): Content => {
  switch (spec.kind) {
    case 'mp4':
    case 'm4a':
      return movie({ ...spec, video: spec.kind === 'mp4' });
    case 'speech':
      return once(spec, () => speech(spec.seconds, spec.says));
    case 'clip':
      return clip(spec.clip);
    case 'text':
      return bytes(Buffer.from(spec.text, 'utf8'));
    case 'jpeg':
      return bytes(greyJpeg(spec.width, spec.height));
    case 'noise':
      return noise(spec.seed, spec.size);
  }
};

/** Names the content without reading it: equal specs have equal bytes. */
export const etagOf = (spec: ContentSpec): string =>
  `"${createHash('md5').update(JSON.stringify(spec)).digest('hex')}"`;

export type Cue = { readonly start: number; readonly end: number; readonly speaker: string; readonly text: string };

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

/** `HH:MM:SS.mmm` of a number of seconds. */
export const timestamp = (seconds: number): string => {
  const ms = Math.round(seconds * 1000);
  const hms = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((part) => padded(Math.floor(part), 2));
  return `${hms.join(':')}.${padded(ms % 1000, 3)}`;
};

/** Zoom's transcript: numbered cues, the speaker before a colon and a blank. */
export const transcriptVtt = (cues: readonly Cue[]): string =>
  ['WEBVTT\r\n', ...cues.map((cue, index) => cueText(index, cue, `${cue.speaker}: ${cue.text}`))].join('\r\n');

/** Live captions: the same form, no names. */
export const captionsVtt = (cues: readonly Cue[]): string =>
  ['WEBVTT\r\n', ...cues.map((cue, index) => cueText(index, cue, cue.text))].join('\r\n');

const cueText = (index: number, cue: Cue, text: string): string =>
  `${index + 1}\r\n${timestamp(cue.start)} --> ${timestamp(cue.end)}\r\n${text}\r\n`;

export const chatText = (lines: readonly { at: number; from: string; text: string }[]): string =>
  lines.map(({ at, from, text }) => `${timestamp(at).slice(0, 8)}\t${from}:\t${text}\r\n`).join('');

/** Who speaks from when; an entry without users is silence. */
export const timelineJson = (cues: readonly Cue[], userIds: Readonly<Record<string, string>>): string => {
  const user = (name: string) => ({
    username: name,
    user_id: userIds[name] ?? '',
    zoom_userid: userIds[name] ?? '',
    avatar_url: '',
    client_type: 'desktop',
    multiple_people: false,
  });
  const entries = cues.flatMap((cue, index) => {
    const next = cues[index + 1];
    const speaking = { ts: timestamp(cue.start), users: [user(cue.speaker)] };
    return next !== undefined && next.start - cue.end < 0.5
      ? [speaking]
      : [speaking, { ts: timestamp(cue.end), users: [] }];
  });
  return JSON.stringify({ timeline: entries, timeline_refine: [] });
};

/** Zoom's own summary of a meeting, as the SUMMARY file holds it. */
export const summaryJson = (summary: {
  title: string;
  overview: string;
  details: readonly { label: string; text: string }[];
}): string =>
  JSON.stringify({
    summary_title: summary.title,
    summary_overview: summary.overview,
    summary_details: summary.details.map(({ label, text }) => ({ label, summary: text })),
  });
