import * as z from 'zod';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { madeLabels, type ObjectLabels } from '../../../core/media/object-head.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { readCues, type Cue } from '../../../core/transcript/read-cues.ts';
import { toTranscript } from '../../../core/transcript/read-zoom-vtt.ts';
import { writeHtml } from '../../../core/transcript/write-html.ts';
import { writeSrt } from '../../../core/transcript/write-srt.ts';
import { writeText } from '../../../core/transcript/write-text.ts';
import { writeVtt } from '../../../core/transcript/write-vtt.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = {
  jobs: {
    get(jobId: string): Promise<Job | undefined>;
    files(jobId: string): Promise<JobFile[]>;
    /** A sentence for a person; the same sentence twice is one. */
    addNote(jobId: string, note: string): Promise<void>;
  };
  objects: {
    /** The text of an object; undefined where there is none. */
    read(key: string): Promise<string | undefined>;
    write(key: string, text: string, contentType: string, labels: ObjectLabels): Promise<void>;
    /** Removing what is not there is success. */
    remove(key: string): Promise<void>;
  };
};

export type Result = { transcript: 'zoom' | 'none'; segments: number; reason?: string };

/** A day of speech is about 2 MB; what is far larger is no transcript. */
const largestVttBytes = 10_000_000;

/** Zoom's transcript names the speakers; its closed captions are what somebody typed or switched on. */
const fileTypes = ['TRANSCRIPT', 'CC'];

const startOf = (file: JobFile): number => Date.parse(file.recordingStart);

/** Makes transcript and captions of what Zoom recognised; without any of it the recording goes on. */
export const readTranscript =
  ({ jobs, objects }: Ports) =>
  async ({ jobId }: Input): Promise<Result> => {
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const files = await jobs.files(jobId);

    const { cues, reason } = await readFiles(files, objects);
    if (reason) await jobs.addNote(jobId, reason);
    if (cues.length === 0) return { transcript: 'none', segments: 0, ...(reason && { reason }) };

    const transcript = toTranscript(cues);
    const json = JSON.stringify(transcript);
    const keys = transcriptKeysOf(job.folder);
    // Insights point into the words that they were found in. Those of other words go first: FindInsights may fail, and
    // the mail then tells none rather than stale ones.
    if ((await objects.read(keys.json)) !== json) await objects.remove(insightsKeyOf(job.folder));
    const labels = madeLabels(job, 'transcript');
    await objects.write(keys.vtt, writeVtt(transcript), 'text/vtt; charset=utf-8', labels);
    await objects.write(keys.srt, writeSrt(transcript), 'application/x-subrip; charset=utf-8', labels);
    await objects.write(keys.text, writeText(transcript), 'text/plain; charset=utf-8', labels);
    await objects.write(keys.html, writeHtml(transcript, job.topic), 'text/html; charset=utf-8', labels);
    // Last, because the steps that follow look for this one.
    await objects.write(keys.json, json, 'application/json', labels);
    return { transcript: 'zoom', segments: transcript.segments.length, ...(reason && { reason }) };
  };

type Reading = { cues: Cue[]; reason?: string };

/** The best file of each segment, its times counted from the start of the whole recording. */
const readFiles = async (files: JobFile[], objects: Ports['objects']): Promise<Reading> => {
  const candidates = files
    .filter((file) => fileTypes.includes(file.fileType.toUpperCase()))
    .sort((a, b) => rank(a) - rank(b) || (a.fileId < b.fileId ? -1 : 1));
  if (candidates.length === 0) return { cues: [], reason: 'Zoom delivered no transcript for this recording.' };

  const start = Math.min(...files.map(startOf).filter(Number.isFinite));
  const cues: Cue[] = [];
  let unread = 0;
  for (const segment of new Set(candidates.map(({ recordingStart }) => recordingStart))) {
    const ofSegment = candidates.filter(({ recordingStart }) => recordingStart === segment);
    const found = await readBest(ofSegment, start, objects);
    if (found.length === 0) unread += 1;
    for (const cue of found) cues.push(cue);
  }
  if (unread === 0) return { cues };
  return { cues, reason: cues.length > 0 ? 'A part of this recording has no transcript.' : whyNone(candidates) };
};

const readBest = async (files: JobFile[], start: number, objects: Ports['objects']): Promise<Cue[]> => {
  for (const file of files) {
    if (file.status !== 'archived' || isTooLarge(file)) continue;
    const cues = readCues((await objects.read(file.key)) ?? '', offset(file, start));
    if (cues.length > 0) return cues;
  }
  return [];
};

const isTooLarge = ({ receivedBytes = 0 }: JobFile): boolean => receivedBytes > largestVttBytes;

const whyNone = (files: JobFile[]): string => {
  if (files.every(({ status }) => status === 'skipped')) return "Zoom's transcript is left out by a setting.";
  if (files.every(({ status }) => status !== 'archived')) return "Zoom's transcript could not be archived.";
  if (files.some((file) => file.status === 'archived' && !isTooLarge(file))) {
    return "Zoom's transcript holds no words that could be read.";
  }
  return `Zoom's transcript is larger than ${largestVttBytes / 1_000_000} MB and was archived, but not read.`;
};

const rank = (file: JobFile): number => fileTypes.indexOf(file.fileType.toUpperCase());

const offset = (file: JobFile, start: number): number => {
  const difference = startOf(file) - start;
  return Number.isFinite(difference) ? difference : 0;
};
