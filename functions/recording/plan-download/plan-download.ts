import * as z from 'zod';
import { fileNameOf, folderOf, planKeyOf } from '../../../core/keys.ts';
import type { AnnouncedFile } from '../../../core/job/announcement.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { DownloadPlan } from '../../../core/media/plan.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string() });

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    announcedFiles: (jobId: string) => Promise<AnnouncedFile[]>;
    files: (jobId: string) => Promise<JobFile[]>;
    claimFolder: (jobId: string, meetingUuid: string, folder: string) => Promise<boolean>;
    planFile: (file: JobFile) => Promise<JobFile>;
    see: (jobId: string, revision: number) => Promise<boolean>;
  };
  plans: { write: (key: string, plan: DownloadPlan) => Promise<void> };
};

/** Views of which Zoom sends several for one segment: their names always carry the file's id. */
const pluralViews = new Set(['audio_interpretation', 'participant_audio', 'thumbnail']);

/**
 * Gives every announced file its place in the archive and an item in the table, and writes the list of those that
 * are still to be fetched to S3. Only indexes of that list travel through the machine.
 */
export const planDownload =
  ({ jobs, plans }: Ports) =>
  async ({ jobId }: z.output<typeof input>): Promise<{ planKey: string; indexes: number[] }> => {
    const job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    const announced = await jobs.announcedFiles(jobId);
    const known = new Map((await jobs.files(jobId)).map((file) => [file.fileId, file]));
    const folder = job.folder ?? (await claimFolder(jobs, job));

    const segments = numberSegments(announced, [...known.values()]);
    const taken = countViews(announced, segments);
    const items: JobFile[] = [];
    for (const file of announced.filter(({ fileId }) => !known.has(fileId)).sort(byPlace)) {
      const segment = segments.get(file.recordingStart) ?? 0;
      const isShared = pluralViews.has(file.view) || (taken.get(`${segment} ${file.view} ${file.extension}`) ?? 0) > 1;
      const key = folder + fileNameOf(segment, file.view, file.extension, isShared ? file.fileId : undefined);
      const { bytes, status: _status, ...about } = file;
      items.push(await jobs.planFile({ ...about, jobId, segment, key, announcedBytes: bytes, status: 'planned' }));
    }

    const open = [...known.values(), ...items]
      .filter((file) => file.status === 'planned')
      .sort((a, b) => compare(a.key, b.key));
    const files = open.map((file, index) => ({
      index,
      fileId: file.fileId,
      zoomId: file.zoomId,
      fileType: file.fileType,
      recordingType: file.recordingType,
      extension: file.extension,
      key: file.key,
      announcedBytes: file.announcedBytes,
      recordingStart: file.recordingStart,
      recordingEnd: file.recordingEnd,
    }));
    const fileIds = files.map(({ fileId }) => fileId);
    const planKey = planKeyOf(jobId, job.revision, fileIds);
    await plans.write(planKey, { jobId, revision: job.revision, files });
    await jobs.see(jobId, job.revision);
    return { planKey, indexes: files.map(({ index }) => index) };
  };

const claimFolder = async (jobs: Ports['jobs'], job: Job): Promise<string> => {
  if (!job.meetingId || !job.startTime || Number.isNaN(Date.parse(job.startTime)))
    throw new PermanentError('ZOOM_CHANGED', 'the recording has no meeting number, or no start time that is one');
  const plain = folderOf(job.meetingId, job.startTime);
  if (await jobs.claimFolder(job.jobId, job.meetingUuid, plain)) return plain;
  // Another occurrence of the meeting has the same start: part them by the uuid.
  const salted = folderOf(job.meetingId, job.startTime, job.meetingUuid);
  if (await jobs.claimFolder(job.jobId, job.meetingUuid, salted)) return salted;
  throw new TransientError(`the folder ${salted} belongs to another recording`);
};

/** A segment's number is its rank by start. One that has been given stays; a segment announced out of order gets the next. */
const numberSegments = (announced: readonly AnnouncedFile[], known: readonly JobFile[]): Map<string, number> => {
  const numbers = new Map(known.map((file) => [file.recordingStart, file.segment]));
  let next = numbers.size > 0 ? Math.max(...numbers.values()) + 1 : 0;
  for (const start of [...new Set(announced.map((file) => file.recordingStart))].sort()) {
    if (numbers.has(start)) continue;
    numbers.set(start, next);
    next += 1;
  }
  return numbers;
};

const countViews = (files: readonly AnnouncedFile[], segments: Map<string, number>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const file of files) {
    const place = `${segments.get(file.recordingStart) ?? 0} ${file.view} ${file.extension}`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
};

const byPlace = (a: AnnouncedFile, b: AnnouncedFile): number =>
  compare(a.recordingStart, b.recordingStart) || compare(a.fileId, b.fileId);

/** By code, as no locale would. */
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
