import type { Received, Upload } from '../job/file-rows.ts';
import type { JobFile } from '../job/job.ts';
import { PermanentError, TransientError } from '../step/errors.ts';
import { copy, copyRange, smallestPart, type ListedPart, type Target } from './copy.ts';
import { takeFirst } from './first-bytes.ts';
import { firstBytesWanted, judgeResponse } from './judge-response.ts';
import { climb, isRefusal, type Refusal } from './ladder.ts';
import { bytesOf, missingRuns, partBytesOf, partCount, partsOf, type Layout, type Run } from './layout.ts';
import { objectHeadOf } from './object-head.ts';
import type { Download, DownloadRequest } from './open-download.ts';
import type { PlannedFile } from './plan.ts';
import { strongEtag, type ProbePorts } from './probe-source.ts';
import type { Body } from './reader.ts';
import { inTime, notShorterThan, OutOfTime } from './watched-body.ts';
import { joinParts } from './whole-upload.ts';

export type CopyPorts = ProbePorts & {
  readonly jobs: {
    file: (jobId: string, fileId: string) => Promise<JobFile | undefined>;
    fileUpload: (jobId: string, fileId: string, upload: Upload, instead?: string) => Promise<boolean>;
    fileReset: (
      jobId: string,
      fileId: string,
      uploadId: string | undefined,
      because?: { rangeFaults?: number; tooLong?: boolean },
    ) => Promise<boolean>;
    fileReceived: (jobId: string, fileId: string, received: Received, uploadId?: string) => Promise<unknown>;
    fileMissing: (jobId: string, fileId: string, because: string) => Promise<unknown>;
  };
  readonly archive: Target & {
    head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined>;
  };
  /** The smallest S3 part; tests set it. */
  readonly partBytes?: number;
};

export type Work = {
  readonly jobId: string;
  readonly file: PlannedFile;
  /** Which worker's share of the file, from 0. */
  readonly part: number;
  /** Whether the worker has to stop; what is in S3 by then is kept. */
  readonly isOutOfTime: () => boolean;
};

/** `more`: the time was over first. `not-needed`: the file is begun anew, in another way. */
export type CopyOutcome = 'received' | 'already-there' | 'missing' | 'not-needed' | 'more';

/** An upload whose parts lie where they belong and can be continued. */
type Open = Layout & { readonly uploadId: string; readonly etag: string };

/** What became of one request: the range is in S3, or the whole file is, or only what the time was enough for. */
type Answer = { readonly is: 'range' | 'whole' | 'more' } | { readonly is: 'useless'; readonly rangeFaults?: number };

/**
 * Copies a file, or one worker's share of it, from Zoom into the archive. Progress is what S3 lists: a worker that
 * comes after a crash asks for nothing that has arrived, as long as the source still has the same file.
 */
export const copyFile =
  (ports: CopyPorts) =>
  async (work: Work, signal: AbortSignal): Promise<CopyOutcome> => {
    const { jobs, archive } = ports;
    const { jobId, file } = work;
    const state = await jobs.file(jobId, file.fileId);
    if (!state) throw new PermanentError('BAD_INPUT', `planKey: the job has no file ${file.fileId}`);
    if (state.status === 'missing') return 'missing';
    if (state.status === 'archived' || (await isThere(archive, state))) return 'already-there';
    const listed = state.uploadId ? await archive.listParts(state.key, state.uploadId, signal) : undefined;
    return (file.workers ?? 1) > 1
      ? copyShare(ports, work, state, listed, signal)
      : copyWhole(ports, work, state, listed, signal);
  };

const isThere = async (archive: CopyPorts['archive'], state: JobFile): Promise<boolean> => {
  if (state.receivedBytes === undefined || state.crc32 === undefined) return false;
  const head = await archive.head(state.key);
  return head?.bytes === state.receivedBytes && head.crc32 === state.crc32;
};

const openUploadOf = ({ uploadId, partBytes, expectedBytes, etag }: JobFile): Open | undefined =>
  uploadId && partBytes && expectedBytes && etag ? { uploadId, partBytes, expectedBytes, etag } : undefined;

