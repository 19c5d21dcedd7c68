import type { SimulatedFile, SimulatedMeeting } from '../local/zoom/meeting.ts';
import { sampleMeeting } from '../local/zoom/sample-meeting.ts';

/** What such a meeting really has. Its files are smaller here: only the copying grows with them, in proportion. */
export const referenceBytes = 1.2e9;
const mediaBytes = 4_000_000;
const voices = ['Ada Lindqvist', 'Tomasz Wrona', 'Mei Tanaka', 'Ines Duarte'];

/** An hour with one picture, one sound, four separate voices, a chat and a transcript: 8 files, 4 participants. */
export const referenceMeeting = (accountId: string): SimulatedMeeting => {
  const meeting = sampleMeeting({ accountId, uuid: 'reference+meeting/0001==' });
  const ofType = (fileType: string) => {
    const found = meeting.files.find((file) => file.fileType === fileType);
    if (!found) throw new Error(`The sample meeting has no ${fileType}.`);
    return found;
  };
  const audio = ofType('M4A');
  const small = (file: SimulatedFile): SimulatedFile => ({
    ...file,
    content: { kind: file.fileType === 'MP4' ? 'mp4' : 'm4a', seconds: 2391, size: mediaBytes, seed: file.id },
  });
  return {
    ...meeting,
    topic: 'Reference hour',
    duration: 60,
    files: [
      small(ofType('MP4')),
      small(audio),
      ...voices.map((participant, index) => ({ ...small(audio), id: `voice-${index + 1}`, participant })),
      ofType('CHAT'),
      ofType('TRANSCRIPT'),
    ],
  };
};
