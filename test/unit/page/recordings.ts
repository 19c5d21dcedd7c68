import type { Insights } from '../../../core/insight/insights.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';

export const jobId = 'zoom-0123456789abcdef01234567';
export const folder = '84412345678/1768229998/';
export const start = '2026-01-12T15:00:14Z';

export const job = (more: Partial<Job> = {}): Job => ({
  jobId,
  source: 'zoom',
  origin: 'webhook',
  meetingUuid: 'canary-uuid==',
  accountId: 'canary-account',
  topic: 'Weekly sync',
  startTime: start,
  timezone: 'Europe/Stockholm',
  durationMinutes: 41,
  status: 'done',
  attempt: 1,
  attemptAt: start,
  files: new Set(),
  revision: 1,
  seenRevision: 1,
  sealedHost: 'canary-sealed',
  folder,
  notes: [],
  createdAt: start,
  updatedAt: start,
  ...more,
});

export const file = (fileId: string, view: string, extension: string, more: Partial<JobFile> = {}): JobFile => ({
  jobId,
  fileId,
  fileType: extension.toUpperCase(),
  recordingType: view,
  extension,
  recordingStart: start,
  segment: 0,
  view,
  key: `${folder}${String(more.segment ?? 0).padStart(3, '0')}-${view}.${extension}`,
  status: 'archived',
  receivedBytes: 1_000,
  ...more,
});

export const transcript: Transcript = {
  origin: 'zoom-vtt',
  language: 'en',
  durationMs: 20_000,
  speakers: [{ id: 'S1', name: 'Ada' }],
  segments: [
    { id: 's1', startMs: 1_000, endMs: 4_000, speaker: 'S1', text: 'Good morning.' },
    {
      id: 's2',
      startMs: 10_000,
      endMs: 20_000,
      speaker: 'S1',
      text: 'We begin.',
      confidence: 0.9,
      words: [{ text: 'We', startMs: 10_000, endMs: 11_000 }],
    },
  ],
};

export const found: Insights = {
  engine: 'extractive',
  languageSupport: 'full',
  summary: { short: 'A meeting.', paragraphs: ['A meeting.'] },
  topics: [],
  actionItems: [],
  followUps: [],
  questions: [],
  decisions: [{ text: 'We begin.', segmentIds: ['s2'], startMs: 10_000 }],
  chapters: [],
  talkTime: [],
};
