import type { Job } from '../job/job.ts';
import { PermanentError, TransientError } from '../step/errors.ts';
import type { ZoomDownloads } from '../zoom/client.ts';
import type { DownloadRequest } from './open-download.ts';

export type LadderPorts = {
  readonly jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    /** What a webhook gave to open this file with, while it lasts. */
    access: (jobId: string, fileId: string) => Promise<{ url: string; token: string } | undefined>;
  };
  readonly zoom: {
    hasCredentials: () => Promise<boolean>;
    downloads: (meetingUuid: string, signal: AbortSignal) => Promise<ZoomDownloads | undefined>;
  };
};

type WantedFile = { readonly fileId: string; readonly zoomId?: string | undefined };
export type Refusal = { readonly is: 'gone' | 'refused' | 'transient' | 'wrong'; readonly because: string };
/** An address to try, the news that the file is gone, or nothing that could be tried. */
type Rung = (jobId: string, file: WantedFile, signal: AbortSignal) => Promise<DownloadRequest | Refusal | undefined>;

const refusals = new Set<string>(['gone', 'refused', 'transient', 'wrong'] satisfies Refusal['is'][]);
export const isRefusal = (answer: { readonly is: string }): answer is Refusal => refusals.has(answer.is);

/**
 * Asks for a file with what a webhook gave, and, where that is refused, once more with a fresh address and token of
 * the REST API. Only what both say is believed: an expired token and a deleted file look alike.
 */
export const climb = async <Result extends { readonly is: string }>(
  { jobs, zoom }: LadderPorts,
  jobId: string,
  file: WantedFile,
  attempt: (request: DownloadRequest) => Promise<Result | Refusal>,
  signal: AbortSignal,
): Promise<Result | (Refusal & { readonly is: 'gone' })> => {
  let refusal: Refusal | undefined;
  for (const rung of [webhookRung(jobs), restRung(jobs, zoom)]) {
    const way = await rung(jobId, file, signal);
    if (!way) continue;
    const answer = 'is' in way ? way : await attempt(way);
    if (!isRefusal(answer)) return answer;
    if (answer.is === 'transient') throw new TransientError(`${file.fileId}: ${answer.because}`);
    refusal = answer;
  }
  if (refusal?.is === 'gone') return { ...refusal, is: 'gone' };
  const why = `${file.fileId}: ${refusal?.because ?? 'no token that is still valid'}`;
  if (refusal?.is === 'wrong') throw new PermanentError('FILE_NOT_AS_EXPECTED', why);
  throw new PermanentError((await zoom.hasCredentials()) ? 'DOWNLOAD_REFUSED' : 'DOWNLOAD_TOKEN_EXPIRED', why);
};

/** A webhook's addresses and its token belong together; both come with the event and die a day later. */
const webhookRung =
  (jobs: LadderPorts['jobs']): Rung =>
  (jobId, file) =>
    jobs.access(jobId, file.fileId);

/** A fresh listing has fresh addresses, and a token that opens them. */
const restRung =
  (jobs: LadderPorts['jobs'], zoom: LadderPorts['zoom']): Rung =>
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