/** One worker's share of an upload that PlanDownload has opened for several. */
const copyShare = async (
  ports: CopyPorts,
  work: Work,
  state: JobFile,
  listed: readonly ListedPart[] | undefined,
  signal: AbortSignal,
): Promise<CopyOutcome> => {
  const { file, part } = work;
  const workers = file.workers ?? 1;
  const open = openUploadOf(state);
  if (!open || state.workers !== workers) return 'not-needed';
  if (!listed) {
    await discard(ports, work, state);
    return 'not-needed';
  }
  const share = partsOf(part, workers, partCount(open.expectedBytes, open.partBytes));
  const runs = missingRuns(share, open, listed);
  for (const run of runs) {
    let answer;
    try {
      answer = await ask(ports, work, { state, open, run }, signal);
    } catch (error) {
      // Another worker may have found that the upload is of no use: then this one is none the worse for it.
      const now = await ports.jobs.file(work.jobId, file.fileId);
      if (now?.status === 'missing') return 'missing';
      if (now?.status === 'planned' && now.uploadId !== open.uploadId) return 'not-needed';
      throw error;
    }
    if (answer.is === 'gone') return recordMissing(ports, work, state, answer.because);
    if (answer.is === 'more') return 'more';
    if (answer.is === 'useless') {
      await discard(ports, work, state, answer);
      return 'not-needed';
    }
  }
  return runs.length > 0 ? 'received' : 'already-there';
};

/** The whole file, by one worker: what is missing of an upload that can be continued, or all of it. */
const copyWhole = async (
  ports: CopyPorts,
  work: Work,
  state: JobFile,
  listed: readonly ListedPart[] | undefined,
  signal: AbortSignal,
): Promise<CopyOutcome> => {
  const { jobId, file } = work;
  const expected = state.receivedBytes ?? state.expectedBytes;
  const noteIfWhole = async (parts: readonly ListedPart[]): Promise<boolean> => {
    const whole = joinParts(parts);
    if (!whole || whole.bytes !== expected) return false;
    const received = { ...whole, contentType: objectHeadOf(jobId, file).contentType };
    await ports.jobs.fileReceived(jobId, file.fileId, received, state.uploadId);
    return true;
  };
  if (listed && (await noteIfWhole(listed))) return 'already-there';

  const open = openUploadOf(state);
  const all = open && { first: 1, last: partCount(open.expectedBytes, open.partBytes) };
  const runs: (Run | undefined)[] = open && all && listed ? missingRuns(all, open, listed) : [undefined];
  // Parts of an upload that cannot be continued are paid for and never seen.
  if (runs.includes(undefined) && state.uploadId) await discard(ports, work, state);
  for (const run of runs) {
    const wanted = run && open ? { state, open, run } : { state: withoutUpload(state) };
    const answer = await ask(ports, work, wanted, signal);
    if (answer.is === 'gone') return recordMissing(ports, work, state, answer.because);
    if (answer.is === 'more') return 'more';
    if (answer.is === 'whole') return 'received';
    if (answer.is === 'useless') {
      await discard(ports, work, state, answer);
      throw new TransientError(`${file.fileId}: the source answered a range with something else`);
    }
  }
  if (!(await noteIfWhole((await ports.archive.listParts(state.key, open?.uploadId ?? '', signal)) ?? [])))
    throw new TransientError(`${file.fileId}: the parts in the archive are not the whole file`);
  return 'received';
};

const withoutUpload = ({ uploadId: _closed, ...state }: JobFile): JobFile => state;

const recordMissing = async (ports: CopyPorts, { jobId }: Work, state: JobFile, because: string) => {
  if (state.uploadId) await ports.archive.abortUpload(state.key, state.uploadId);
  await ports.jobs.fileMissing(jobId, state.fileId, because);
  return 'missing' as const;
};

/** First the upload: one that the row does not name any more would be closed by nobody. */
const discard = async (
  { jobs, archive }: CopyPorts,
  { jobId, file }: Work,
  { key, uploadId }: JobFile,
  because: { rangeFaults?: number; tooLong?: boolean } = {},
): Promise<void> => {
  const { rangeFaults, tooLong } = because;
  const why = { ...(rangeFaults !== undefined && { rangeFaults }), ...(tooLong && { tooLong }) };
  if (uploadId) await archive.abortUpload(key, uploadId);
  await jobs.fileReset(jobId, file.fileId, uploadId, why);
};

type Wanted = { readonly state: JobFile; readonly open?: Open; readonly run?: Run };

