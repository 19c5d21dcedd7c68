import { writeSrt } from '../../core/transcript/write-srt.ts';
import { writeVtt } from '../../core/transcript/write-vtt.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { jsonService } from '../gateway/json-service.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';
import type { Operations } from '../gateway/service.ts';
import { openJobLog, type TranscriptionJob } from './job-log.ts';
import { inspectMedia, type MediaStore, type Sound } from './media.ts';
import { badRequest, checkStart, listShape, nameShape, readRequest, startShape, type StartRequest } from './request.ts';
import { captionsOf, resultOf, type Script } from './result.ts';
import { showInList, showJob } from './show-job.ts';

export type MediaPlace = { readonly bucket: string; readonly key: string };

export interface TranscribeOptions {
  readonly folder: string;
  readonly store: () => MediaStore;
  readonly publish: (detail: object) => Promise<unknown>;
  /** What is said in a file; nothing, where this is left out. */
  readonly scriptOf?: (media: MediaPlace) => Script | undefined;
  /** How long a job takes, in milliseconds. */
  readonly takes?: (media: MediaPlace) => number;
  /** The most jobs at once: the quota of an account. */
  readonly mostAtOnce?: number;
  /** Names of vocabularies that somebody has made. */
  readonly vocabularies?: readonly string[];
  readonly clock?: Clock;
}

export type LocalTranscribe = Awaited<ReturnType<typeof createTranscribe>>;

/** Transcribe keeps a job, and its name, for so long. */
const rememberedMs = 90 * 86_400_000;
const notFound = "The requested job couldn't be found. Check the job name and try your request again.";

const placeOf = ({ Media }: StartRequest): MediaPlace => {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(Media.MediaFileUri) ?? [];
  return { bucket, key };
};

/** A key that ends in .json is the object; any other is a folder, or there is none. */
const outputKeyOf = ({ OutputKey: key, TranscriptionJobName: name }: StartRequest): string => {
  if (key?.endsWith('.json')) return key;
  return `${key === undefined || key.endsWith('/') ? (key ?? '') : `${key}/`}${name}.json`;
};

