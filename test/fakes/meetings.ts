import { randomBytes } from 'node:crypto';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { sampleMeeting, type SampleOptions } from '../../local/zoom/sample-meeting.ts';

/** Little more than a movie of this length needs for its frames. */
const smallMedia = 1_000_000;

/** The sample meeting with a uuid and a topic of its own, and media that cost a test no time. */
export const smallMeeting = (topic: string, options: SampleOptions = {}): SimulatedMeeting => {
  const meeting = sampleMeeting({ uuid: randomBytes(16).toString('base64'), ...options });
  return {
    ...meeting,
    topic,
    files: meeting.files.map((file) =>
      file.content.kind === 'mp4' || file.content.kind === 'm4a'
        ? { ...file, content: { ...file.content, size: smallMedia } }
        : file,
    ),
  };
};

/** The id of the only file of a type. */
export const fileOf = (meeting: SimulatedMeeting, fileType: string): string => {
  const [file, ...others] = meeting.files.filter((one) => one.fileType === fileType);
  if (!file || others.length > 0) throw new Error(`The meeting has ${others.length + 1} files of type ${fileType}.`);
  return file.id;
};
