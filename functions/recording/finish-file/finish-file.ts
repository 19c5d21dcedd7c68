import type { Received } from '../../../core/job/file-rows.ts';
import type { JobFile } from '../../../core/job/job.ts';
import { fileNameOf } from '../../../core/keys.ts';
import { contentTypeOf, fitsType } from '../../../core/media/content.ts';
import type { ListedPart, Target } from '../../../core/media/copy.ts';
import { inspectMedia, type Inspected } from '../../../core/media/inspect-media.ts';
import { fileInput, type DownloadPlan, type FileInput } from '../../../core/media/plan.ts';
import { plannedFileOf } from '../../../core/media/planned-file.ts';
import { joinParts } from '../../../core/media/whole-upload.ts';
import { PermanentError } from '../../../core/step/errors.ts';

export const input = fileInput;

type Ports = {
  jobs: {
    file: (jobId: string, fileId: string) => Promise<JobFile | undefined>;
    fileReset: (jobId: string, fileId: string, uploadId: string | undefined) => Promise<boolean>;
    fileReceived: (jobId: string, fileId: string, received: Received, uploadId?: string) => Promise<boolean>;
    fileRound: (jobId: string, fileId: string, round: { rounds: number; arrivedBytes: number }) => Promise<unknown>;
    fileArchived: (jobId: string, fileId: string, about: { durationSeconds?: number }) => Promise<unknown>;
    addNote: (jobId: string, note: string) => Promise<unknown>;
  };
  plans: { read: (planKey: string) => Promise<DownloadPlan> };
  archive: Pick<Target, 'listParts' | 'completeUpload' | 'abortUpload'> & {
    head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined>;
    /** Fewer bytes where the object ends before. */
    readBytes: (key: string, from: number, length: number) => Promise<Buffer>;
  };
};

/** `again`: the file, or some of it, has to be fetched once more. */
type Outcome = { readonly index: number; readonly outcome: 'archived' | 'missing' | 'skipped' | 'again' };

const signatureBytes = 512;
/** How often a file is sent back without having come any further. */
const mostRounds = 2;

/** What is wrong with a file, and how much of it is there. */
type Shortfall = { readonly complaint: string; readonly arrivedBytes: number; readonly canContinue?: boolean };

/**
 * Completes what the workers have sent, and looks at what lies in the archive, not at what was sent there; only then
 * the file counts as archived. One that is not whole is planned again, as long as that gets it any further.
 */
export const finishFile =
  ({ jobs, plans, archive }: Ports) =>
  async (task: FileInput, signal: AbortSignal): Promise<Outcome> => {
    const { jobId, index } = task;
    const { fileId } = await plannedFileOf(plans, task);
    const file = await jobs.file(jobId, fileId);
    if (!file) throw new PermanentError('BAD_INPUT', `planKey: the job has no file ${fileId}`);
    if (file.status === 'missing' && file.uploadId) await archive.abortUpload(file.key, file.uploadId);
    if (file.status !== 'planned') return { index, outcome: file.status };

    const sendBackFor = async (shortfall: Shortfall): Promise<Outcome> => {
      await sendBack({ jobs, archive }, file, shortfall);
      return { index, outcome: 'again' };
    };
    const completed = await complete({ jobs, archive }, file, signal);
    if ('complaint' in completed) return sendBackFor(completed);
    const found = await verify(archive, completed);
    if ('complaint' in found) return sendBackFor(found);
    // Zoom announces sizes that are somewhat off, of text above all: worth a look, not a reason to refuse the file.
    if (file.announcedBytes !== undefined && file.announcedBytes !== completed.receivedBytes)
      await jobs.addNote(
        jobId,
        `${fileNameOf(file.key)}: Zoom announced ${file.announcedBytes} bytes and sent ${completed.receivedBytes}.`,
      );
    for (const oddity of found.oddities) await jobs.addNote(jobId, `${fileNameOf(file.key)}: ${oddity}.`);
    const { durationSeconds } = found;
    await jobs.fileArchived(jobId, fileId, durationSeconds === undefined ? {} : { durationSeconds });
    return { index, outcome: 'archived' };
  };

type Completed = JobFile & { readonly receivedBytes: number; readonly crc32: string };
const isReceived = (file: JobFile): file is Completed => file.receivedBytes !== undefined && file.crc32 !== undefined;

