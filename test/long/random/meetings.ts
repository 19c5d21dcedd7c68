import { createHash } from 'node:crypto';
import type { SimulatedFile, SimulatedMeeting } from '../../../local/zoom/meeting.ts';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { sized } from '../../fakes/meetings.ts';
import { meetingsInARun } from './steps.ts';

const MIB = 1_048_576;
const small = 300_000;
/** Of pictures and sound, whatever the meeting's own length: each frame takes some bytes. */
const seconds = 30;

/** Values that must turn up nowhere; `where` they may is decided by the oracle. */
export const planted = {
  password: 'cAnArY-passcode-1',
  playPasscode: 'cAnArY-play-passcode-2',
  shareUrl: 'https://canary.zoom.us/rec/share/cAnArY-share-3',
  hostEmail: 'canary.host@fjordlight.example',
};

const brief = (file: SimulatedFile, size: number): SimulatedFile => ({
  ...sized(file, size, seconds),
  end: new Date(Date.parse(file.start) + seconds * 1_000).toISOString(),
});

/**
 * The same few meetings in every run: one as the demo's but small; one of two segments; one whose movie is copied in
 * several parts. The first two are occurrences of one meeting with one start, and so want the same folder.
 */
export const meetingsOf = (accountId: string): SimulatedMeeting[] =>
  Array.from({ length: meetingsInARun }, (_, index) => {
    const uuid = createHash('md5').update(`meeting ${index}`).digest('base64');
    const startTime = index < 2 ? '2026-01-12T14:59:58Z' : '2026-01-13T08:00:00Z';
    const meeting = sampleMeeting({ uuid, accountId, startTime, ...planted });
    const wanted = ['M4A', 'CHAT', 'TIMELINE', 'TRANSCRIPT'];
    const movie = meeting.files.find(({ fileType }) => fileType === 'MP4') as SimulatedFile;
    const files = meeting.files
      .filter(({ fileType, participant }) => wanted.includes(fileType) && participant === undefined)
      .map((file) => brief(file, small));
    const later = { start: '2026-01-12T16:00:00Z', end: '2026-01-12T16:00:30Z', id: `${movie.id.slice(0, -1)}f` };
    return {
      ...meeting,
      topic: `Meeting ${index}`,
      files: [
        brief(movie, index === 2 ? 33 * MIB : small),
        ...(index === 1 ? [{ ...brief(movie, small), ...later }] : []),
        ...files.filter(({ fileType }) => index !== 2 || fileType !== 'M4A'),
      ],
    };
  });
