import * as z from 'zod';

/** Coarse and closed. Fine progress is `step`, which is the machine's own state name. */
export const transitions = {
  running: ['done', 'rejected', 'failed'],
  // New files of a recording that is closed start the next attempt.
  done: ['running'],
  rejected: ['running'],
  // A redriven execution goes on with the same attempt; its end may be told before a late event of the failure.
  failed: ['running', 'done', 'rejected'],
} as const satisfies Record<string, readonly string[]>;

export type JobStatus = keyof typeof transitions;

/** The statuses from which `next` may be reached: the condition of every write of a status. */
export const allowedBefore = (next: JobStatus): JobStatus[] =>
  (Object.keys(transitions) as JobStatus[]).filter((from) => (transitions[from] as readonly string[]).includes(next));

export const jobFailure = z.object({ code: z.string(), detail: z.string(), sentence: z.string(), action: z.string() });

/** THE job record: one request to process a recording. */
export const jobRecord = z.object({
  jobId: z.string(),
  source: z.enum(['zoom', 'bot']),
  /** `webhook`: Zoom announced it. `hand`: somebody started the machine with a meeting's uuid. */
  origin: z.enum(['webhook', 'hand']),
  /** The execution that made the job, where a person started it: its name is that person's. */
  executionArn: z.string().optional(),
  meetingUuid: z.string(),
  meetingId: z.string().optional(),
  accountId: z.string().optional(),
  topic: z.string().optional(),
  startTime: z.string().optional(),
  timezone: z.string().optional(),
  durationMinutes: z.number().optional(),
  status: z.enum(['running', 'done', 'rejected', 'failed']),
  /** Counts executions: 1 for the first, one more each time new files reopen a closed job. */
  attempt: z.number(),
  /** How often the attempt had been redriven when it was last heard of: functions of an earlier go have nothing to say. */
  redrives: z.number().optional(),
  /** When this attempt was opened: waits for Zoom are counted from here. */
  attemptAt: z.string(),
  /** Identities of every file that was announced so far. */
  files: z.set(z.string()).default(() => new Set<string>()),
  /** Grows with every announcement that names a new file. */
  revision: z.number(),
  /** The revision that the running attempt has planned (or, before that, read): a larger `revision` means news. */
  seenRevision: z.number().default(0),
  /** Where the objects of this recording lie in the archive bucket, ending in a slash. */
  folder: z.string().optional(),
  /** The state that runs, or ran last, and since when. */
  step: z.string().optional(),
  stepAt: z.string().optional(),
  /** How far the state has come, where it takes long. */
  percent: z.number().optional(),
  reason: z.string().optional(),
  failure: jobFailure.optional(),
  /** AES-256-GCM over what is personal and needed late: the host's address. */
  sealedHost: z.string().optional(),
  /** Likewise a list of addresses; there only where a rule has asked for it. */
  sealedAlternativeHosts: z.string().optional(),
  /** When everybody who gets the mail about this recording had it; each mail has a row of its own. */
  mailSentAt: z.string().optional(),
  /** What that mail could tell: a summary, or that the recording is ready. */
  mailTold: z.enum(['summary', 'recording']).optional(),
  notes: z.array(z.string()).default(() => []),
  createdAt: z.string(),
  updatedAt: z.string(),
  closedAt: z.string().optional(),
});
export type Job = z.output<typeof jobRecord>;

/** `missing`: Zoom no longer has it. `skipped`: a setting leaves it out. */
export const fileStatus = z.enum(['planned', 'archived', 'missing', 'skipped']);

/** One file of a recording, one item of the table. */
export const jobFile = z.object({
  jobId: z.string(),
  fileId: z.string(),
  /** Zoom's own id where it has one; REST knows the file by it. */
  zoomId: z.string().optional(),
  fileType: z.string(),
  recordingType: z.string().optional(),
  extension: z.string(),
  recordingStart: z.string(),
  recordingEnd: z.string().optional(),
  fileName: z.string().optional(),
  announcedBytes: z.number().optional(),
  segment: z.number(),
  view: z.string(),
  key: z.string(),
  status: fileStatus,
  /** The open multipart upload of the file: what a killed worker left of it, its successor continues or closes. */
  uploadId: z.string().optional(),
  /** Size of every S3 part of that upload but the last; without it the parts may have any size. */
  partBytes: z.number().optional(),
  /** What the source said of the file when the upload was opened: every range that goes into it must be of that one. */
  expectedBytes: z.number().optional(),
  etag: z.string().optional(),
  /** How many workers share the file; 1 where it is not said. */
  workers: z.number().optional(),
  /** How often the source answered a range with something else. */
  rangeFaults: z.number().optional(),
  /** A worker's time ended in the middle of a file that cannot be continued. */
  tooLong: z.boolean().optional(),
  /** How often FinishFile sent the file back although nothing had come since the last time. */
  rounds: z.number().optional(),
  /** The most bytes that FinishFile has ever found of it. */
  arrivedBytes: z.number().optional(),
  /** Written when all bytes are in S3, by DownloadPart or, of many workers' parts, by FinishFile, which verifies them. */
  receivedBytes: z.number().optional(),
  crc32: z.string().optional(),
  contentType: z.string().optional(),
  /** As the archived film or sound itself says it; beside recordingStart and recordingEnd, which are Zoom's word. */
  durationSeconds: z.number().optional(),
  missingBecause: z.string().optional(),
  skippedBecause: z.string().optional(),
  archivedAt: z.string().optional(),
  /** When CleanUpZoom put it into Zoom's trash, or found it gone from Zoom. */
  cleanedAt: z.string().optional(),
});
export type JobFile = z.output<typeof jobFile>;