/** Makes one object of the parts, unless it is one already. */
const complete = async (
  { jobs, archive }: Pick<Ports, 'jobs' | 'archive'>,
  file: JobFile,
  signal: AbortSignal,
): Promise<Completed | Shortfall> => {
  const { jobId, fileId, key, uploadId } = file;
  if (isReceived(file) && (!uploadId || (await archive.head(key))?.crc32 === file.crc32)) {
    // The same bytes may have come by another job of this recording: then nobody else would close our upload.
    if (uploadId) await archive.abortUpload(key, uploadId);
    return file;
  }
  if (!uploadId) return { complaint: 'its bytes were never received', arrivedBytes: 0 };
  const parts = await archive.listParts(key, uploadId, signal);
  if (!parts) return { complaint: 'its upload is gone', arrivedBytes: 0 };
  const arrivedBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const whole = joinParts(parts);
  const expected = file.expectedBytes ?? file.receivedBytes;
  if (!whole || whole.bytes !== expected || !haveOneSize(parts, file.partBytes))
    return { complaint: `${arrivedBytes} of ${expected ?? '?'} bytes have arrived`, arrivedBytes, canContinue: true };
  if (file.crc32 !== undefined && file.crc32 !== whole.crc32)
    return { complaint: 'the checksum of its parts differs from that of the received bytes', arrivedBytes };
  // Noted first: whoever comes after a crash knows by it that the object is this file.
  const received = { ...whole, contentType: contentTypeOf(file.extension) };
  if (!(await jobs.fileReceived(jobId, fileId, received, uploadId)))
    return { complaint: 'another worker has begun it anew', arrivedBytes: 0, canContinue: true };
  await archive.completeUpload(key, uploadId, parts, whole.crc32, signal);
  return { ...file, receivedBytes: whole.bytes, crc32: whole.crc32 };
};

const haveOneSize = (parts: readonly ListedPart[], partBytes: number | undefined): boolean =>
  partBytes === undefined || parts.slice(0, -1).every(({ bytes }) => bytes === partBytes);

const verify = async (archive: Ports['archive'], file: Completed): Promise<Shortfall | Inspected> => {
  const head = await archive.head(file.key);
  const bad = (complaint: string): Shortfall => ({ complaint, arrivedBytes: head?.bytes ?? 0 });
  if (!head) return bad('it is not in the archive any more');
  if (head.bytes === 0) return bad('the archived object is empty');
  if (head.bytes !== file.receivedBytes)
    return bad(`${file.receivedBytes} bytes were received, ${head.bytes} are archived`);
  if (head.crc32 !== file.crc32)
    return bad('the checksum of the archived object differs from that of the received bytes');
  const first = await archive.readBytes(file.key, 0, signatureBytes);
  if (!fitsType(file.extension, first)) return bad(`its first bytes are not those of a ${file.extension} file`);
  const read = (from: number, length: number) => archive.readBytes(file.key, from, length);
  const inspected = await inspectMedia(read, head.bytes, file);
  return inspected.fault === undefined ? inspected : bad(inspected.fault);
};

/** Back to PlanDownload, or, where nothing has helped, to a person. */
const sendBack = async (
  { jobs, archive }: Pick<Ports, 'jobs' | 'archive'>,
  file: JobFile,
  { complaint, arrivedBytes, canContinue }: Shortfall,
): Promise<void> => {
  const { jobId, fileId, key, uploadId } = file;
  const most = file.arrivedBytes ?? 0;
  const rounds = (file.rounds ?? 0) + (canContinue && arrivedBytes > most ? 0 : 1);
  const isHopeless = rounds > mostRounds;
  if (!canContinue || isHopeless) {
    if (uploadId) await archive.abortUpload(key, uploadId);
    await jobs.fileReset(jobId, fileId, uploadId);
  }
  // A person who redrives means it: then the rounds begin anew.
  await jobs.fileRound(
    jobId,
    fileId,
    isHopeless ? { rounds: 0, arrivedBytes: 0 } : { rounds, arrivedBytes: Math.max(most, arrivedBytes) },
  );
  if (isHopeless) throw new PermanentError('FILE_NOT_AS_EXPECTED', `${fileId}: ${complaint}`);
};
