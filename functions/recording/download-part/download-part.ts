import { contentTypeOf } from '../../../core/media/content.ts';
import { copy, type Target } from '../../../core/media/copy.ts';
import { takeFirst } from '../../../core/media/first-bytes.ts';
import { firstBytesWanted, judgeResponse, type Verdict } from '../../../core/media/judge-response.ts';
import type { Download, DownloadRequest } from '../../../core/media/open-download.ts';
import { fileInput, type DownloadPlan, type FileInput, type PlannedFile } from '../../../core/media/plan.ts';
import { plannedFileOf } from '../../../core/media/planned-file.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import type { ZoomDownloads } from '../../../core/zoom/client.ts';

export const input = fileInput;

type Received = { bytes: number; crc32: string; contentType: string };

export type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    file: (jobId: string, fileId: string) => Promise<JobFile | undefined>;
    /** What a webhook gave to open this file with, while it lasts. */
    access: (jobId: string, fileId: string) => Promise<{ url: string; token: string } | undefined>;
    fileUpload: (jobId: string, fileId: string, uploadId: string) => Promise<unknown>;
    fileReceived: (jobId: string, fileId: string, received: Received) => Promise<unknown>;
    fileMissing: (jobId: string, fileId: string, because: string) => Promise<unknown>;
  };
  plans: { read: (planKey: string) => Promise<DownloadPlan> };
  zoom: {
    hasCredentials: () => Promise<boolean>;
    downloads: (meetingUuid: string, signal: AbortSignal) => Promise<ZoomDownloads | undefined>;
  };
  archive: Target & { head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined> };
  open: (request: DownloadRequest, signal: AbortSignal) => Promise<Download>;
  now: () => Date;
};

type Outcome = { readonly index: number; readonly outcome: 'received' | 'already-there' | 'missing' };
/** An address to try, the news that the file is gone, or nothing that could be tried. */
type Rung = (jobId: string, file: PlannedFile, signal: AbortSignal) => Promise<DownloadRequest | Refusal | undefined>;
type Refusal = Exclude<Verdict, { is: 'ok' }>;

/** Copies one file of the plan from Zoom into the archive. */
export const downloadPart =
  ({ jobs, plans, zoom, archive, open, now }: Ports) =>
  async (task: FileInput, signal: AbortSignal): Promise<Outcome> => {
    const { jobId, index } = task;
    const file = await plannedFileOf(plans, task);
    const state = await jobs.file(jobId, file.fileId);
    if (!state) throw new PermanentError('BAD_INPUT', `planKey: the job has no file ${file.fileId}`);
    if (state.status === 'missing') return { index, outcome: 'missing' };
    if (state.status === 'archived' || (await isThere(archive, state))) return { index, outcome: 'already-there' };
    // A worker before us may have died in the middle of it. Parts of an open upload are paid for and never seen.
    if (state.uploadId) await archive.abortUpload(state.key, state.uploadId);

    const attempt = async (request: DownloadRequest): Promise<Received | Refusal> => {
      const download = await open(request, signal);
      try {
        const { first, whole } = await takeFirst(download.body, firstBytesWanted);
        const verdict = judgeResponse(download, first, file, now());
        if (verdict.is !== 'ok') return verdict;
        const contentType = contentTypeOf(file.extension);
        const about = { key: file.key, contentType, metadata: metadataOf(jobId, file) };
        const onUpload = (uploadId: string) => jobs.fileUpload(jobId, file.fileId, uploadId);
        const lengths = { length: download.length, likelyLength: file.announcedBytes };
        const checked = download.endIsMarked ? whole : notShorterThan(file.announcedBytes, whole);
        return { ...(await copy(archive, checked, { ...about, ...lengths, onUpload }, signal)), contentType };
      } finally {
        download.close();
      }
    };

    let refusal: Refusal | undefined;
    for (const rung of [webhookRung(jobs), restRung(jobs, zoom)]) {
      const way = await rung(jobId, file, signal);
      if (!way) continue;
      const result = 'is' in way ? way : await attempt(way);
      if (!('is' in result)) {
        await jobs.fileReceived(jobId, file.fileId, result);
        return { index, outcome: 'received' };
      }
      if (result.is === 'transient') throw new TransientError(`${file.fileId}: ${result.because}`);
      refusal = result;
    }
    if (refusal?.is !== 'gone') throw await failureOf(file, refusal, zoom);
    await jobs.fileMissing(jobId, file.fileId, refusal.because);
    return { index, outcome: 'missing' };
  };

const isThere = async (archive: Ports['archive'], state: JobFile): Promise<boolean> => {
  if (state.receivedBytes === undefined || state.crc32 === undefined) return false;
  const head = await archive.head(state.key);
  return head?.bytes === state.receivedBytes && head.crc32 === state.crc32;
};

/** A webhook's addresses and its token belong together; both come with the event and die a day later. */
const webhookRung =
  (jobs: Ports['jobs']): Rung =>
  (jobId, file) =>
    jobs.access(jobId, file.fileId);

/** A fresh listing has fresh addresses, and a token that opens them. */
const restRung =
  (jobs: Ports['jobs'], zoom: Ports['zoom']): Rung =>
  async (jobId, file, signal) => {
    if (!(await zoom.hasCredentials())) return undefined;
    const job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    const listing = await zoom.downloads(job.meetingUuid, signal);
    const listed =
      listing?.files.find(({ fileId }) => fileId === file.fileId) ??
      listing?.files.find(({ zoomId }) => zoomId !== undefined && zoomId === file.zoomId);
    // At work on a recording, Zoom may show files without id, type and address: ours may be among them.
    if (!listed && listing?.files.some(({ status, zoomId }) => status === 'processing' && zoomId === undefined))
      return { is: 'transient', because: 'Zoom is processing files that it does not name yet' };
    if (!listing || !listed) return { is: 'gone', because: 'Zoom does not list the file any more' };
    if (listed.status === 'on-premise') return { is: 'gone', because: 'the file lies on an on-premise server' };
    if (!listed.downloadUrl) return { is: 'transient', because: 'Zoom is processing the file' };
    if (!listing.token) return { is: 'refused', because: 'Zoom gives the app no download token' };
    return { url: listed.downloadUrl, token: listing.token };
  };

const failureOf = async (file: PlannedFile, refusal: Refusal | undefined, zoom: Ports['zoom']): Promise<Error> => {
  const why = `${file.fileId}: ${refusal?.because ?? 'no token that is still valid'}`;
  if (refusal?.is === 'wrong') return new PermanentError('FILE_NOT_AS_EXPECTED', why);
  const code = (await zoom.hasCredentials()) ? 'DOWNLOAD_REFUSED' : 'DOWNLOAD_TOKEN_EXPIRED';
  return new PermanentError(code, why);
};

/** S3 takes ASCII alone; Zoom's ids are not promised to be it. */
const metadataOf = (jobId: string, file: PlannedFile): Record<string, string> => ({
  'job-id': jobId,
  'file-id': encodeURIComponent(file.fileId),
  'file-type': encodeURIComponent(file.fileType),
  'recording-start': encodeURIComponent(file.recordingStart),
});

/** Without a length and without chunks a cut looks like an end; then Zoom's own word on the size must do. */
async function* notShorterThan(announced: number | undefined, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    yield chunk;
  }
  if (announced !== undefined && total < announced)
    throw new TransientError(`the connection ended after ${total} of ${announced} announced bytes`);
}
