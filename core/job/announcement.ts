import * as z from 'zod';
import type { Job } from './job.ts';

/** One file as Zoom announced it, without the URL and the token, which are kept sealed and expire. */
export const announcedFile = z.object({
  fileId: z.string(),
  zoomId: z.string().optional(),
  fileType: z.string(),
  recordingType: z.string().optional(),
  extension: z.string(),
  recordingStart: z.string(),
  recordingEnd: z.string().optional(),
  fileName: z.string().optional(),
  bytes: z.number().optional(),
  status: z.string().optional(),
  view: z.string(),
});
export type AnnouncedFile = z.output<typeof announcedFile>;

/** What an event, or Zoom's REST listing, tells of a recording. */
export type Announcement = {
  readonly jobId: string;
  readonly source: Job['source'];
  readonly origin: Job['origin'];
  /** Of a job that a person starts: the execution that makes it. */
  readonly executionArn?: string | undefined;
  readonly meetingUuid: string;
  readonly meetingId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly topic?: string | undefined;
  readonly startTime?: string | undefined;
  readonly timezone?: string | undefined;
  readonly durationMinutes?: number | undefined;
  readonly hostEmail?: string | undefined;
  readonly files: readonly AnnouncedFile[];
  /** Whether new files open a closed job again; the machine's own look at Zoom does not. */
  readonly reopens: boolean;
  /** How the files can be had, while it lasts. */
  readonly access?: Access | undefined;
};

export const access = z.object({
  token: z.string(),
  /** Unix seconds. */
  expiresAt: z.number(),
  /** File identity to download URL. */
  urls: z.record(z.string(), z.string()),
});
export type Access = z.output<typeof access>;