/** Asks for a run of parts, or for the whole file, and puts into S3 what comes. */
const ask = (
  ports: CopyPorts,
  work: Work,
  { state, open, run }: Wanted,
  signal: AbortSignal,
): Promise<Answer | (Refusal & { is: 'gone' })> => {
  const { file, jobId, isOutOfTime } = work;
  const bytes = open && run && bytesOf(run, open);
  const range = bytes && { ...bytes, total: open.expectedBytes, etag: open.etag };
  const isShared = (file.workers ?? 1) > 1;

  const attempt = async (request: DownloadRequest): Promise<Answer | Refusal> => {
    const download = await ports.open({ ...request, ...(bytes && { range: bytes, ifRange: open.etag }) }, signal);
    try {
      const { first, whole } = await takeFirst(download.body, firstBytesWanted);
      let verdict = judgeResponse(download, first, { ...file, range }, ports.now());
      if (verdict.is === 'ok' && open && run && bytes) {
        const parts = { key: state.key, uploadId: open.uploadId, partBytes: open.partBytes, ...bytes };
        await copyRange(ports.archive, inTime(whole, isOutOfTime), { ...parts, firstPart: run.first }, signal);
        return { is: 'range' };
      }
      // The whole file, where a part of it was asked for, serves a worker that has the file for itself.
      if (verdict.is !== 'ok' && range && download.status === 200 && !isShared && !isRefusal(verdict))
        verdict = judgeResponse(download, first, file, ports.now());
      if (verdict.is === 'ok') return await copyAnew(ports, work, state, download, whole, signal);
      if (isRefusal(verdict)) return verdict;
      return verdict.is === 'changed'
        ? { is: 'useless' }
        : { is: 'useless', rangeFaults: (state.rangeFaults ?? 0) + 1 };
    } catch (error) {
      if (error instanceof OutOfTime) return { is: 'more' };
      throw error;
    } finally {
      download.close();
    }
  };
  return climb(ports, jobId, file, attempt, signal);
};

/** Copies a body from its first byte on, in place of whatever there was. */
const copyAnew = async (
  ports: CopyPorts,
  work: Work,
  state: JobFile,
  download: Download,
  whole: Body,
  signal: AbortSignal,
): Promise<Answer> => {
  const { jobs, archive } = ports;
  const { jobId, file, isOutOfTime } = work;
  const { key } = state;
  if (state.uploadId) await discard(ports, work, state);
  const about = objectHeadOf(jobId, file);
  const { contentType } = about;
  const { length } = download;
  const smallest = ports.partBytes ?? smallestPart;
  const body = inTime(download.endIsMarked ? whole : notShorterThan(file.announcedBytes, whole), isOutOfTime);
  if (length === undefined || length <= smallest) {
    const onUpload = (uploadId: string) => note(ports, work, { uploadId });
    const request = { key, ...about, length, likelyLength: file.announcedBytes, partBytes: smallest, onUpload };
    try {
      const received = await copy(archive, body, request, signal);
      await jobs.fileReceived(jobId, file.fileId, { ...received, contentType });
      return { is: 'whole' };
    } catch (error) {
      if (error instanceof OutOfTime) await markTooLong(ports, work);
      throw error;
    }
  }

  const uploadId = await archive.createUpload(key, about, signal);
  const etag = download.headers['accept-ranges'] === 'none' ? undefined : strongEtag(download.etag);
  const partBytes = partBytesOf(length, smallest);
  await note(ports, work, { uploadId, partBytes, expectedBytes: length, etag, workers: 1 });
  try {
    const range = { key, uploadId, partBytes, firstPart: 1, from: 0, to: length - 1 };
    const received = await copyRange(archive, body, range, signal);
    await jobs.fileReceived(jobId, file.fileId, { ...received, contentType }, uploadId);
    return { is: 'whole' };
  } catch (error) {
    if (etag === undefined) {
      // Nobody can continue it. If this fails too, the next worker does it; the first error is the one to report.
      await archive.abortUpload(key, uploadId).catch(() => undefined);
      if (error instanceof OutOfTime) await markTooLong(ports, work);
    }
    throw error;
  }
};

const markTooLong = async ({ jobs }: CopyPorts, { jobId, file }: Work): Promise<void> => {
  const state = await jobs.file(jobId, file.fileId);
  await jobs.fileReset(jobId, file.fileId, state?.uploadId, { tooLong: true });
};

/** The row knows of an upload before its first part is sent: whoever comes after a crash needs its id. */
const note = async ({ jobs, archive }: CopyPorts, { jobId, file }: Work, upload: Upload): Promise<void> => {
  if (await jobs.fileUpload(jobId, file.fileId, upload)) return;
  await archive.abortUpload(file.key, upload.uploadId);
  throw new TransientError(`${file.fileId}: another worker copies this file at this moment`);
};
