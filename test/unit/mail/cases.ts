import type { Insights } from '../../../core/insight/insights.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import type { MailLinks, Reader, Recorded } from '../../../core/mail/build-view.ts';

export type MailCase = { recorded: Recorded; reader: Reader };

const token = `1.thd7c0..${'A'.repeat(42)}8`;
const links: MailLinks = {
  watch: (seconds) =>
    `https://recordings.example.org/r/zoom-0123456789abcdef01234567?k=${token}${seconds ? `&t=${seconds}` : ''}`,
  until: new Date('2026-04-12T16:10:00Z'),
  stop: `https://recordings.example.org/unsubscribe?j=zoom-0123456789abcdef01234567&k=${token}`,
};

/** A meeting's mail: with links unless it is told otherwise. */
const meeting = (
  told: Partial<Recorded>,
  { role = 'host', links: own = links, cleanUpAfterDays }: Partial<Reader> = {},
): MailCase => ({
  recorded: { job: job(), files, merges: [], hasTranscript: true, isUpdate: false, ...told },
  reader: { role, links: own, cleanUpAfterDays },
});
const withoutLinks = { links: {} };

export const job = (told: Partial<Job> = {}): Job => ({
  jobId: 'zoom-0123456789abcdef01234567',
  source: 'zoom',
  origin: 'webhook',
  meetingUuid: '/3kQ9vTxRnuWb7//hLZpCw==',
  meetingId: '84412345678',
  topic: 'Reading room launch',
  startTime: '2026-01-12T14:59:58Z',
  timezone: 'Europe/Stockholm',
  durationMinutes: 63,
  status: 'running',
  attempt: 1,
  attemptAt: '2026-01-12T16:10:00Z',
  files: new Set(),
  revision: 1,
  seenRevision: 1,
  folder: '84412345678/1768229998/',
  notes: [],
  createdAt: '2026-01-12T16:10:00Z',
  updatedAt: '2026-01-12T16:10:00Z',
  ...told,
});

export const file = (told: Partial<JobFile> = {}): JobFile => ({
  jobId: 'zoom-0123456789abcdef01234567',
  fileId: 'f1',
  fileType: 'MP4',
  extension: 'mp4',
  recordingStart: '2026-01-12T15:00:14Z',
  segment: 0,
  view: 'shared_screen_with_speaker_view',
  key: '84412345678/1768229998/000-shared_screen_with_speaker_view.mp4',
  status: 'archived',
  receivedBytes: 734_003_200,
  ...told,
});

const merges: JobMerge[] = [
  {
    jobId: 'zoom-0123456789abcdef01234567',
    name: 'participants',
    kind: 'audio',
    index: 0,
    inputs: [],
    outputs: ['mixed.m4a', 'speakers.flac', 'speakers.json'].map((name) => `84412345678/1768229998/${name}`),
    status: 'done',
  },
  {
    jobId: 'zoom-0123456789abcdef01234567',
    name: 'gallery_view',
    kind: 'view',
    index: 1,
    inputs: [],
    outputs: ['84412345678/1768229998/joined-gallery_view.mp4'],
    status: 'done',
  },
];

const files: JobFile[] = [
  file(),
  file({
    fileId: 'f2',
    fileType: 'M4A',
    view: 'audio_only',
    key: '84412345678/1768229998/000-audio_only.m4a',
    receivedBytes: 61_234_567,
  }),
  file({
    fileId: 'f3',
    fileType: 'TRANSCRIPT',
    view: 'audio_transcript',
    key: '84412345678/1768229998/000-audio_transcript.vtt',
    receivedBytes: 91_822,
  }),
  file({
    fileId: 'f4',
    fileType: 'CHAT',
    view: 'chat_file',
    key: '84412345678/1768229998/000-chat_file.txt',
    status: 'missing',
    missingBecause: 'Zoom no longer has this file.',
  }),
];

const at = (seconds: number) => ({ segmentIds: [String(seconds)], startMs: seconds * 1_000 });

const insights = (told: Partial<Insights> = {}): Insights => ({
  engine: 'extractive',
  language: 'en',
  languageSupport: 'full',
  summary: {
    short:
      'The launch plan has three parts: the search index, the booking form, and the migration of the old catalogue.',
    paragraphs: [],
  },
  topics: [
    { text: 'Launch plan', ...at(6) },
    { text: 'Booking form', ...at(11) },
  ],
  actionItems: [
    {
      text: "I'll send a test build to Carla by Wednesday morning.",
      assignee: 'Bob Chen',
      due: 'Wednesday morning',
      ...at(32),
    },
    { text: 'We need to order new microphones.', ...at(3_725) },
  ],
  followUps: [{ text: "Let's schedule a call with the finance team next Tuesday.", due: 'next Tuesday', ...at(73) }],
  questions: [
    {
      text: 'What happens to the old catalogue?',
      askedBy: 'Carla Ruiz',
      answered: true,
      answer: 'We keep it for three months.',
      ...at(36),
    },
    { text: 'Do we have budget for a second load test?', askedBy: 'Bob Chen', answered: false, ...at(48) },
  ],
  decisions: [{ text: 'We agreed to launch the website on the 14th of March.', ...at(60) }],
  chapters: [
    { title: 'The launch plan', ...at(0) },
    { title: 'Budget and load tests', ...at(1_260) },
  ],
  talkTime: [
    { name: 'Bob Chen', seconds: 1_541, share: 0.61 },
    { name: 'Carla Ruiz', seconds: 948, share: 0.37 },
    { name: 'Ada Lovelace', seconds: 42, share: 0.02 },
  ],
  ...told,
});

