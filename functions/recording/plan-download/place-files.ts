import { foldersFor, nameFiles, type NamedMeeting } from '../../../core/archive-name/name-files.ts';
import { usesHost, type NameTemplate } from '../../../core/archive-name/template.ts';
import type { AnnouncedFile } from '../../../core/job/announcement.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { participantViews } from '../../../core/media/merge/wanted-merges.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { whyFileUnwanted, type Patterns } from '../../../core/zoom/filters.ts';

export type PlacePorts = {
  readonly jobs: {
    claimFolder: (jobId: string, meetingUuid: string, folder: string) => Promise<boolean>;
    planFile: (file: JobFile) => Promise<JobFile>;
    addNote: (jobId: string, note: string) => Promise<unknown>;
    /** The address of the host, unsealed. */
    host: (jobId: string) => Promise<string | undefined>;
  };
  /** How folders and files are named. */
  readonly archiveNames: NameTemplate;
  readonly wantedFiles: Patterns;
};

/** A job keeps its notes in its row, and Zoom's types are few. */
const mostNotes = 20;

/**
 * Gives every file that has none its place in the archive and an item in the table. One that is not wanted gets both
 * too, as skipped: it is done with, and whoever looks at the job sees why.
 */
export const placeFiles =
  ({ jobs, archiveNames, wantedFiles }: PlacePorts) =>
  async (job: Job, announced: readonly AnnouncedFile[], known: readonly JobFile[]): Promise<JobFile[]> => {
    const { jobId } = job;
    const isNew = new Set(announced.map(({ fileId }) => fileId));
    for (const { fileId } of known) isNew.delete(fileId);
    if (isNew.size === 0 && job.folder) return [];
    const meeting = await namedMeeting(jobs, archiveNames, job);
    const folder = job.folder ?? (await claimFolder(jobs, job, foldersFor(archiveNames, meeting)));

    const segmentOf = numberSegments(announced, known);
    const sorted = [...announced].sort(byPlace);
    const named = sorted.map((file) => ({ ...file, segment: segmentOf(file) }));
    const names = nameFiles(
      archiveNames,
      meeting,
      named,
      new Map(known.map(({ fileId, key }) => [fileId, nameIn(key)])),
    );

    const placed: JobFile[] = [];
    const notes = new Set<string>();
    for (const { bytes, status: _status, ...about } of named.filter(({ fileId }) => isNew.has(fileId))) {
      const key = `${folder}${names.get(about.fileId) ?? ''}`;
      const because = whyFileUnwanted(about, wantedFiles);
      if (because) notes.add(`Not archived, because ${because}.`);
      const outcome = because
        ? { status: 'skipped' as const, skippedBecause: because }
        : { status: 'planned' as const };
      placed.push(await jobs.planFile({ ...about, jobId, key, announcedBytes: bytes, ...outcome }));
    }
    for (const note of [...notes].sort().slice(0, mostNotes)) await jobs.addNote(jobId, note);
    return placed;
  };

const nameIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const namedMeeting = async (jobs: PlacePorts['jobs'], names: NameTemplate, job: Job): Promise<NamedMeeting> => {
  const { meetingId, startTime } = job;
  if (!meetingId || !startTime || Number.isNaN(Date.parse(startTime)))
    throw new PermanentError('ZOOM_CHANGED', 'the recording has no meeting number, or no start time that is one');
  return { ...job, meetingId, startTime, host: usesHost(names) ? await jobs.host(job.jobId) : undefined };
};

/** The first of the folders that no other recording has: two may have the same number and start, or the same topic. */
const claimFolder = async (jobs: PlacePorts['jobs'], job: Job, folders: readonly string[]): Promise<string> => {
  for (const folder of folders) if (await jobs.claimFolder(job.jobId, job.meetingUuid, folder)) return folder;
  throw new TransientError('every folder that this recording may have belongs to another recording');
};

type Placed = Pick<AnnouncedFile, 'recordingStart' | 'view'>;

/**
 * A segment's number is its rank by start. One that has been given stays; a segment announced out of order gets the
 * next. The track of a single person begins when that person comes, and is part of the segment that runs then.
 */
const numberSegments = (announced: readonly Placed[], known: readonly JobFile[]): ((file: Placed) => number) => {
  const isTrack = ({ view }: Placed): boolean => participantViews.has(view);
  const numbers = new Map(known.filter((file) => !isTrack(file)).map((file) => [file.recordingStart, file.segment]));
  let next = numbers.size > 0 ? Math.max(...numbers.values()) + 1 : 0;
  const starts = announced.filter((file) => !isTrack(file)).map((file) => file.recordingStart);
  for (const start of [...new Set(starts)].sort()) {
    if (numbers.has(start)) continue;
    numbers.set(start, next);
    next += 1;
  }
  const begun = [...numbers].map(([start, number]) => ({ at: Date.parse(start), number })).sort((a, b) => b.at - a.at);
  return (file) =>
    (isTrack(file)
      ? begun.find(({ at }) => at <= Date.parse(file.recordingStart))?.number
      : numbers.get(file.recordingStart)) ?? 0;
};

const byPlace = (a: AnnouncedFile, b: AnnouncedFile): number =>
  compare(a.recordingStart, b.recordingStart) || compare(a.fileId, b.fileId);

/** By code, as no locale would. */
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
