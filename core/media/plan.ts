import * as z from 'zod';

/** One row of a plan: all that a worker needs to fetch, check and store one file. No URL and no token. */
export const plannedFile = z.object({
  index: z.number().int().nonnegative(),
  fileId: z.string().min(1),
  /** Zoom's own id, where it gave one. */
  zoomId: z.string().optional(),
  /** Whose file it is; the object in the archive says so. */
  meetingUuid: z.string().optional(),
  meetingId: z.string().optional(),
  fileType: z.string(),
  recordingType: z.string().optional(),
  extension: z.string(),
  key: z.string().min(1),
  announcedBytes: z.number().nonnegative().optional(),
  recordingStart: z.string(),
  recordingEnd: z.string().optional(),
  /** How many workers copy it side by side, each a part of it. */
  workers: z.number().int().positive().optional(),
  /** More than a function can copy in its time, from a source that gives no ranges: work for a media task. */
  oversized: z.boolean().optional(),
});
export type PlannedFile = z.output<typeof plannedFile>;

/** The plan lies in S3, so that the machine carries nothing but its key and an index, however many files there are. */
export const downloadPlan = z.object({
  jobId: z.string().min(1),
  revision: z.number().int().nonnegative(),
  files: z.array(plannedFile),
});
export type DownloadPlan = z.output<typeof downloadPlan>;

/** What FinishFile is given. */
export const fileInput = z.object({
  jobId: z.string().min(1),
  planKey: z.string().min(1),
  index: z.number().int().nonnegative(),
});
export type FileInput = z.output<typeof fileInput>;

/** What DownloadPart is given: one worker's part of one file. */
export const partInput = fileInput.extend({ part: z.number().int().nonnegative() });
export type PartInput = z.output<typeof partInput>;
