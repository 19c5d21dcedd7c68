import * as z from 'zod';
import { jobIdOfExecution } from '../../../core/keys.ts';
import type { Announced } from '../../../core/job/announce.ts';
import type { AnnouncedFile, Announcement } from '../../../core/job/announcement.ts';
import type { Job } from '../../../core/job/job.ts';
import { runOf, type Run } from '../../../core/job/run.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { meetingUuid } from '../../../core/zoom/events.ts';
import { normaliseFiles, type ZoomFile } from '../../../core/zoom/files.ts';
import { isFiltering, whyFileUnwanted, whyUnwanted, type Patterns } from '../../../core/zoom/filters.ts';
import type { ZoomRecording } from '../../../core/zoom/recording.ts';
import { learnAlternativeHosts } from './alternative-hosts.ts';

/** A job that has its row; or, started by hand, a meeting's uuid alone. */
export const input = z.union([
  z.object({ jobId: z.string(), executionArn: z.string(), redriveCount: z.number().optional() }),
  z.object({ meetingUuid, executionArn: z.string(), redriveCount: z.number().optional() }),
]);

type StartedByHand = Extract<z.output<typeof input>, { meetingUuid: string }>;

type Ports = {
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    announce: (announcement: Announcement) => Promise<Announced>;
    announcedFiles: (jobId: string) => Promise<AnnouncedFile[]>;
    see: (jobId: string, revision: number) => Promise<boolean>;
    progress: (jobId: string, step: string, run?: Run) => Promise<void>;
    addNote: (jobId: string, note: string) => Promise<void>;
    /** The address of the host, unsealed. */
    host: (jobId: string) => Promise<string | undefined>;
    close: (jobId: string, attempt: number, status: 'rejected', reason: string) => Promise<boolean>;
    keepAlternativeHosts: (jobId: string, addresses: readonly string[]) => Promise<boolean>;
  };
  zoom: {
    hasCredentials: () => Promise<boolean>;
    recording: (meetingUuid: string, signal: AbortSignal) => Promise<ZoomRecording | undefined>;
    alternativeHosts: (meetingId: string, signal: AbortSignal) => Promise<string[]>;
  };
  now: () => Date;
  rules: Rules & {
    waitMinutes: number;
    /** Whether a mail goes to them. */
    needsAlternativeHosts: boolean;
  };
};

/** What makes a recording unwanted, before any of its bytes is fetched. */
export type Rules = {
  minimumDurationMinutes: number;
  wantedFiles: Patterns;
  wantedHosts: Patterns;
  wantedTopics: Patterns;
};

export type Decision =
  | { readonly jobId: string; readonly decision: 'download' }
  | { readonly jobId: string; readonly decision: 'wait'; readonly waitSeconds: number }
  | { readonly jobId: string; readonly decision: 'reject'; readonly reason: string };

const mediaTypes = new Set(['MP4', 'M4A']);
const shortestWaitSeconds = 30;
const longestWaitSeconds = 600;

export const fetchMetadata =
  ({ jobs, zoom, now, rules }: Ports) =>
  async (request: z.output<typeof input>, signal: AbortSignal): Promise<Decision> => {
    const jobId = 'jobId' in request ? request.jobId : jobIdOfExecution(request.executionArn);
    if ('meetingUuid' in request) await openByHand(jobs, jobId, request);
    let job = await jobs.get(jobId);
    if (!job) throw new PermanentError('BAD_INPUT', `jobId: there is no job ${jobId}`);
    // An execution that is redriven late may find that a later attempt has finished the work.
    if (job.status === 'done' || job.status === 'rejected')
      return { jobId, decision: 'reject', reason: job.reason ?? 'A later attempt has closed this job.' };
    await jobs.see(jobId, job.revision);

    const listing = await listFiles(zoom, jobs, job, signal);
    // An event may be ahead of Zoom's listing, and is waited for; a person names a recording that is there.
    if (!listing && job.origin === 'hand')
      throw new PermanentError('RECORDING_NOT_FOUND', `Zoom lists no recording of the meeting ${job.meetingUuid}`);
    const listed = listing ? normaliseFiles(listing) : [];
    if (listing) {
      const files = listed.filter(isReady).map(({ downloadUrl: _url, ...file }) => file);
      const { source, origin, meetingUuid } = job;
      await jobs.announce({ ...aboutMeeting(listing), jobId, source, origin, meetingUuid, files, reopens: false });
      job = (await jobs.get(jobId)) ?? job;
      await jobs.see(jobId, job.revision);
    }

    // Unsealed for this moment; no reason names a person.
    const host = isFiltering(rules.wantedHosts) ? await jobs.host(jobId) : undefined;
    const ofMeeting = whyUnwanted({ topic: job.topic, host }, rules);
    if (ofMeeting) return reject(jobs, job, ofMeeting);

    const files = await jobs.announcedFiles(jobId);
    const isProcessing = listed.some((file) => !isReady(file) && mayBeWanted(file, rules.wantedFiles));
    const hasMedia = files.some((file) => mediaTypes.has(file.fileType));
    const waitedSeconds = (now().getTime() - Date.parse(job.attemptAt)) / 1_000;
    if ((isProcessing || !hasMedia) && waitedSeconds < rules.waitMinutes * 60) {
      return { jobId, decision: 'wait', waitSeconds: nextWait(waitedSeconds) };
    }
    if (files.length === 0) throw new PermanentError('RECORDING_NOT_FOUND', `meeting ${job.meetingUuid} has no files`);
    if (isProcessing) await jobs.addNote(jobId, 'Zoom still worked on some files when the wait for them ended.');

    const reason = whyTooShort(job, files, rules.minimumDurationMinutes) ?? whyNoFile(files, rules.wantedFiles);
    if (reason) return reject(jobs, job, reason);
    if (rules.needsAlternativeHosts) await learnAlternativeHosts({ jobs, zoom }, job, signal);
    return { jobId, decision: 'download' };
  };

