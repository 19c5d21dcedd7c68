import { captionsVtt, chatText, summaryJson, timelineJson, transcriptVtt } from './media.ts';
import type { ContentSpec, Cue } from './media.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';
import { sampleMeeting } from './sample-meeting.ts';
import type { SampleOptions } from './sample-meeting.ts';
import type { Utterance } from './speech.ts';

/** Seconds of the recording; it was stopped and begun again within the meeting. */
export const SEGMENTS = [
  { from: 0, to: 12 },
  { from: 60, to: 68 },
] as const;

/** Who has a track of their own, when it begins and ends in the first segment, and when they speak in it. */
export const SPEAKERS_APART = [
  {
    name: 'Ada Lindqvist',
    from: 0,
    to: 12,
    says: [
      [1, 0.512, 2.496],
      [1, 6.016, 7.008],
    ],
  },
  // A name that is neither a file name nor ASCII; comes late.
  {
    name: 'Łukasz / R&D "lab"',
    from: 5.25,
    to: 12,
    says: [
      [4, 0.512, 1.504],
      [4, 2.496, 6.016],
    ],
  },
  // Leaves early.
  { name: '../Mei 田中', from: 0, to: 7.5, says: [[7, 3.008, 5.504]] },
] as const satisfies readonly { name: string; from: number; to: number; says: readonly Utterance[] }[];

const CUES: readonly Cue[] = [
  { start: 0.5, end: 2.5, speaker: 'Ada Lindqvist', text: 'Shall we send the plan to the harbour office today?' },
  { start: 3, end: 5.5, speaker: 'Mei Tanaka', text: 'I will send the plan by Friday, January 16.' },
  { start: 6, end: 7, speaker: 'Ada Lindqvist', text: "Agreed. Then it's decided." },
  {
    start: 7.75,
    end: 11.25,
    speaker: 'Lukasz Nowak',
    text: 'Sorry, my train was late. Is there anything for me to do?',
  },
];

const text = (value: string): ContentSpec => ({ kind: 'text', text: value });
const json = (value: unknown): ContentSpec => text(JSON.stringify(value));
const silent = (kind: 'mp4' | 'm4a', seconds: number, seed: string): ContentSpec => ({
  kind,
  seconds,
  size: 60_000,
  seed,
});
const summary = (title: string): ContentSpec =>
  text(summaryJson({ title, overview: `${title} of the meeting`, details: [{ label: 'Plan', text: 'It is sent.' }] }));

type Row = readonly [fileType: string, extension: string, recordingType: string, content: ContentSpec, more?: object];

/** A view twice, with captions burnt in and without: by their names after folding they would be one. */
const views = (index: 0 | 1): Row[] => {
  const seconds = SEGMENTS[index].to - SEGMENTS[index].from;
  const [speaker, gallery] = [`speaker-${index + 1}`, `gallery-${index + 1}`] as ['speaker-1', 'gallery-1'];
  return [
    ['M4A', 'M4A', 'audio_only', { kind: 'speech', seconds, says: [[10, 0.512, seconds - 1]] }],
    ['MP4', 'MP4', 'shared_screen_with_speaker_view', { kind: 'clip', clip: speaker }],
    ['MP4', 'MP4', 'shared_screen_with_speaker_view(CC)', silent('mp4', seconds, `captions ${index}`)],
    ['MP4', 'MP4', 'gallery_view', { kind: 'clip', clip: gallery }],
  ];
};

const others = (): Row[] => [
  ['MP4', 'MP4', 'sign_interpretation', silent('mp4', 12, 'signs')],
  // One for each language.
  ['M4A', 'M4A', 'audio_interpretation', silent('m4a', 12, 'Polish')],
  ['M4A', 'M4A', 'audio_interpretation', silent('m4a', 12, 'Japanese')],
  ['CHAT', 'TXT', 'chat_file', text(chatText([{ at: 4, from: 'Mei 田中', text: 'https://plan.example/1' }]))],
  ['CHAT_MESSAGE', 'JSON', 'chat_message', json({ messages: [{ sender: 'Mei 田中', text: 'the plan' }] })],
  ['CC', 'VTT', 'closed_caption', text(captionsVtt(CUES)), { id: 'captions', poor: true }],
  ['CSV', 'CSV', 'poll', text('#,Question,Answer\r\n1,"Today, or Friday?",Friday\r\n')],
  ['TIMELINE', 'JSON', 'timeline', text(timelineJson(CUES, {})), { id: 'timeline', poor: true }],
  ['TB', 'JPG', 'thumbnail', { kind: 'jpeg', width: 320, height: 180 }],
  ['TB', 'JPG', 'thumbnail', { kind: 'jpeg', width: 640, height: 360 }],
  ['SUMMARY', 'JSON', 'summary', summary('Summary')],
  ['SUMMARY', 'JSON', 'summary_next_steps', summary('Next steps')],
  ['SUMMARY', 'JSON', 'summary_smart_chapters', summary('Chapters')],
  // What Zoom may think of next year.
  ['HOLOGRAM', 'HGM', 'hologram_of_room', { kind: 'noise', size: 20_000, seed: 'hologram' }],
  ['TRANSCRIPT', 'VTT', 'audio_transcript', text(transcriptVtt(CUES)), { later: true }],
];

/** A short meeting with a file of every kind that Zoom has, in two segments and two views, and three tracks. */
export const fullMeeting = (options: SampleOptions = {}): SimulatedMeeting => {
  const meeting = sampleMeeting(options);
  const start = meeting.files[0]?.start ?? meeting.startTime;
  const at = (seconds: number): string =>
    new Date(Date.parse(start) + seconds * 1000).toISOString().replace('.000Z', 'Z');
  const fileIn =
    ({ from, to }: { from: number; to: number }, prefix: string) =>
    ([fileType, extension, recordingType, content, more]: Row, index: number): SimulatedFile => {
      const id = `${prefix}0000${String(index).padStart(2, '0')}-1f2e-4a3b-9c4d-000000000000`;
      return { id, fileType, extension, recordingType, content, start: at(from), end: at(to), ...more };
    };
  const tracks = SPEAKERS_APART.map(({ name, from, to, says }, index) => {
    const content: ContentSpec = { kind: 'speech', seconds: to - from, says };
    const row: Row = ['M4A', 'M4A', 'audio_only_each_participant', content, { participant: name }];
    return fileIn({ from, to }, '7c')(row, index);
  });
  return {
    ...meeting,
    topic: 'Every kind of file',
    endTime: at(75),
    duration: 2,
    files: [
      ...[...views(0), ...others()].map(fileIn(SEGMENTS[0], '5a')),
      ...views(1).map(fileIn(SEGMENTS[1], '5b')),
      ...tracks,
    ],
  };
};
