import { captionsVtt, chatText, summaryJson, timelineJson, transcriptVtt } from './media.ts';
import type { ContentSpec } from './media.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';
import { sampleTracks, utterancesOf } from './sample-tracks.ts';
import { SPEAKERS, sampleCues } from './sample-transcript.ts';

const MIB = 1024 * 1024;
/** Of the recording; the meeting begins a little earlier and ends a little later. */
export const RECORDED_SECONDS = 2391;

export type SampleOptions = {
  readonly uuid?: string;
  readonly accountId?: string;
  /** The meeting's start; the recording begins 16 s later. */
  readonly startTime?: string;
  readonly hostEmail?: string;
  readonly password?: string;
  readonly playPasscode?: string;
  readonly shareUrl?: string;
};

const DEFAULTS = {
  // Begins with a slash and holds two in a row: the hardest kind to put into a path.
  uuid: '/3kQ9vTxRnuWb7//hLZpCw==',
  accountId: 'Q1w2E3r4T5y6U7i8O9p0Aa',
  startTime: '2026-01-12T14:59:58Z',
  hostEmail: 'ada.lindqvist@fjordlight.example',
  password: 'x7!Kq2',
  playPasscode: 'pLaY-PaSs_0123456789',
  shareUrl: 'https://fjordlight.zoom.us/rec/share/S-key.sfx',
} satisfies Required<SampleOptions>;

const HOST_ID = 'hJ7kL2mN9pQrStUvWxYz01';
const USER_IDS = { [SPEAKERS.host]: '16778240', [SPEAKERS.engineer]: '16779264', [SPEAKERS.design]: '16780288' };

const CHAT = [
  { at: 45, from: SPEAKERS.design, text: 'Agenda: harbour pilot, batteries, dashboard, budget' },
  { at: 402, from: SPEAKERS.engineer, text: 'Lab comparison: https://files.fjordlight.example/lab/2026-01' },
  { at: 1210, from: SPEAKERS.design, text: 'Prototype: https://dashboard.fjordlight.example/preview' },
  { at: 1933, from: SPEAKERS.host, text: 'Budget draft is due January 30' },
];

const SUMMARY = {
  title: 'Weekly sync',
  overview:
    'The team reviewed the harbour pilot, agreed on a firmware answer to the winter battery problem and planned the dashboard demonstration.',
  details: [
    {
      label: 'Harbour pilot',
      text: 'Eleven of twelve sensors report; turbidity drift is corrected in software, wipers follow in spring.',
    },
    { label: 'Batteries', text: 'Below 40 percent charge the sensors report every thirty minutes.' },
    { label: 'Dashboard', text: 'A low-power badge and a simple export come before the demonstration on January 27.' },
    { label: 'Budget', text: 'A common order with the river project would lower the price of the wipers.' },
  ],
};

const later = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + seconds * 1000).toISOString().replace('.000Z', 'Z');

/**
 * The meeting of the demo: forty minutes of three people, with two views, sound, the three apart, chat, captions,
 * timeline, thumbnail and summary at once, and the transcript announced by an event of its own.
 */
export const sampleMeeting = (options: SampleOptions = {}): SimulatedMeeting => {
  const { uuid, accountId, startTime, hostEmail, password, playPasscode, shareUrl } = { ...DEFAULTS, ...options };
  const start = later(startTime, 16);
  const end = later(start, RECORDED_SECONDS);
  const leaveTime = later(end, 5);
  const cues = sampleCues(RECORDED_SECONDS);
  const file = (
    number: number,
    [fileType, extension, recordingType]: readonly [string, string, string],
    content: ContentSpec,
    more: Partial<SimulatedFile> = {},
  ): SimulatedFile => ({
    id: `5a0000${String(number).padStart(2, '0')}-1f2e-4a3b-9c4d-0000000000${String(number).padStart(2, '0')}`,
    fileType,
    extension,
    recordingType,
    start,
    end,
    content,
    ...more,
  });
  const seed = (name: string): string => `${uuid} ${name}`;
  const text = (value: string): ContentSpec => ({ kind: 'text', text: value });
  const pictures = (size: number, name: string): ContentSpec => ({
    kind: 'mp4',
    seconds: RECORDED_SECONDS,
    size,
    seed: seed(name),
  });

  return {
    uuid,
    id: 84412345678,
    accountId,
    hostId: HOST_ID,
    hostEmail,
    hostName: SPEAKERS.host,
    topic: 'Weekly sync / Ångström team 🎥',
    type: 8,
    startTime,
    endTime: leaveTime,
    timezone: 'Europe/Stockholm',
    duration: Math.ceil((RECORDED_SECONDS + 21) / 60),
    password,
    playPasscode,
    shareUrl,
    participants: [
      {
        id: HOST_ID,
        userId: USER_IDS[SPEAKERS.host] ?? '',
        name: SPEAKERS.host,
        email: hostEmail,
        joinTime: startTime,
        leaveTime,
      },
      {
        id: 'kW3xY4zA5bCdEfGhIjKl02',
        userId: USER_IDS[SPEAKERS.engineer] ?? '',
        name: SPEAKERS.engineer,
        email: 'tomasz.wrona@fjordlight.example',
        joinTime: later(startTime, 4),
        leaveTime,
      },
      // A guest: no id and no address.
      {
        id: '',
        userId: USER_IDS[SPEAKERS.design] ?? '',
        name: SPEAKERS.design,
        email: '',
        joinTime: later(startTime, 9),
        leaveTime,
      },
    ],
    // Sound before pictures, as Zoom often has it: an index says nothing.
    files: [
      file(1, ['M4A', 'M4A', 'audio_only'], {
        kind: 'speech',
        seconds: RECORDED_SECONDS,
        says: utterancesOf(cues, 0, RECORDED_SECONDS),
      }),
      file(2, ['MP4', 'MP4', 'shared_screen_with_speaker_view'], pictures(6 * MIB + 123, 'speaker view')),
      file(3, ['MP4', 'MP4', 'gallery_view'], pictures(3 * MIB + 45, 'gallery view')),
      file(4, ['CHAT', 'TXT', 'chat_file'], text(chatText(CHAT))),
      file(5, ['CC', 'VTT', 'closed_caption'], text(captionsVtt(cues)), { id: 'captions', poor: true }),
      file(6, ['TIMELINE', 'JSON', 'timeline'], text(timelineJson(cues, USER_IDS)), { id: 'timeline', poor: true }),
      file(7, ['TB', 'JPG', 'thumbnail'], { kind: 'jpeg', width: 640, height: 360 }),
      file(8, ['SUMMARY', 'JSON', 'summary'], text(summaryJson(SUMMARY))),
      file(9, ['TRANSCRIPT', 'VTT', 'audio_transcript'], text(transcriptVtt(cues)), { later: true }),
      ...sampleTracks(cues, (seconds) => later(start, seconds)),
    ],
  };
};