/** Closes the job with its reason, unless files were announced in this very moment: they may make the recording wanted. */
const reject = async (jobs: Ports['jobs'], { jobId, attempt }: Job, because: string): Promise<Decision> => {
  const reason = `Skipped, because ${because}.`;
  const isRejected = await jobs.close(jobId, attempt, 'rejected', reason);
  if (!isRejected) return { jobId, decision: 'wait', waitSeconds: shortestWaitSeconds };
  return { jobId, decision: 'reject', reason };
};

const whyTooShort = (job: Job, files: readonly AnnouncedFile[], minimum: number): string | undefined => {
  const minutes = job.durationMinutes || measuredMinutes(files);
  if (minutes === undefined || minutes >= minimum) return undefined;
  return `the recording lasts ${minutes} min and the minimum is ${minimum} min`;
};

const mostReasons = 5;

/** Some of the files may be left out, which PlanDownload notes; here it is about all of them. */
const whyNoFile = (files: readonly AnnouncedFile[], wantedFiles: Patterns): string | undefined => {
  const reasons = files.map((file) => whyFileUnwanted(file, wantedFiles));
  if (reasons.includes(undefined)) return undefined;
  const distinct = [...new Set(reasons)];
  const more = distinct.length > mostReasons ? ['…'] : [];
  return `none of its files is wanted: ${[...distinct.slice(0, mostReasons), ...more].join('; ')}`;
};

/** While Zoom works on a file it may not tell yet what it will be. */
const mayBeWanted = (file: ZoomFile, wantedFiles: Patterns): boolean =>
  file.fileType === '' || whyFileUnwanted(file, wantedFiles) === undefined;

/** The row of a job that a person started; only from here on can its progress be written. */
const openByHand = async (jobs: Ports['jobs'], jobId: string, request: StartedByHand): Promise<void> => {
  const { meetingUuid, executionArn, redriveCount } = request;
  await jobs.announce({ jobId, source: 'zoom', origin: 'hand', executionArn, meetingUuid, files: [], reopens: false });
  const run = redriveCount === undefined ? undefined : runOf(jobId, { executionArn, redriveCount });
  await jobs.progress(jobId, 'FetchMetadata', run);
};

/** What Zoom's REST API knows of the recording; nothing where the app has only webhooks. */
const listFiles = async (zoom: Ports['zoom'], jobs: Ports['jobs'], job: Job, signal: AbortSignal) => {
  if (await zoom.hasCredentials()) return zoom.recording(job.meetingUuid, signal);
  if (job.origin === 'hand') {
    throw new PermanentError(
      'BAD_CONFIG',
      'a job started by hand needs accountId, clientId and clientSecret in the Zoom secret',
    );
  }
  await jobs.addNote(
    job.jobId,
    'Without REST credentials only what webhooks announce is archived, for as long as their token lasts (24 hours).',
  );
  return undefined;
};

const isReady = (file: ZoomFile): boolean => file.status !== 'processing';

const aboutMeeting = (listing: ZoomRecording) => ({
  meetingId: listing.id,
  accountId: listing.account_id,
  topic: listing.topic,
  startTime: listing.start_time,
  timezone: listing.timezone,
  durationMinutes: listing.duration,
  hostEmail: listing.host_email,
});

/** Zoom tells a duration of 0 of recordings that have one: then the files tell it, segment by segment. */
const measuredMinutes = (files: readonly AnnouncedFile[]): number | undefined => {
  const segments = new Map<string, number>();
  for (const { recordingStart, recordingEnd } of files) {
    const length = Date.parse(recordingEnd ?? '') - Date.parse(recordingStart);
    if (length >= 0) segments.set(recordingStart, Math.max(length, segments.get(recordingStart) ?? 0));
  }
  if (segments.size === 0) return undefined;
  return Math.round([...segments.values()].reduce((sum, length) => sum + length) / 60_000);
};

/** Half as long again as was waited so far: quick while Zoom is quick, at most every ten minutes. */
const nextWait = (waitedSeconds: number): number =>
  Math.round(Math.min(longestWaitSeconds, Math.max(shortestWaitSeconds, waitedSeconds / 2)));
