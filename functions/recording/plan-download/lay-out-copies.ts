import type { Upload } from '../../../core/job/file-rows.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { Target } from '../../../core/media/copy.ts';
import { largeBytes, oneWorkersBytes, partBytesOf, workersFor } from '../../../core/media/layout.ts';
import { objectHeadOf } from '../../../core/media/object-head.ts';
import type { PlannedFile } from '../../../core/media/plan.ts';
import { probeSource, type Probed, type ProbePorts } from '../../../core/media/probe-source.ts';

export type LayoutPorts = ProbePorts & {
  readonly jobs: {
    file: (jobId: string, fileId: string) => Promise<JobFile | undefined>;
    fileUpload: (jobId: string, fileId: string, upload: Upload) => Promise<boolean>;
  };
  readonly archive: Pick<Target, 'createUpload' | 'abortUpload'>;
  /** Other sizes, for tests. */
  readonly limits?: {
    readonly largeBytes?: number | undefined;
    readonly bytesPerWorker?: number | undefined;
    readonly oneWorkersBytes?: number | undefined;
    readonly partBytes?: number | undefined;
  };
};

/** Sources that are asked at the same time. */
const probesAtOnce = 4;
/** One wrong answer to a range may be an accident. */
const mostRangeFaults = 2;
/** Only media grow large; of texts Zoom often tells no size, and asking for it would cost a request each. */
const mayBeLarge = new Set(['mp4', 'm4a', 'bin']);

type Layout = { readonly workers: number; readonly oversized?: boolean };
type Ranged = { readonly bytes: number; readonly etag: string };

/**
 * Says of each file how it will be copied: by one worker, by several that share one upload, or, larger than a function
 * can read in one go, not by a function at all. The upload of several workers is opened here and noted in the row.
 */
export const layOutCopies =
  (ports: LayoutPorts) =>
  async (job: Job, open: readonly JobFile[], signal: AbortSignal): Promise<PlannedFile[]> => {
    const { limits = {} } = ports;
    const { jobId } = job;
    const files = open.map((file, index) => plannedFileOf(job, file, index));
    const probed = new Map<string, Probed>();
    const toProbe = open.filter((file) => isWorthProbing(file, limits.largeBytes ?? largeBytes));
    await inTurns(toProbe, probesAtOnce, async (file) => {
      const answer = await probeSource(ports)(jobId, file, signal);
      if (answer) probed.set(file.fileId, answer);
    });

    const ranged = new Map(open.flatMap((file) => rangedOf(file, probed.get(file.fileId)) ?? []));
    const allBytes = [...ranged.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const layouts = new Map<string, Layout>();
    await inTurns(open, probesAtOnce, async (file) => {
      const source = ranged.get(file.fileId);
      const sizes = {
        perWorker: limits.bytesPerWorker,
        partBytes: source && partBytesOf(source.bytes, limits.partBytes),
      };
      const workers = source ? workersFor(source.bytes, allBytes, sizes) : 1;
      layouts.set(
        file.fileId,
        source && workers > 1
          ? await openShared(ports, job, file, { ...source, workers }, signal)
          : {
              workers: file.workers ?? 1,
              ...(isOversized(file, probed.get(file.fileId), source, limits) && oversized),
            },
      );
    });
    return files.map((file) => ({ ...file, ...layouts.get(file.fileId) }));
  };

const oversized = { oversized: true };

const plannedFileOf = ({ meetingUuid, meetingId }: Job, file: JobFile, index: number): PlannedFile => ({
  index,
  fileId: file.fileId,
  meetingUuid,
  meetingId,
  zoomId: file.zoomId,
  fileType: file.fileType,
  recordingType: file.recordingType,
  extension: file.extension,
  key: file.key,
  announcedBytes: file.announcedBytes,
  recordingStart: file.recordingStart,
  recordingEnd: file.recordingEnd,
});

/** A file of which parts are there goes on as it began, and its workers notice by themselves if it has changed. */
const isWorthProbing = (file: JobFile, large: number): boolean => {
  if (file.uploadId !== undefined || file.receivedBytes !== undefined) return false;
  if (file.tooLong || file.rangeFaults) return true;
  return file.announcedBytes === undefined ? mayBeLarge.has(file.extension) : file.announcedBytes >= large;
};

const rangedOf = (file: JobFile, probed: Probed | undefined): [string, Ranged][] | undefined => {
  const { ranges, bytes, etag } = probed ?? {};
  if (!ranges || !bytes || !etag || (file.rangeFaults ?? 0) >= mostRangeFaults) return undefined;
  return [[file.fileId, { bytes, etag }]];
};

const isOversized = (
  file: JobFile,
  probed: Probed | undefined,
  ranged: Ranged | undefined,
  limits: NonNullable<LayoutPorts['limits']>,
): boolean => {
  if (ranged || file.uploadId !== undefined || file.receivedBytes !== undefined) return false;
  const bytes = probed && (probed.bytes ?? file.announcedBytes ?? 0);
  return file.tooLong === true || (bytes ?? 0) > (limits.oneWorkersBytes ?? oneWorkersBytes);
};

/** Opens the one upload that several workers send to. */
const openShared = async (
  { jobs, archive, limits }: LayoutPorts,
  job: Job,
  file: JobFile,
  { bytes, etag, workers }: Ranged & { workers: number },
  signal: AbortSignal,
): Promise<Layout> => {
  const { jobId } = job;
  const uploadId = await archive.createUpload(file.key, objectHeadOf(jobId, plannedFileOf(job, file, 0)), signal);
  const partBytes = partBytesOf(bytes, limits?.partBytes);
  const upload = { uploadId, partBytes, expectedBytes: bytes, etag, workers };
  if (await jobs.fileUpload(jobId, file.fileId, upload)) return { workers };
  // Somebody else has planned the file at the same time.
  await archive.abortUpload(file.key, uploadId);
  return { workers: (await jobs.file(jobId, file.fileId))?.workers ?? 1 };
};

const inTurns = async <Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
};
