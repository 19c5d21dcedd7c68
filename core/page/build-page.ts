import { insights } from '../insight/insights.ts';
import type { Job, JobFile } from '../job/job.ts';
import type { JobMerge } from '../job/merge-rows.ts';
import { offeredFiles, viewsOf } from './page-files.ts';
import { recordingPage, type RecordingPage } from './recording-page.ts';

type Found = {
  readonly job: Job;
  readonly files: readonly JobFile[];
  readonly merges: readonly JobMerge[];
  /** Bytes of every object in the recording's folder, by key: what is not there cannot be offered. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The texts of the objects; undefined where there is none. */
  readonly transcript: string | undefined;
  readonly insights: string | undefined;
  readonly linkEndsAt: Date;
};

const says = ({ status, reason, failure }: Job): string | undefined => {
  if (status === 'running') return 'This recording is still being worked on. What is there already is shown below.';
  if (status === 'rejected') return `This recording was skipped: ${reason ?? 'a rule leaves it out'}.`;
  if (status === 'failed')
    return `${failure?.sentence ?? 'Something went wrong with this recording.'} The people who run this service are told.`;
  return undefined;
};

const fromJson = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Everything the page shows, and nothing else of the job: no addresses, no keys of the bucket. */
export const buildPage = (found: Found): RecordingPage => {
  const { job, files, merges, sizes, linkEndsAt } = found;
  const offered = job.folder ? offeredFiles(job.folder, files, merges).filter(({ key }) => sizes.has(key)) : [];
  const saying = says(job);
  // What cannot be read any more counts as not there: the page then has a player and no words.
  const words = recordingPage.shape.transcript.safeParse(fromJson(found.transcript)).data;
  const known = insights.safeParse(fromJson(found.insights)).data;
  return {
    jobId: job.jobId,
    ...(job.topic ? { title: job.topic } : {}),
    state: job.status,
    ...(saying ? { says: saying } : {}),
    ...(job.startTime ? { startedAt: job.startTime } : {}),
    ...(job.timezone ? { timezone: job.timezone } : {}),
    ...(job.durationMinutes === undefined ? {} : { minutes: job.durationMinutes }),
    linkEndsAt: linkEndsAt.toISOString(),
    views: viewsOf(files, offered),
    files: offered.map(({ key, ...file }) => ({ ...file, bytes: sizes.get(key) ?? 0 })),
    ...(words ? { transcript: words } : {}),
    ...(known ? { insights: known } : {}),
    notes: job.notes,
  };
};
