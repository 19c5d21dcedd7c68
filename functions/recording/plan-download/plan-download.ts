import * as z from 'zod';
import { planKeyOf } from '../../../core/keys.ts';
import type { AnnouncedFile } from '../../../core/job/announcement.ts';
import type { JobFile } from '../../../core/job/job.ts';
import type { DownloadPlan, PlannedFile } from '../../../core/media/plan.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { layOutCopies, type LayoutPorts } from './lay-out-copies.ts';
import { placeFiles, type PlacePorts } from './place-files.ts';

export const input = z.object({ jobId: z.string() });

export type Ports = LayoutPorts &
  PlacePorts & {
    jobs: {
      announcedFiles: (jobId: string) => Promise<AnnouncedFile[]>;
      files: (jobId: string) => Promise<JobFile[]>;
      fileMissing: (jobId: string, fileId: string, because: string) => Promise<unknown>;
      see: (jobId: string, revision: number) => Promise<boolean>;
    };
    plans: { write: (key: string, plan: DownloadPlan) => Promise<void> };
    /** Whether files that are too much for a function may be left to a media task. */
    mediaTask: boolean;
  };

export type Planned = {
  readonly planKey: string;
  /** One a worker. */
  readonly items: readonly { readonly index: number; readonly part: number }[];
  /** One a file. */
  readonly files: readonly number[];
  /** Whether some of the plan's files are left to a media task. */
  readonly oversized: boolean;
};

/**
 * Gives every announced file its place in the archive and an item in the table, and writes the list of those that
 * are still to be fetched to S3. Only indexes of that list travel through the machine.
 */
export const planDownload =
  (ports: Ports) =>
  async ({ jobId }: z.output<typeof input>, signal: AbortSignal): Promise<Planned> => {
    const { jobs, plans } = ports;
    const job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    const announced = await jobs.announcedFiles(jobId);
    const known = await jobs.files(jobId);
    const placed = await placeFiles(ports)(job, announced, known);

    const waiting = [...known, ...placed].filter((file) => file.status === 'planned');
    const elsewhere = await onPremiseFiles(ports, jobId, announced);
    const open = waiting.filter(({ fileId }) => !elsewhere.has(fileId)).sort((a, b) => compare(a.key, b.key));
    for (const { fileId } of waiting.filter((file) => elsewhere.has(file.fileId)))
      await jobs.fileMissing(jobId, fileId, 'the file lies on an on-premise server');
    const files = await layOutCopies(ports)(job, open, signal);
    const fileIds = files.map(({ fileId, workers }) => `${fileId} ${workers}`);
    const planKey = planKeyOf(jobId, job.revision, fileIds);
    await plans.write(planKey, { jobId, revision: job.revision, files });
    await jobs.see(jobId, job.revision);
    return { planKey, ...divide(files, ports.mediaTask) };
  };

/** Files that can only be had on the customer's own server, unless Zoom can be asked and says otherwise. */
const onPremiseFiles = async (
  { jobs, zoom }: Ports,
  jobId: string,
  announced: readonly AnnouncedFile[],
): Promise<Set<string>> => {
  const told = announced.filter(({ status }) => status === 'on-premise');
  if (told.length === 0 || (await zoom.hasCredentials())) return new Set();
  const found = new Set<string>();
  for (const { fileId } of told) if (!(await jobs.access(jobId, fileId))) found.add(fileId);
  return found;
};

/** Without media tasks the others are archived first: files come back here until nothing else is left. */
const divide = (files: readonly PlannedFile[], mediaTask: boolean): Omit<Planned, 'planKey'> => {
  const oversized = files.filter((file) => file.oversized);
  const byFunctions = files.filter((file) => !file.oversized);
  const [first] = oversized;
  if (first && !mediaTask && byFunctions.length === 0)
    throw new PermanentError(
      'NEEDS_MEDIA_TASK',
      `${first.fileId}: Zoom gives it in one piece only, and it is too long`,
    );
  return {
    items: byFunctions.flatMap(({ index, workers = 1 }) =>
      Array.from({ length: workers }, (_, part) => ({ index, part })),
    ),
    files: (mediaTask ? byFunctions : files).map(({ index }) => index),
    oversized: mediaTask && oversized.length > 0,
  };
};

/** By code, as no locale would. */
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
