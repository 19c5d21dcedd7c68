import { randomBytes } from 'node:crypto';
import type { ContentSpec } from '../../local/zoom/media.ts';
import type { SimulatedFile, SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { sampleMeeting } from '../../local/zoom/sample-meeting.ts';

/** A short meeting of these files alone: what happens to one of them is all that happens. */
export const meetingOf = (
  topic: string,
  accountId: string,
  files: readonly { id: string; fileType: string; extension: string; recordingType: string; content: ContentSpec }[],
): SimulatedMeeting => {
  const meeting = sampleMeeting({ uuid: randomBytes(16).toString('base64'), accountId });
  const [{ start } = { start: meeting.startTime }] = meeting.files;
  const end = new Date(Date.parse(start) + 30_000).toISOString();
  const complete = (file: (typeof files)[number]): SimulatedFile => ({ ...file, start, end });
  return { ...meeting, topic, files: files.map(complete) };
};

export const soundFile = (id: string, seed = id) => ({
  ...{ id, fileType: 'M4A', extension: 'M4A', recordingType: `audio_of_${id.toLowerCase().replace(/\W+/g, '_')}` },
  content: { kind: 'm4a', seconds: 30, size: 200_000, seed } as ContentSpec,
});

/** A type that nobody has heard of: all that can be told of its content is its length. */
export const noiseFile = (id: string, size: number) => ({
  ...{ id, fileType: 'HOLOGRAM', extension: 'HGM', recordingType: `hologram_${id.toLowerCase().replace(/\W+/g, '_')}` },
  content: { kind: 'noise', size, seed: id } as ContentSpec,
});

export const textFile = (id: string, text = `${id}\r\n`.repeat(400)) => ({
  ...{ id, fileType: 'CHAT', extension: 'TXT', recordingType: `chat_of_${id.toLowerCase().replace(/\W+/g, '_')}` },
  content: { kind: 'text', text } as ContentSpec,
});
