import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from '../gateway/json-lines.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';
import type { StartRequest } from './request.ts';

export type TranscriptionJob = {
  readonly name: string;
  readonly request: StartRequest;
  readonly createdAt: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  endedAt?: number;
  failureReason?: string;
  language?: string;
  /** Keys in the output bucket. */
  results?: { transcript?: string; redacted?: string; subtitles: string[] };
};
type Line = { readonly job: TranscriptionJob } | { readonly deleted: string };

/** Jobs by name, the oldest first; each change is on disk before it is answered. */
export const openJobLog = async (folder: string) => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'jobs.jsonl');
  const jobs = new Map<string, TranscriptionJob>();
  for (const line of await readJsonLines<Line>(file)) {
    if ('job' in line) jobs.set(line.job.name, line.job);
    else jobs.delete(line.deleted);
  }
  const inOrder = oneAtATime();
  const append = (line: Line): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    return inOrder(() => appendFile(file, text));
  };
  return {
    jobs,
    keep: (job: TranscriptionJob): Promise<void> => {
      jobs.set(job.name, job);
      return append({ job });
    },
    remove: (name: string): Promise<void> => {
      jobs.delete(name);
      return append({ deleted: name });
    },
  };
};
