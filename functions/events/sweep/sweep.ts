import * as z from 'zod';
import { executionNameOf } from '../../../core/keys.ts';
import { writeEnd, type EndPorts } from '../../../core/job/execution-end.ts';
import type { JobFile } from '../../../core/job/job.ts';
import type { OpenJob } from '../../../core/job/open-rows.ts';
import { explain } from '../../../core/step/failures.ts';
import { log } from '../../../core/step/log.ts';

/** A schedule's event says nothing but that it is time. */
export const event = z.looseObject({});

export type FoundExecution = {
  readonly executionArn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  readonly stoppedAt?: Date | undefined;
  readonly input?: string | undefined;
  readonly redriveCount?: number | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
};
export type OpenUpload = { readonly key: string; readonly uploadId: string };

type Ports = EndPorts & {
  jobs: {
    openJobs: (before: Date) => Promise<OpenJob[]>;
    jobsOfFolder: (folder: string) => Promise<string[]>;
    files: (jobId: string) => Promise<JobFile[]>;
  };
  executions: {
    arnOf: (name: string) => string;
    /** ARNs of those that run, as far as the service lists them at once. */
    running: () => Promise<string[]>;
    describe: (executionArn: string) => Promise<FoundExecution | undefined>;
  };
  uploads: {
    openedBefore: (moment: Date) => Promise<OpenUpload[]>;
    abort: (upload: OpenUpload) => Promise<void>;
  };
  now: () => Date;
};

/** Longer than a webhook takes to start what it announced, and than an event takes to be told. */
const graceMillis = 10 * 60_000;
/** No execution is at work for so long: whoever opened the upload is gone. */
const uploadMillis = 24 * 3_600_000;
/** Of one run; what is left comes five minutes later. */
const mostMended = 50;

/** Looks for what was lost between two services, tells of it, and mends it. */
export const sweep =
  (ports: Ports) =>
  async (_event: unknown): Promise<void> => {
    await mendJobs(ports);
    // Once an hour: an orphan costs nothing but its storage.
    if (ports.now().getUTCMinutes() < 5) await abortOrphans(ports);
  };

/** Each of these is counted: the log line with its name is what the metric filter looks for. */
const tell = (finding: string, about: Record<string, unknown>): void =>
  log.warn('the sweep mended', { finding, ...about });

const mendJobs = async (ports: Ports): Promise<void> => {
  const { jobs, executions, now } = ports;
  const open = await jobs.openJobs(new Date(now().getTime() - graceMillis));
  if (open.length === 0) return;
  const running = new Set(await executions.running());
  const alone = open.filter((job) => !running.has(executionOf(ports, job)));
  for (const job of alone.slice(0, mostMended)) await mendJob(ports, job);
};

/** Executions of ours are named after job and attempt; the one that made a job by hand has its own name. */
const executionOf = ({ executions }: Ports, { jobId, attempt, executionArn }: OpenJob): string =>
  attempt === 1 && executionArn !== undefined ? executionArn : executions.arnOf(executionNameOf(jobId, attempt));

const mendJob = async (ports: Ports, open: OpenJob): Promise<void> => {
  const { jobs, machine, executions, now } = ports;
  const { jobId, attempt } = open;
  const found = await executions.describe(executionOf(ports, open));
  // Read after the execution was: it closes the job before it ends.
  const job = await jobs.get(jobId);
  if (job?.status !== 'running' || job.attempt !== attempt) return;
  if (!found) {
    await machine.start(jobId, attempt);
    return tell('job-without-execution', { jobId, attempt });
  }
  if (found.status === 'RUNNING' || found.status === 'PENDING_REDRIVE') return;
  // Its event is on its way.
  if (found.stoppedAt && found.stoppedAt.getTime() > now().getTime() - graceMillis) return;
  if (found.status === 'SUCCEEDED') {
    const failure = explain('UNEXPLAINED', 'the execution ended well and left its job open');
    await jobs.fail(jobId, attempt, failure, found.redriveCount);
  } else {
    await writeEnd(ports)({ ...found, status: found.status });
  }
  tell('end-never-told', { jobId, attempt, execution: found.name, status: found.status });
};

const abortOrphans = async (ports: Ports): Promise<void> => {
  const { uploads, now } = ports;
  const open = await uploads.openedBefore(new Date(now().getTime() - uploadMillis));
  for (const upload of open.slice(0, mostMended)) {
    if (await hasOwner(ports, upload)) continue;
    await uploads.abort(upload);
    tell('upload-without-owner', { key: upload.key });
  }
};

/** A file that still waits for its bytes may be continued with them, also on a redrive days later. */
const hasOwner = async ({ jobs }: Ports, { key, uploadId }: OpenUpload): Promise<boolean> => {
  for (const folder of foldersOf(key))
    for (const jobId of await jobs.jobsOfFolder(folder)) {
      const files = await jobs.files(jobId);
      if (files.some((file) => file.status === 'planned' && file.uploadId === uploadId)) return true;
    }
  return false;
};

/** `a/b/c.mp4` lies in `a/b/` and in `a/`. */
const foldersOf = (key: string): string[] =>
  [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1)).reverse();
