import { randomBytes } from 'node:crypto';
import type { SimulatedFile, SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { sampleMeeting, type SampleOptions } from '../../local/zoom/sample-meeting.ts';

/** Little more than a movie of this length needs for its frames. */
const smallMedia = 1_000_000;

/** The same file in few bytes: grey and silent. */
export const sized = (file: SimulatedFile, size: number, seconds?: number): SimulatedFile => {
  const { kind } = file.content;
  if (kind !== 'mp4' && kind !== 'm4a' && kind !== 'speech') return file;
  const lasting = seconds ?? file.content.seconds;
  return { ...file, content: { kind: kind === 'mp4' ? 'mp4' : 'm4a', seconds: lasting, size, seed: file.id } };
};

/**
 * The sample meeting with a uuid and a topic of its own, and media that cost a test no time. It has no tracks of
 * single speakers, which would be merged.
 */
export const smallMeeting = (topic: string, options: SampleOptions = {}): SimulatedMeeting => {
  const meeting = sampleMeeting({ uuid: randomBytes(16).toString('base64'), ...options });
  const files = meeting.files.filter(({ participant }) => participant === undefined);
  return { ...meeting, topic, files: files.map((file) => sized(file, smallMedia)) };
};

/** The id of the only file of a type. */
export const fileOf = (meeting: SimulatedMeeting, fileType: string): string => {
  const [file, ...others] = meeting.files.filter((one) => one.fileType === fileType);
  if (!file || others.length > 0) throw new Error(`The meeting has ${others.length + 1} files of type ${fileType}.`);
  return file.id;
};
