import * as z from 'zod';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { transcriptKeysOf } from '../../../core/keys.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';
import { speechWords, type SpeechPorts } from './speech-words.ts';
import { storeTranscript, type Objects } from './store-transcript.ts';
import { isZoomTranscript, noWordsReasons, zoomWords } from './zoom-words.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = {
  readonly jobs: {
    get(jobId: string): Promise<Job | undefined>;
    files(jobId: string): Promise<JobFile[]>;
    merges(jobId: string): Promise<JobMerge[]>;
    /** A sentence for a person; the same sentence twice is one. */
    addNote(jobId: string, note: string): Promise<void>;
    /** Takes back what is true no more. */
    dropNotes(jobId: string, notes: readonly string[]): Promise<void>;
  };
  readonly objects: Objects;
  /** Nothing where speech recognition is switched off. */
  readonly speech?: SpeechPorts | undefined;
  readonly now: () => Date;
  /** For how long Zoom's own transcript is waited for; 0 does not wait. */
  readonly waitMinutes: number;
};

/**
 * `ready`, `none`: the recording goes on, with words or without. `wait`: Zoom's transcript may yet come. `news`: files
 * were announced meanwhile, and the words may be among them. `speech`: somebody has to listen.
 */
export type Result = {
  decision: 'ready' | 'none' | 'wait' | 'news' | 'speech';
  transcript: Transcript['origin'] | 'none';
  segments: number;
  reason?: string;
  waitSeconds?: number;
};

/** Zoom's transcript comes within a day of the recording, or not at all. */
const zoomTakesMs = 24 * 3_600_000;
const shortestLookSeconds = 60;
const longestLookSeconds = 300;

const without = (decision: Result['decision']): Result => ({ decision, transcript: 'none', segments: 0 });

/** Makes transcript and captions of Zoom's words, or of what speech recognition heard; without either the job goes on. */
export const readTranscript =
  (ports: Ports) =>
  async ({ jobId }: Input): Promise<Result> => {
    const { jobs, objects, speech } = ports;
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const [files, merges] = await Promise.all([jobs.files(jobId), jobs.merges(jobId)]);

    const zoom = await zoomWords(files, objects);
    const heard = zoom.transcript || !speech ? undefined : await speechWords(speech, jobId, { files, merges });
    const isOpen = heard?.isEnded === false;
    const waitSeconds = files.some(isZoomTranscript) || (heard && (heard.isEnded || heard.isBegun)) ? 0 : waitOf(ports, job, files); // prettier-ignore
    // Before anybody waits or pays: what was announced since may hold the words.
    if ((waitSeconds > 0 || isOpen) && job.revision > job.seenRevision) return without('news');
    if (waitSeconds > 0) return { ...without('wait'), waitSeconds };
    if (isOpen) return without('speech');

    const transcript = zoom.transcript ?? heard?.transcript;
    const notes = [...(zoom.reason && !heard?.transcript ? [zoom.reason] : []), ...(heard?.notes ?? [])];
    for (const note of notes) await jobs.addNote(jobId, note);
    const reason = notes.length > 0 ? { reason: notes.join(' ') } : {};
    if (!transcript) return { ...without((await isThere(objects, job.folder)) ? 'ready' : 'none'), ...reason };

    await storeTranscript(objects, { ...job, folder: job.folder }, transcript);
    await jobs.dropNotes(
      jobId,
      Object.values(noWordsReasons).filter((note) => !notes.includes(note)),
    );
    return { decision: 'ready', transcript: transcript.origin, segments: transcript.segments.length, ...reason };
  };

/** Results at the provider's place are deleted in time; the transcript that was made of them stays. */
const isThere = async (objects: Objects, folder: string): Promise<boolean> =>
  (await objects.read(transcriptKeysOf(folder).json)) !== undefined;

/** Seconds until the next look at whether Zoom's transcript has come; 0 when it is not waited for, or no longer. */
const waitOf = ({ now, waitMinutes }: Ports, { attemptAt }: Job, files: readonly JobFile[]): number => {
  const opened = Date.parse(attemptAt);
  const ends = files.map(({ recordingEnd = '' }) => Date.parse(recordingEnd)).filter(Number.isFinite);
  const ended = ends.reduce((latest, end) => Math.max(latest, end), 0);
  // Of an old recording nothing is to come.
  if (ended > 0 && opened - ended > zoomTakesMs) return 0;
  const waited = Math.max(0, now().getTime() - opened) / 1_000;
  const left = Math.ceil(waitMinutes * 60 - waited);
  if (left <= 0) return 0;
  // The longer it takes, the less a minute matters.
  return Math.min(left, Math.max(shortestLookSeconds, Math.min(longestLookSeconds, Math.floor(waited / 10))));
};
