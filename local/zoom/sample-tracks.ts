import type { Cue } from './media.ts';
import type { SimulatedFile } from './meeting.ts';
import { SPEAKERS } from './sample-transcript.ts';
import type { Utterance, Voice } from './speech.ts';

const VOICE_OF: Readonly<Record<string, Voice>> = { [SPEAKERS.host]: 1, [SPEAKERS.engineer]: 4, [SPEAKERS.design]: 7 };

/**
 * The tracks of single speakers, from the recording's start on. They cover its opening alone: merging forty minutes
 * would keep whoever runs the demo waiting. One person comes late, by a time that no frame of sound divides; another
 * leaves early.
 */
export const TRACKS = [
  { speaker: SPEAKERS.host, from: 0, to: 97 },
  { speaker: SPEAKERS.engineer, from: 0, to: 80 },
  { speaker: SPEAKERS.design, from: 5.25, to: 97 },
] as const;

/** What is heard between two moments of a recording, in seconds from the first of them. */
export const utterancesOf = (cues: readonly Cue[], from: number, to: number, speaker?: string): Utterance[] =>
  cues
    .filter((cue) => cue.start >= from && cue.end <= to && (speaker === undefined || cue.speaker === speaker))
    .map((cue) => [VOICE_OF[cue.speaker] ?? 12, cue.start - from, cue.end - from]);

/** `at` gives the time of day of a second of the recording. */
export const sampleTracks = (cues: readonly Cue[], at: (seconds: number) => string): SimulatedFile[] =>
  TRACKS.map(({ speaker, from, to }, index) => ({
    id: `7c00000${index + 1}-aa01-4b02-8c03-00000000000${index + 1}`,
    fileType: 'M4A',
    extension: 'M4A',
    recordingType: 'audio_only_each_participant',
    start: at(from),
    end: at(to),
    participant: speaker,
    content: { kind: 'speech', seconds: to - from, says: utterancesOf(cues, from, to, speaker) },
  }));