/** Amazon Transcribe's batch jobs, with the words of a script in place of recognised speech. */
export const createTranscribe = async (options: TranscribeOptions) => {
  const { folder, store, publish, clock = systemClock, mostAtOnce = 250, vocabularies = [] } = options;
  const { scriptOf = () => undefined, takes = () => 1_000 } = options;
  const log = await openJobLog(folder);
  const closing = new AbortController();
  const lives = new Set<Promise<void>>();
  const inTurn = oneAtATime();
  const planned = {
    events: [] as ('lost' | 'twice')[],
    failures: [] as string[],
    refusals: [] as AwsError[],
    lateRefusals: [] as AwsError[],
  };
  let most = 0;

  const find = (name: string): TranscriptionJob | undefined => {
    const job = log.jobs.get(name);
    return job && (job.endedAt ?? Infinity) > clock.now() - rememberedMs ? job : undefined;
  };
  const atWork = (): number => [...log.jobs.values()].filter(({ status }) => status === 'IN_PROGRESS').length;

  const writeResults = async ({ name, request }: TranscriptionJob, script: Script) => {
    const { OutputBucketName: bucket = '', ContentRedaction, Settings, Subtitles, IdentifyLanguage } = request;
    const key = outputKeyOf(request);
    const shape = { withSpeakers: Settings?.ShowSpeakerLabels === true, identifies: IdentifyLanguage === true };
    const write = async (at: string, isRedacted: boolean): Promise<string> => {
      await store().write(
        bucket,
        at,
        JSON.stringify(resultOf(name, script, { ...shape, isRedacted })),
        'application/json',
      );
      return at;
    };
    const subtitles = (Subtitles?.Formats ?? []).map((format) => ({ format, at: key.replace(/json$/, format) }));
    for (const { format, at } of subtitles)
      await store().write(bucket, at, (format === 'vtt' ? writeVtt : writeSrt)(captionsOf(script)), 'text/plain');
    return {
      ...(ContentRedaction?.RedactionOutput !== 'redacted' && { transcript: await write(key, false) }),
      ...(ContentRedaction && { redacted: await write(key.replace(/[^/]+$/, 'redacted-$&'), true) }),
      subtitles: subtitles.map(({ at }) => at),
    };
  };

  const endOf = async (job: TranscriptionJob): Promise<Partial<TranscriptionJob>> => {
    const failure = planned.failures.shift();
    const sound: Sound | { reason: string } = failure === undefined
      ? await inspectMedia(store(), placeOf(job.request), job.request.MediaFormat)
      : { reason: failure }; // prettier-ignore
    if ('reason' in sound) return { status: 'FAILED', failureReason: sound.reason };
    const script = scriptOf(placeOf(job.request)) ?? { words: [] };
    const language = script.language ?? job.request.LanguageOptions?.[0] ?? 'en-US';
    return { status: 'COMPLETED', language, results: await writeResults(job, { ...script, language }) };
  };

  const live = async (job: TranscriptionJob): Promise<void> => {
    try {
      await clock.sleep(Math.max(0, job.createdAt + takes(placeOf(job.request)) - clock.now()), closing.signal);
    } catch {
      return; // Closed; the next process goes on with it.
    }
    const failed = {
      status: 'FAILED' as const,
      failureReason: 'There was an internal failure. Try your request again.',
    };
    const end = await endOf(job).catch(() => failed);
    const ended = { ...job, ...end, endedAt: clock.now() };
    if (closing.signal.aborted) return;
    await log.keep(ended);
    const about = { TranscriptionJobName: job.name, TranscriptionJobStatus: ended.status };
    const detail = { ...about, ...(ended.failureReason !== undefined && { FailureReason: ended.failureReason }) };
    const fault = planned.events.shift();
    if (fault === 'lost') return;
    await publish(detail);
    if (fault === 'twice') await publish(detail);
  };
  const begin = (job: TranscriptionJob): void => {
    const life = live(job).finally(() => lives.delete(life));
    lives.add(life);
  };

  const start = async (request: StartRequest) => {
    const { TranscriptionJobName: name, OutputBucketName: output = '' } = request;
    const refusal = planned.refusals.shift();
    if (refusal) throw refusal;
    checkStart(request, vocabularies);
    const { bucket, key } = placeOf(request);
    if ((await store().size(bucket, key)) === undefined)
      throw badRequest("The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your request again."); // prettier-ignore
    if (!(await store().hasBucket(output)))
      throw badRequest(`The specified S3 bucket ${output} can't be accessed. Make sure that it exists.`);
    if (find(name)) throw new AwsError('ConflictException', 'The requested job name already exists.');
    if (atWork() >= mostAtOnce)
      throw new AwsError(
        'LimitExceededException',
        `There are already ${mostAtOnce} jobs in progress. Try again later.`,
      );
    const job: TranscriptionJob = { name, request, createdAt: clock.now(), status: 'IN_PROGRESS' };
    await log.keep(job);
    most = Math.max(most, atWork());
    begin(job);
    const late = planned.lateRefusals.shift();
    if (late) throw late;
    return { TranscriptionJob: showJob(job) };
  };

  const operations: Operations = {
    StartTranscriptionJob: async (input: unknown) => {
      const request = readRequest(startShape, input, 'StartTranscriptionJob');
      return inTurn(() => start(request));
    },
    GetTranscriptionJob: async (input: unknown) => {
      const job = find(readRequest(nameShape, input, 'GetTranscriptionJob').TranscriptionJobName);
      if (!job) throw new AwsError('NotFoundException', notFound);
      return { TranscriptionJob: showJob(job) };
    },
    ListTranscriptionJobs: async (input: unknown) => {
      const request = readRequest(listShape, input, 'ListTranscriptionJobs');
      const { Status, JobNameContains = '', MaxResults = 5, NextToken = '0' } = request;
      const from = Number(NextToken);
      if (!Number.isInteger(from) || from < 0) throw badRequest('The NextToken is not one of ours.');
      const found = [...log.jobs.keys()]
        .flatMap((name) => find(name) ?? [])
        .filter(({ status }) => Status === undefined || status === Status)
        .filter(({ name }) => name.toLowerCase().includes(JobNameContains.toLowerCase()))
        .reverse();
      return {
        ...(Status && { Status }),
        TranscriptionJobSummaries: found.slice(from, from + MaxResults).map(showInList),
        ...(from + MaxResults < found.length && { NextToken: String(from + MaxResults) }),
      };
    },
    DeleteTranscriptionJob: async (input: unknown) => {
      const job = find(readRequest(nameShape, input, 'DeleteTranscriptionJob').TranscriptionJobName);
      if (!job) throw badRequest(notFound);
      if (job.status === 'IN_PROGRESS')
        throw badRequest("The requested job couldn't be deleted because it is in progress.");
      await log.remove(job.name);
      return {};
    },
  };

  return {
    /** Its scope name is `transcribe`. */
    service: jsonService({ prefix: 'Transcribe', version: '1.1', operations }),
    /** Goes on with jobs that an earlier process left; to be called when S3 and the rules are there. */
    resume: () => [...log.jobs.values()].filter(({ status }) => status === 'IN_PROGRESS').forEach(begin),
    /** The most jobs that were at work at once. */
    mostAtOnce: () => most,
    /** What becomes of the next events, one each. */
    planEvents: (...faults: ('lost' | 'twice')[]) => planned.events.push(...faults),
    /** Jobs that end next fail for these reasons, one each. */
    planFailures: (...reasons: string[]) => planned.failures.push(...reasons),
    /** The next starts are refused. */
    planRefusals: (...errors: AwsError[]) => planned.refusals.push(...errors),
    /** The next starts are done, and answered with an error all the same. */
    planLostAnswers: (...errors: AwsError[]) => planned.lateRefusals.push(...errors),
    close: async () => {
      closing.abort();
      await Promise.allSettled(lives);
    },
  };
};
