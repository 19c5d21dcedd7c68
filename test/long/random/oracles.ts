import { createHash } from 'node:crypto';
import { sha256Of } from '../../../local/zoom/content.ts';
import { contentOf, type ContentSpec } from '../../../local/zoom/media.ts';
import type { SimulatedFile, SimulatedMeeting } from '../../../local/zoom/meeting.ts';
import { jobIdOf } from '../../../core/keys.ts';
import type { ArchivedFile, SeenExecution, SeenJob, Snapshot } from './snapshot.ts';

/** What the run did, as far as it decides what must be true at its end. */
export type Done = {
  /** For each meeting the files whose announcement was answered with 200. */
  readonly accepted: ReadonlyMap<string, ReadonlySet<string>>;
  /** Meetings of which Zoom denied a file, or deleted one: only their files may be missing. */
  readonly denied: ReadonlySet<string>;
  /** Announcements, by meeting. */
  readonly announcements: ReadonlyMap<string, number>;
  /** Whether a call was broken or a process killed: only then may a host get a second mail. */
  readonly wasDisturbed: boolean;
  /** Whether a job may not have been told that its execution ended; a redrive is the way out. */
  readonly mayHaveLostEvents: boolean;
};

/** SendSummary's claim is taken over no earlier, see DECISIONS.md. */
const claimMillis = 60_000;
/** One call, and the retries of the machines. */
const mostCalls = 9;
const mostWaits = 200;

const sums = new Map<string, string>();
const sumOf = (content: ContentSpec): string => {
  const name = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const known = sums.get(name) ?? sha256Of(contentOf(content));
  sums.set(name, known);
  return known;
};

const isFileOf = (file: SimulatedFile) => (one: ArchivedFile) =>
  one.zoomId === file.id ||
  (one.zoomId === undefined && one.fileType === file.fileType && one.recordingStart === file.start);

/** Each accepted file is archived with the right bytes, or a person can see why not. */
const conservation = (meetings: readonly SimulatedMeeting[], seen: Snapshot, done: Done): string[] =>
  meetings.flatMap((meeting) => {
    const jobId = jobIdOf(meeting.accountId, meeting.uuid);
    const ours = seen.jobs.filter(({ meetingUuid }) => meetingUuid === meeting.uuid);
    const job = ours.find((one) => one.jobId === jobId);
    const accepted = done.accepted.get(meeting.uuid) ?? new Set();
    if (accepted.size > 0 && !job) return [`${meeting.topic}: an event was accepted and no job has it`];
    const isFailed = job?.status === 'failed';
    const unseen = meeting.files
      .filter(
        ({ id }) =>
          accepted.has(id) &&
          !isFailed &&
          !job?.archive.some(isFileOf(meeting.files.find((file) => file.id === id) as SimulatedFile)),
      )
      .map(({ id, fileType }) => `${meeting.topic}: ${fileType} ${id} was accepted and has no row`);
    const wrong = ours.flatMap(({ archive, jobId: of, status }) =>
      archive.flatMap((row) => {
        const file = meeting.files.find((one) => isFileOf(one)(row));
        if (!file) return [`${of}: ${row.fileId} is no file of the meeting`];
        if (row.status === 'archived' && row.sha256 !== sumOf(file.content))
          return [`${of}: ${row.key} is archived with ${row.sha256 ? 'other bytes' : 'no object'}`];
        if (row.status === 'missing' && !row.missingBecause) return [`${of}: ${row.key} is missing without a reason`];
        if (row.status === 'missing' && !done.denied.has(meeting.uuid))
          return [`${of}: ${row.key} is missing (${row.missingBecause}) though Zoom had it all the time`];
        if (row.status === 'planned' && status === 'done') return [`${of}: ${row.key} was never fetched`];
        return [];
      }),
    );
    return [...unseen, ...wrong];
  });

const isAttemptOf = (job: SeenJob) => (execution: SeenExecution) =>
  job.origin === 'hand' ? execution.input.includes(job.meetingUuid) : execution.name === `${job.jobId}-${job.attempt}`;

