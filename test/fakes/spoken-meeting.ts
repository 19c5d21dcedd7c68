import { randomBytes } from 'node:crypto';
import { digest } from '../../core/keys.ts';
import type { Script } from '../../local/transcribe/result.ts';
import type { MediaPlace } from '../../local/transcribe/transcribe.ts';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { RECORDED_SECONDS, sampleMeeting } from '../../local/zoom/sample-meeting.ts';
import { sampleTracks, TRACKS } from '../../local/zoom/sample-tracks.ts';
import { sampleCues } from '../../local/zoom/sample-transcript.ts';
import { sized } from './meetings.ts';

const smallMedia = 1_000_000;
const wordTypes = new Set(['TRANSCRIPT', 'CC']);

/** The sample meeting without any words of Zoom, in small media; with the tracks of single people, or without. */
export const speechlessMeeting = (
  topic: string,
  accountId: string,
  { apart = false, later = [] as string[] } = {},
): SimulatedMeeting => {
  const meeting = sampleMeeting({ uuid: randomBytes(16).toString('base64'), accountId });
  const files = meeting.files
    .filter(({ fileType, participant }) => !wordTypes.has(fileType) && (apart || participant === undefined))
    .map((file) => sized(file, smallMedia));
  const late = meeting.files
    .filter(({ fileType }) => later.includes(fileType))
    .map((file) => ({ ...file, later: true }));
  return { ...meeting, topic, files: [...files, ...late] };
};

const cues = sampleCues(RECORDED_SECONDS);
/** Names in the archive carry a digest of the id. */
const trackIds = sampleTracks(cues, String).map(({ id }) => id);

/** What is said in the files of the sample meeting: in a person's track by that person, in all else by everybody. */
export const scriptOf = ({ key }: MediaPlace): Script => {
  const track = TRACKS.find((_, index) => key.includes(digest(trackIds[index] ?? '').slice(0, 12)));
  const { from, to, speaker } = track ?? { from: 0, to: RECORDED_SECONDS, speaker: undefined };
  const speakers = [...new Set(cues.map((cue) => cue.speaker))];
  const words = cues
    .filter((cue) => cue.start >= from && cue.end <= to && (speaker === undefined || cue.speaker === speaker))
    .flatMap((cue) => {
      const said = cue.text.split(' ');
      const each = (cue.end - cue.start) / said.length;
      return said.map((text, index) => ({
        text,
        startSeconds: cue.start - from + index * each,
        endSeconds: cue.start - from + (index + 0.9) * each,
        speaker: speakers.indexOf(cue.speaker),
      }));
    });
  return { language: 'en-US', words };
};

/** The words of the opening, which the tracks of single people cover, in the order in which they were said. */
export const openingWords = (): string[] =>
  cues
    .filter((cue) =>
      TRACKS.some(({ speaker, from, to }) => cue.speaker === speaker && cue.start >= from && cue.end <= to),
    )
    .flatMap(({ text }) => text.split(' '));
