import * as z from 'zod';
import type { CleanUpDue } from '../../../core/job/clean-up-rows.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { explain, type FailureCode } from '../../../core/step/failures.ts';
import { log } from '../../../core/step/log.ts';

/** A schedule's event says nothing but that it is time. */
export const event = z.looseObject({});

type Ports = {
  jobs: {
    dueCleanUps: (most: number) => Promise<CleanUpDue[]>;
    get: (jobId: string) => Promise<Job | undefined>;
    files: (jobId: string) => Promise<JobFile[]>;
    fileCleaned: (jobId: string, fileId: string) => Promise<boolean>;
    addNote: (jobId: string, note: string) => Promise<void>;
    postponeCleanUp: (due: CleanUpDue, days: number) => Promise<void>;
    finishCleanUp: (due: CleanUpDue) => Promise<void>;
  };
  archive: { head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined> };
  zoom: { trash: (meetingUuid: string, zoomId: string, signal: AbortSignal) => Promise<'trashed' | 'gone'> };
  /** Between two requests, so that the account's limit is left to others. */
  pause: () => Promise<void>;
};

/** Of one run: at two a second it takes minutes, and the rest comes an hour later. */
const mostJobs = 50;
const mostFiles = 400;
/** A day between tries; then nobody has mended it for a week. */
const mostTries = 7;

/** What is true of every file, whoever's it is: there is no use in asking for the next. */
const concernsAll = new Set<FailureCode>(['BAD_CONFIG', 'ZOOM_REFUSED', 'ZOOM_SCOPES_MISSING']);

/**
 * Moves what is due to Zoom's trash: file by file, one request at a time, only what is archived and verified to be
 * there still. Nothing is ever deleted, and Zoom's own events about it change nothing here.
 */
export const cleanUpZoom =
  (ports: Ports) =>
  async (_event: unknown, signal: AbortSignal): Promise<void> => {
    const refusals: PermanentError[] = [];
    let left = mostFiles;
    try {
      for (const due of await ports.jobs.dueCleanUps(mostJobs)) {
        if (left <= 0) break;
        const { asked, refusal } = await cleanJob(ports, due, left, signal);
        left -= asked;
        if (refusal) refusals.push(refusal);
      }
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      log.warn('Zoom has no time for this now; the rest is cleaned up later', { error });
    }
    // Told at last, so that the alarm tells of it, and not before the others had their turn.
    if (refusals[0]) throw refusals[0];
  };

type Result = { readonly asked: number; readonly refusal?: PermanentError | undefined };

const cleanJob = async (ports: Ports, due: CleanUpDue, most: number, signal: AbortSignal): Promise<Result> => {
  const { jobs } = ports;
  const { jobId } = due;
  const job = await jobs.get(jobId);
  // Files that were announced meanwhile are being fetched; what is due waits for its next hour.
  if (job?.status === 'running') return { asked: 0 };
  const files = job?.source === 'zoom' ? (await jobs.files(jobId)).filter((file) => isDue(file, due)) : [];
  const [named, nameless] = [files.filter((file) => file.zoomId), files.filter((file) => !file.zoomId)];
  const counts = { trashed: 0, gone: 0, kept: 0 };
  let refusal: PermanentError | undefined;
  try {
    for (const file of named.slice(0, most)) counts[await cleanFile(ports, job as Job, file, signal)] += 1;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    refusal = error;
    await jobs.addNote(jobId, noteOf(error));
    log.error('files could not be moved to the trash of Zoom', { jobId, code: error.code });
    if (concernsAll.has(error.code)) throw error;
  } finally {
    await tell(jobs, jobId, counts);
  }
  const asked = Math.min(named.length, most);
  if (!refusal && named.length > most) return { asked };
  if (refusal && due.tries < mostTries) await jobs.postponeCleanUp(due, 1);
  else await jobs.finishCleanUp(due);
  if (nameless.length > 0)
    await jobs.addNote(jobId, `Left at Zoom by CleanUpZoom, because Zoom gave no id: ${nameless.length}.`);
  return { asked, refusal };
};

/** Ours, archived before the job was closed, and not cleaned up before. */
const isDue = (file: JobFile, due: CleanUpDue): boolean =>
  file.status === 'archived' && !file.cleanedAt && (file.archivedAt ?? '~') <= due.archivedUntil;

const cleanFile = async (
  { jobs, archive, zoom, pause }: Ports,
  { jobId, meetingUuid }: Job,
  file: JobFile,
  signal: AbortSignal,
): Promise<'trashed' | 'gone' | 'kept'> => {
  const found = await archive.head(file.key);
  const isThere = file.crc32 !== undefined && found?.crc32 === file.crc32 && found.bytes === file.receivedBytes;
  if (!isThere) {
    log.error('an archived file is not as it was noted; it stays at Zoom', { jobId, fileId: file.fileId });
    return 'kept';
  }
  const outcome = await zoom.trash(meetingUuid, file.zoomId as string, signal);
  await jobs.fileCleaned(jobId, file.fileId);
  await pause();
  return outcome;
};

const count = (files: number): string => (files === 1 ? '1 file is' : `${files} files are`);

const tell = async (
  jobs: Ports['jobs'],
  jobId: string,
  { trashed, gone, kept }: Record<'trashed' | 'gone' | 'kept', number>,
): Promise<void> => {
  if (trashed > 0) {
    await jobs.addNote(jobId, `${count(trashed)} in the trash of Zoom, for 30 days.`);
    log.info('files moved to the trash of Zoom', { jobId, files: trashed });
  }
  if (gone > 0) await jobs.addNote(jobId, `${count(gone)} gone from Zoom already.`);
  if (kept > 0)
    await jobs.addNote(jobId, `${count(kept)} not in the archive as noted, and left at Zoom. Look at the archive.`);
};

const noteOf = ({ code, message }: PermanentError): string => {
  const { sentence, action } = explain(code, '');
  return `CleanUpZoom: ${sentence} ${message}. ${action}`;
};
