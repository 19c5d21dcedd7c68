import * as z from 'zod';
import { findInsights as find } from '../../../core/insight/find-insights.ts';
import { hasInsights } from '../../../core/insight/insights.ts';
import type { Job } from '../../../core/job/job.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { madeLabels, type ObjectLabels } from '../../../core/media/object-head.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { transcript } from '../../../core/transcript/transcript.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = {
  jobs: { get(jobId: string): Promise<Job | undefined> };
  objects: {
    read(key: string): Promise<string | undefined>;
    write(key: string, text: string, contentType: string, labels: ObjectLabels): Promise<void>;
  };
};

export type Result = { insights: 'found' | 'none' };

export const findInsights =
  ({ jobs, objects }: Ports) =>
  async ({ jobId }: Input): Promise<Result> => {
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const text = await objects.read(transcriptKeysOf(job.folder).json);
    if (text === undefined) return { insights: 'none' };

    const found = find(transcript.parse(JSON.parse(text)));
    if (!hasInsights(found)) return { insights: 'none' };
    const labels = madeLabels(job, 'summary');
    await objects.write(insightsKeyOf(job.folder), JSON.stringify(found), 'application/json', labels);
    return { insights: 'found' };
  };