const hostile = `<script>alert("x")</script><img src=x onerror='y'> & "quoted"\r\nBcc: everyone@example.org`;

/** Meetings whose mail is kept as a file, so that a person sees what a change does to it. */
export const cases: Record<string, MailCase> = {
  full: meeting({ merges, insights: insights() }, { cleanUpAfterDays: 30 }),
  empty: meeting(
    {
      job: job({ topic: undefined, startTime: undefined, timezone: undefined, durationMinutes: undefined }),
      files: [],
      hasTranscript: false,
    },
    withoutLinks,
  ),
  'no-summary': meeting({ hasTranscript: false }),
  '200-actions': meeting({
    job: job({ topic: 'Everything at once' }),
    files: Array.from({ length: 60 }, (_, index) =>
      file({
        fileId: `f${index}`,
        key: `84412345678/1768229998/${String(index).padStart(3, '0')}-audio_only.m4a`,
        view: 'audio_only',
        segment: index,
      }),
    ),
    insights: insights({
      actionItems: Array.from({ length: 200 }, (_, index) => ({
        text: `I will write report number ${index + 1} and send it to everybody who was in the meeting.`,
        assignee: index % 2 ? 'Bob Chen' : 'Ada Lovelace',
        due: 'Friday',
        ...at(index * 17),
      })),
    }),
  }),
  'right-to-left': meeting(
    {
      job: job({ topic: 'اجتماع المكتبة \u202Egnp.exe', timezone: 'Asia/Riyadh' }),
      files: [file()],
      insights: insights({
        language: 'ar',
        languageSupport: 'basic',
        summary: { short: 'نحن نناقش اليوم ميزانية المكتبة الجديدة.', paragraphs: [] },
        topics: [{ text: 'المكتبة', ...at(1) }],
        ...{ actionItems: [], followUps: [], decisions: [], chapters: [] },
        questions: [{ text: 'متى تكون الميزانية جاهزة؟', askedBy: '\u2067ليلى', answered: false, ...at(5) }],
        talkTime: [{ name: 'ليلى', seconds: 610, share: 1 }],
      }),
    },
    withoutLinks,
  ),
  emoji: meeting({
    job: job({ topic: '🚀 Launch 👩‍👩‍👧‍👦 party 🇸🇪' }),
    files: [file()],
    insights: insights({ summary: { short: 'We are 🎉 done.', paragraphs: [] } }),
  }),
  'script-topic': meeting({
    job: job({ topic: hostile, timezone: hostile }),
    files: [file({ view: hostile, status: 'missing', missingBecause: hostile })],
    insights: insights({
      engine: 'bedrock',
      model: hostile,
      language: '"><script>',
      summary: { short: hostile, paragraphs: [] },
      actionItems: [{ text: hostile, assignee: hostile, due: hostile, ...at(1) }],
      questions: [{ text: hostile, askedBy: hostile, answered: true, answer: hostile, ...at(2) }],
      chapters: [{ title: hostile, ...at(3) }],
      talkTime: [{ name: hostile, seconds: 3, share: 1 }],
    }),
  }),
  'very-long-topic': meeting(
    { job: job({ topic: 'Planning '.repeat(400) }), files: [file()], insights: insights() },
    withoutLinks,
  ),
  'non-english': meeting(
    {
      job: job({ topic: 'Haushaltsplan für die Bibliothek' }),
      files: [file()],
      isUpdate: true,
      insights: insights({
        engine: 'bedrock',
        model: 'eu.example.model-v1:0',
        language: 'de',
        summary: {
          short: 'Der Haushaltsplan ist noch nicht fertig, weil die Zahlen der Verwaltung fehlen.',
          paragraphs: [],
        },
        topics: [{ text: 'Haushaltsplan', ...at(3) }],
        ...{ actionItems: [], followUps: [], decisions: [], chapters: [] },
        questions: [
          { text: 'Wann kommen die Zahlen?', askedBy: 'Uta Groß', answered: true, answer: 'Bis Freitag.', ...at(9) },
        ],
      }),
    },
    { ...withoutLinks, role: 'also' },
  ),
};

/** As much of everything as the schemas allow, in signs that grow most when escaped. */
export const enormous = (): MailCase => {
  const long = `'&"`.repeat(4_000);
  const many = <Item>(make: (index: number) => Item): Item[] => Array.from({ length: 500 }, (_, index) => make(index));
  return meeting({
    job: job({ topic: long }),
    files: [
      ...many((index) =>
        file({ fileId: `a${index}`, view: long, key: `84412345678/1768229998/${index}-${'x'.repeat(60)}` }),
      ),
      ...many((index) => file({ fileId: `m${index}`, view: long, status: 'missing', missingBecause: long })),
    ],
    merges: many(() => ({ ...(merges[1] as JobMerge), name: long })),
    insights: insights({
      summary: { short: long, paragraphs: [long] },
      topics: many((index) => ({ text: long, ...at(index) })),
      actionItems: many((index) => ({ text: long, assignee: long, due: long, ...at(index) })),
      followUps: many((index) => ({ text: long, with: long, due: long, ...at(index) })),
      questions: many((index) => ({ text: long, askedBy: long, answered: true, answer: long, ...at(index) })),
      decisions: many((index) => ({ text: long, ...at(index) })),
      chapters: many((index) => ({ title: long, ...at(index) })),
      talkTime: many(() => ({ name: long, seconds: 60, share: 0.002 })),
    }),
  });
};
