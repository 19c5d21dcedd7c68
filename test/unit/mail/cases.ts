import type { Insights } from '../../../core/insight/insights.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { MailSettings } from '../../../core/mail/summary-mail.ts';

export type MailCase = { job: Job; files: JobFile[]; insights?: Insights; settings: MailSettings };

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
  chapters: [],
  talkTime: [],
  ...told,
});

const hostile = `<script>alert("x")</script><img src=x onerror='y'> & "quoted"\r\nBcc: everyone@example.org`;

/** Meetings whose mail is kept as a file, so that a person sees what a change does to it. */
export const cases: Record<string, MailCase> = {
  full: { job: job(), files, insights: insights(), settings: { baseUrl: 'https://recordings.example.org' } },
  empty: {
    job: job({
      topic: undefined,
      startTime: undefined,
      timezone: undefined,
      durationMinutes: undefined,
    }),
    files: [],
    settings: {},
  },
  'no-summary': { job: job(), files, settings: {} },
  '200-actions': {
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
    settings: { baseUrl: 'https://recordings.example.org/' },
  },
  'right-to-left': {
    job: job({ topic: 'اجتماع المكتبة \u202Egnp.exe', timezone: 'Asia/Riyadh' }),
    files: [file()],
    insights: insights({
      language: 'ar',
      languageSupport: 'basic',
      summary: { short: 'نحن نناقش اليوم ميزانية المكتبة الجديدة.', paragraphs: [] },
      topics: [{ text: 'المكتبة', ...at(1) }],
      actionItems: [],
      followUps: [],
      decisions: [],
      questions: [{ text: 'متى تكون الميزانية جاهزة؟', askedBy: '\u2067ليلى', answered: false, ...at(5) }],
    }),
    settings: {},
  },
  emoji: {
    job: job({ topic: '🚀 Launch 👩‍👩‍👧‍👦 party 🇸🇪' }),
    files: [file()],
    insights: insights({ summary: { short: 'We are 🎉 done.', paragraphs: [] } }),
    settings: {},
  },
  'script-topic': {
    job: job({ topic: hostile, timezone: hostile }),
    files: [file({ view: hostile, status: 'missing', missingBecause: hostile })],
    insights: insights({
      language: '"><script>',
      summary: { short: hostile, paragraphs: [] },
      actionItems: [{ text: hostile, assignee: hostile, due: hostile, ...at(1) }],
      questions: [{ text: hostile, askedBy: hostile, answered: true, answer: hostile, ...at(2) }],
    }),
    settings: { baseUrl: 'https://recordings.example.org' },
  },
  'very-long-topic': {
    job: job({ topic: 'Planning '.repeat(400) }),
    files: [file()],
    insights: insights(),
    settings: {},
  },
  'non-english': {
    job: job({ topic: 'Haushaltsplan für die Bibliothek' }),
    files: [file()],
    insights: insights({
      language: 'de',
      languageSupport: 'basic',
      summary: {
        short: 'Der Haushaltsplan ist noch nicht fertig, weil die Zahlen der Verwaltung fehlen.',
        paragraphs: [],
      },
      topics: [{ text: 'Haushaltsplan', ...at(3) }],
      actionItems: [],
      followUps: [],
      decisions: [],
      questions: [
        { text: 'Wann kommen die Zahlen?', askedBy: 'Uta Groß', answered: true, answer: 'Bis Freitag.', ...at(9) },
      ],
    }),
    settings: {},
  },
};

/** As much of everything as the schemas allow, in signs that grow most when escaped. */
export const enormous = (): MailCase => {
  const long = `'&"`.repeat(4_000);
  const many = <Item>(make: (index: number) => Item): Item[] => Array.from({ length: 500 }, (_, index) => make(index));
  return {
    job: job({ topic: long }),
    files: [
      ...many((index) =>
        file({ fileId: `a${index}`, view: long, key: `84412345678/1768229998/${index}-${'x'.repeat(60)}` }),
      ),
      ...many((index) => file({ fileId: `m${index}`, view: long, status: 'missing', missingBecause: long })),
    ],
    insights: insights({
      summary: { short: long, paragraphs: [long] },
      topics: many((index) => ({ text: long, ...at(index) })),
      actionItems: many((index) => ({ text: long, assignee: long, due: long, ...at(index) })),
      followUps: many((index) => ({ text: long, with: long, due: long, ...at(index) })),
      questions: many((index) => ({ text: long, askedBy: long, answered: true, answer: long, ...at(index) })),
      decisions: many((index) => ({ text: long, ...at(index) })),
    }),
    settings: { baseUrl: 'https://recordings.example.org' },
  };
};