/** Says of jobs that pretend to be at work. To be asked while nothing is, also before anything was redriven. */
export const pretenders = (seen: Snapshot): string[] =>
  seen.jobs
    .filter(({ status }) => status === 'running')
    .filter((job) => !seen.executions.some((one) => one.status === 'RUNNING' && isAttemptOf(job)(one)))
    .map(
      ({ jobId, origin, attempt, step }) =>
        `${jobId} (${origin}, attempt ${attempt}): is running at ${step} without an open execution`,
    );

/** What the row says fits what there is. */
const consistency = (meetings: readonly SimulatedMeeting[], seen: Snapshot, done: Done): string[] =>
  seen.jobs.flatMap((job) => {
    const say = (text: string): string[] => [`${job.jobId} (${job.origin}, attempt ${job.attempt}): ${text}`];
    if (!meetings.some(({ uuid }) => uuid === job.meetingUuid)) return say('is about no meeting that there is');
    if (job.status === 'running') return [];
    if (job.status === 'rejected') return job.reason ? [] : say('is rejected without a reason');
    if (job.status === 'failed') {
      const { code, sentence, action, detail } = job.failure ?? {};
      if (!code || !sentence || !action) return say('has failed without code, sentence and action');
      // After everything was healed and redriven only what Zoom denies can still be in the way.
      return done.denied.has(job.meetingUuid) ? [] : say(`has failed for good: ${code}: ${detail}, at ${job.step}`);
    }
    return [
      ...(job.failure ? say('is done and tells of a failure') : []),
      ...(job.archive.some(({ status }) => status === 'archived') ? [] : say('is done and nothing is archived')),
      ...job.files
        .filter((id) => !job.archive.some(({ fileId }) => fileId === id))
        .flatMap((id) => say(`is done and has no row for ${id}`)),
    ];
  });

const onceAtMost = (seen: Snapshot, done: Done): string[] => {
  const byJob = new Map<string, number[]>();
  for (const { jobId, time } of seen.mails)
    byJob.set(
      jobId,
      [...(byJob.get(jobId) ?? []), Date.parse(time)].sort((a, b) => a - b),
    );
  return [...byJob].flatMap(([jobId, times]) => {
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    if (gaps.length > 0 && !done.wasDisturbed) return [`${jobId}: ${times.length} mails in a run without disturbance`];
    return gaps.filter((gap) => gap < claimMillis).map((gap) => `${jobId}: a second mail after ${gap} ms`);
  });
};

const bounds = (seen: Snapshot, done: Done): string[] => [
  ...seen.executions.flatMap(({ name, entered, scheduled, redriveCount, events }) => [
    // A redrive enters no state again, and gives the one it stands in all its retries anew.
    ...(scheduled > (entered.length + redriveCount * 10) * mostCalls
      ? [`${name}: ${scheduled} calls for ${entered.length} states`]
      : []),
    ...(entered.filter((state) => state === 'WaitForZoom').length > mostWaits
      ? [`${name}: waits for Zoom without end`]
      : []),
    ...(events >= 24_999 ? [`${name}: the history is full`] : []),
  ]),
  ...seen.jobs.flatMap(({ jobId, attempt, meetingUuid }) => {
    const most = 1 + (done.announcements.get(meetingUuid) ?? 0);
    return attempt > most ? [`${jobId}: ${attempt} attempts for ${most - 1} announcements`] : [];
  }),
];

/** All that is wrong after a run that was healed; empty if nothing is. */
export const complaints = (meetings: readonly SimulatedMeeting[], seen: Snapshot, done: Done): string[] => [
  ...conservation(meetings, seen, done),
  ...pretenders(seen),
  ...consistency(meetings, seen, done),
  ...onceAtMost(seen, done),
  ...bounds(seen, done),
  ...seen.openUploads.map((key) => `an upload of ${key} is left open`),
  ...(seen.leaks > 0 ? [`${seen.leaks} requests brought a token to the storage host`] : []),
];
