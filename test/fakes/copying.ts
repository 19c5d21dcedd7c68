import type { IncomingMessage } from 'node:http';
import { copyFile } from '../../core/media/copy-file.ts';
import { openDownload, type DownloadRequest } from '../../core/media/open-download.ts';
import type { DownloadPlan } from '../../core/media/plan.ts';
import { normaliseFiles } from '../../core/zoom/files.ts';
import { downloadPart } from '../../functions/recording/download-part/download-part.ts';
import { finishFile } from '../../functions/recording/finish-file/finish-file.ts';
import { planDownload, type Ports as PlanPorts } from '../../functions/recording/plan-download/plan-download.ts';
import { fakeBucket } from './bucket.ts';
import { planPorts } from './copies.ts';
import { fakeJobs } from './jobs.ts';
import { announcedFile, announcementOf } from './recordings.ts';

const jobId = 'zoom-1';
const now = () => new Date('2026-01-12T16:10:00Z');
const fileId = 'film';

/** Small ones, so that a file of a few KB has many parts and many workers. */
export const sizes = { partBytes: 1_000, largeBytes: 3_000, bytesPerWorker: 3_000, oneWorkersBytes: 50_000 };

type Given = {
  readonly origin: string;
  readonly announcedBytes?: number | undefined;
  readonly status?: string;
  /** Whether Zoom's REST API can be asked; it gives another token than the webhook. */
  readonly rest?: boolean;
  readonly limits?: PlanPorts['limits'];
  readonly mediaTask?: boolean;
  /** How much time a worker has left, each time that it looks. */
  readonly remainingMs?: () => number;
};

/** One film and its steps from the plan to the archive, in the order in which the machine calls them. */
export const copying = async ({ origin, rest = false, ...given }: Given) => {
  const bucket = fakeBucket();
  const jobs = fakeJobs(now);
  const plans = new Map<string, DownloadPlan>();
  const { announcedBytes, status = 'ready', mediaTask = false, limits = sizes } = given;
  const announced = announcedFile(fileId, { bytes: announcedBytes, status });
  const access = { token: 'EVENT', expiresAt: now().getTime() / 1_000 + 60, urls: { [fileId]: `${origin}/webhook` } };
  await jobs.announce({ ...announcementOf(jobId, [announced]), ...(status === 'ready' && { access }) });
  const listing = { id: fileId, file_type: 'MP4', download_url: `${origin}/rest` };
  const store = {
    write: async (key: string, plan: DownloadPlan) => void plans.set(key, plan),
    read: async (key: string) => plans.get(key) as DownloadPlan,
  };
  const ports = {
    ...planPorts(jobs),
    jobs,
    plans: store,
    zoom: {
      hasCredentials: async () => rest,
      downloads: async () => ({ token: 'FRESH', files: normaliseFiles({ recording_files: [listing] }) }),
    },
    open: (request: DownloadRequest, signal: AbortSignal) =>
      openDownload(request, { trustedOrigins: [origin] }, signal),
    archive: bucket.archive,
    now,
    limits,
    partBytes: limits.partBytes ?? sizes.partBytes,
    mediaTask,
  };
  const never = new AbortController().signal;
  const plan = () => planDownload(ports)({ jobId }, never);
  const work = (planKey: string, item: { index: number; part: number }) =>
    downloadPart(ports)({ jobId, planKey, ...item }, never, given.remainingMs);
  const finish = (planKey: string, index: number) => finishFile(ports)({ jobId, planKey, index }, never);

  /** A state with its retries: a few, and no waits between them. */
  const retried = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await run();
      } catch (error) {
        if (tries === 9 || (error as Error).name === 'PermanentError') throw error;
      }
    }
  };

  return {
    jobs,
    bucket,
    ports,
    plan,
    work,
    finish,
    row: () => jobs.file(jobId, fileId),
    notes: async () => (await jobs.get(jobId))?.notes,
    /** As a media task does it: without an end of time. */
    copyOutside: async (planKey: string): Promise<string[]> => {
      const files = plans.get(planKey)?.files.filter(({ oversized }) => oversized) ?? [];
      return Promise.all(
        files.map((file) => copyFile(ports)({ jobId, file, part: 0, isOutOfTime: () => false }, never)),
      );
    },
    /** Plans, copies and finishes until nothing is sent back any more; tells what the workers said in each round. */
    settle: async (): Promise<string[][]> => {
      const said: string[][] = [];
      for (;;) {
        const { planKey, items, files } = await plan();
        const outcomes = await Promise.all(items.map((item) => retried(() => work(planKey, item))));
        said.push(outcomes.map(({ outcome }) => outcome));
        const finished = await Promise.all(files.map((index) => retried(() => finish(planKey, index))));
        if (finished.every(({ outcome }) => outcome !== 'again')) return said;
      }
    },
  };
};

/** The bytes that requests asked for, as ranges; a request for all of it is from 0 to nowhere. */
export const rangesAsked = (seen: readonly IncomingMessage[]): { from: number; to: number }[] =>
  seen.map(({ headers }) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? 'bytes=0-') ?? [];
    return { from: Number(from), to: to ? Number(to) : Infinity };
  });
