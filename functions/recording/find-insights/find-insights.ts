import * as z from 'zod';
import type { InsightEngine } from '../../../core/insight/engine.ts';
import { hasInsights, type Insights } from '../../../core/insight/insights.ts';
import type { Job } from '../../../core/job/job.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { madeLabels, type ObjectLabels } from '../../../core/media/object-head.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { failures } from '../../../core/step/failures.ts';
import { transcript } from '../../../core/transcript/transcript.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = {
  jobs: {
    get(jobId: string): Promise<Job | undefined>;
    /** A sentence for a person; the same sentence twice is one. */
    addNote(jobId: string, note: string): Promise<void>;
    dropNotes(jobId: string, notes: readonly string[]): Promise<void>;
  };
  objects: {
    read(key: string): Promise<string | undefined>;
    write(key: string, text: string, contentType: string, labels: ObjectLabels): Promise<void>;
  };
  /** Left out where the stage is set to none. */
  engine: InsightEngine | undefined;
};

export type Result = { insights: 'found' | 'none' };

/** Left of the function's time when an engine is stopped, so that the job can still be told. */
const lastWordsMs = 8_000;
const opening = 'There are no insights of this recording. ';
const notNow = `${opening}What finds them has not answered so far. Nothing needs to be done for the recording: archive, transcript and mail do without them.`;

/**
 * Insights of the transcript. A failure goes to the machine, which goes on without them; the job says why and what to do,
 * because the execution ends well all the same.
 */
export const findInsights =
  ({ jobs, objects, engine }: Ports) =>
  async ({ jobId }: Input, signal: AbortSignal, remainingMs: () => number): Promise<Result> => {
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const text = engine && (await objects.read(transcriptKeysOf(job.folder).json));
    if (!engine || text === undefined) return { insights: 'none' };

    const { topic, startTime, timezone } = job;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, remainingMs() - lastWordsMs))]);
    let found: Insights | undefined;
    try {
      found = await engine(transcript.parse(JSON.parse(text)), { jobId, topic, startTime, timezone }, inTime);
    } catch (error) {
      await jobs.addNote(jobId, noteOf(error));
      throw error;
    }
    const outdated = job.notes.filter((note) => note.startsWith(opening));
    if (outdated.length > 0) await jobs.dropNotes(jobId, outdated);
    if (!found || !hasInsights(found)) return { insights: 'none' };
    const labels = madeLabels(job, 'summary');
    await objects.write(insightsKeyOf(job.folder), JSON.stringify(found), 'application/json', labels);
    return { insights: 'found' };
  };

const noteOf = (error: unknown): string => {
  if (!(error instanceof PermanentError)) return notNow;
  const { sentence, action } = failures[error.code];
  return `${opening}${sentence} ${action}`;
};
