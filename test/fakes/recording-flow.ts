import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { machineStartedBy } from '../../core/aws/machine.ts';
import { findInsights } from '../../core/insight/find-insights.ts';
import type { Mail } from '../../core/mail/mail.ts';
import type { Download, DownloadRequest } from '../../core/media/open-download.ts';
import { functionLimits } from '../../core/media/merge/estimate.ts';
import { downloadPlan, type DownloadPlan } from '../../core/media/plan.ts';
import { PermanentError } from '../../core/step/errors.ts';
import { step } from '../../core/step/step.ts';
import { normaliseFiles } from '../../core/zoom/files.ts';
import { executionEnded } from '../../functions/events/execution-ended/execution-ended.ts';
import { zoomWebhook } from '../../functions/http/zoom-webhook/zoom-webhook.ts';
import * as close from '../../functions/recording/close-job/close-job.ts';
import * as download from '../../functions/recording/download-part/download-part.ts';
import * as fetch from '../../functions/recording/fetch-metadata/fetch-metadata.ts';
import * as insights from '../../functions/recording/find-insights/find-insights.ts';
import * as finish from '../../functions/recording/finish-file/finish-file.ts';
import * as merge from '../../functions/recording/merge-media/merge-media.ts';
import * as plan from '../../functions/recording/plan-download/plan-download.ts';
import * as merges from '../../functions/recording/plan-merge/plan-merge.ts';
import * as transcript from '../../functions/recording/read-transcript/read-transcript.ts';
import * as summary from '../../functions/recording/send-summary/send-summary.ts';
import { createEngine, type StatusChange } from '../../local/stepfunctions/engine.ts';
import { fakeBucket } from './bucket.ts';
import { fakeJobs } from './jobs.ts';
import { keyOf } from './mail-world.ts';
import { lambdaContext } from './lambda.ts';
import { readMachine } from './machine.ts';
import { listingOf, meetingUuid } from './recordings.ts';
import { plainSettings } from './settings.ts';
import { readFrom } from './tones.ts';
import { createVirtualClock } from './virtual-clock.ts';

const secret = 'secret-token-of-the-app';
const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:recording';
const definition = readMachine(readFileSync('statemachines/recording.yml', 'utf8'));

/** A file of the meeting: how Zoom tells of it, and its bytes. */
export type MeetingFile = { readonly told: object & { readonly download_url?: string }; readonly bytes: Buffer };
export type MeetingFiles = Readonly<Record<string, MeetingFile>>;

type World = {
  readonly files: MeetingFiles;
  /** What Zoom's REST API lists at this moment, by name of the file; undefined: the app has only webhooks. */
  readonly listed: () => readonly string[] | undefined;
  /** Called before each call that a step makes to the job table: here events come in between. */
  readonly between: (call: string) => Promise<void>;
  /** Called after each such call: throws where its answer is lost. */
  readonly after: () => void;
  readonly settings?: { readonly transcriptWaitMinutes?: number; readonly mailOnLateTranscript?: boolean };
};

/**
 * Webhook, machine and all steps as they are, on the job table, the bucket, Zoom and the mail service in memory.
 * Time is virtual; one engine runs all executions.
 */
export const recordingFlow = ({ files, listed, between, after, settings = {} }: World) => {
  const clock = createVirtualClock(Date.parse('2026-01-12T16:00:00Z'));
  const now = () => new Date(clock.now());
  const table = fakeJobs(now);
  const bucket = fakeBucket();
  const plans = new Map<string, string>();
  const mails: Mail[] = [];
  const received: string[] = [];
  const executions = new Map<string, string>();
  const failing = new Set<string>();

  const jobs = Object.fromEntries(
    Object.entries(table).map(([name, call]) => [
      name,
      typeof call !== 'function'
        ? call
        : async (...given: never[]) => {
            await between(name);
            const answer = await (call as (...args: never[]) => Promise<unknown>)(...given);
            after();
            return answer;
          },
    ]),
  ) as typeof table;

  /** What the REST API answers: its addresses differ from those of events, its token too. */
  const listing = () =>
    listingOf(
      (listed() ?? []).map((name) => ({
        ...files[name]?.told,
        download_url: `https://zoom.us/rec/download/${name}/rest`,
      })),
      { download_access_token: 'rest-token' },
    );
  const zoom = {
    hasCredentials: () => Promise.resolve(listed() !== undefined),
    recording: () => Promise.resolve(listing()),
    alternativeHosts: () => Promise.resolve([]),
    downloads: () => Promise.resolve({ files: normaliseFiles(listing()), token: 'rest-token' }),
  };
  const open = async ({ url, token }: DownloadRequest): Promise<Download> => {
    const [, name = '', variant = ''] = /\/rec\/(?:webhook_)?download\/([^/]+)\/(\w+)$/.exec(url) ?? [];
    if (token !== `${variant}-token`) throw new Error(`the token ${token} does not open ${url}`);
    const bytes = files[name]?.bytes ?? Buffer.alloc(0);
    received.push(name);
    const body = (async function* () {
      yield bytes;
    })();
    return {
      status: 200,
      headers: {},
      length: bytes.length,
      endIsMarked: true,
      etag: undefined,
      contentRange: undefined,
      rangeIgnored: false,
      body,
      finalOrigin: 'https://zoom.us',
      close: () => undefined,
    };
  };
  const objects = {
    read: (key: string) => Promise.resolve(bucket.objects.get(key)?.bytes.toString('utf8')),
    write: async (key: string, text: string, contentType: string) =>
      void bucket.objects.set(key, { bytes: Buffer.from(text), about: { contentType }, crc32: '' }),
    remove: async (key: string) => void bucket.objects.delete(key),
    sizes: async (folder: string) =>
      new Map([...bucket.objects].flatMap(([key, { bytes }]) => (key.startsWith(folder) ? [[key, bytes.length]] : []))),
  };
  const planStore = {
    write: async (key: string, written: DownloadPlan) => void plans.set(key, JSON.stringify(written)),
    read: async (key: string) => downloadPlan.parse(JSON.parse(plans.get(key) ?? 'null')),
  };
  const mailer = { send: (mail: Mail) => Promise.resolve({ messageId: `mail-${mails.push(mail)}` }) };
  const { archive } = bucket;
  const { progress } = jobs;
  const rules = { ...plainSettings, minimumDurationMinutes: 0, waitMinutes: 60, needsAlternativeHosts: false };
  const words = { jobs, objects };
  const read = readFrom({ get: (key) => bucket.objects.get(key)?.bytes });
  // The merges themselves have suites of their own; here each is tried, and the recording goes on without it.
  const ffmpeg = () => Promise.reject(new PermanentError('FILE_NOT_AS_EXPECTED', 'nothing is merged here'));
  const media = { archive, read, ffmpeg, scratch: tmpdir(), limits: functionLimits };
  const copies = { jobs, plans: planStore, zoom, archive, open, now };
  const mailing = {
    links: { watch: () => Promise.resolve(() => 'https://example.org/r/1'), token: () => Promise.resolve('t') },
    stopList: { find: () => Promise.resolve(undefined) },
    addressKey: (address: string) => Promise.resolve(keyOf(address)),
    claimLastsMs: 60_000,
    settings: {
      mailAlso: '',
      mailNever: '',
      publicUrl: 'https://example.org',
      linkDays: 90,
      onLateTranscript: settings.mailOnLateTranscript ?? false,
    },
  };
  const functions: Record<string, (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>> = {
    fetchMetadata: step({ name: 'FetchMetadata', input: fetch.input, progress, run: fetch.fetchMetadata({ jobs, zoom, now, rules }) }),
    planDownload: step({ name: 'PlanDownload', input: plan.input, progress, run: plan.planDownload({ ...plainSettings, ...copies, mediaTask: false }) }),
    downloadPart: step({ name: 'DownloadPart', input: download.input, progress, run: download.downloadPart(copies) }),
    finishFile: step({ name: 'FinishFile', input: finish.input, progress, run: finish.finishFile({ jobs, plans: planStore, archive }) }),
    planMerge: step({ name: 'PlanMerge', input: merges.input, progress, run: merges.planMerge({ jobs, read, hasMediaTask: false }) }),
    mergeMedia: step({ name: 'MergeMedia', input: merge.input, progress, run: merge.mergeMedia({ ...words, now, media }) }),
    readTranscript: step({ name: 'ReadTranscript', input: transcript.input, progress, run: transcript.readTranscript({ ...words, now, waitMinutes: settings.transcriptWaitMinutes ?? 0 }) }),
    findInsights: step({ name: 'FindInsights', input: insights.input, progress, run: insights.findInsights({ ...words, engine: async (given) => findInsights(given) }) }),
    sendSummary: step({ name: 'SendSummary', input: summary.input, progress, run: summary.sendSummary({ ...words, ...mailing, mailer, now }) }),
    closeJob: step({ name: 'CloseJob', input: close.input, progress, run: close.closeJob({ jobs }) }),
  }; // prettier-ignore

  const invoke = async (key: string, payload: unknown) => {
    try {
      const answer = await functions[key]?.(structuredClone(payload), lambdaContext(900_000));
      failing.delete(key);
      return { payload: JSON.parse(JSON.stringify(answer ?? null)) as unknown };
    } catch (error) {
      failing.add(key);
      const { name, message } = error as Error;
      return { functionError: 'Unhandled' as const, payload: { errorType: name, errorMessage: message, trace: [] } };
    }
  };
  const engine = createEngine({
    clock,
    random: () => 1,
    invokeFunction: (arn, payload) => clock.busy(() => invoke(arn.split(':')[6] ?? arn, payload)),
    onStatusChange: async (change: StatusChange) => {
      if (change.status !== 'RUNNING' && change.status !== 'SUCCEEDED') await ended({ detail: change as never });
      // Only then it is over: the function that is told of a failure may have started the next attempt.
      executions.set(change.name, change.status);
    },
  });
  engine.putStateMachine({
    arn: stateMachineArn,
    name: 'recording',
    definition,
    roleArn: 'arn:aws:iam::000000000000:role/machine',
  });
  const operate = (name: string, input: object): Promise<unknown> =>
    (engine.operations[name]?.(input as never) ?? Promise.reject(new Error(`no operation ${name}`))).catch(
      (error: Error & { code?: string }) => {
        // The SDK names an error after its code.
        throw Object.assign(error, { name: error.code ?? error.name });
      },
    );
  const machine = machineStartedBy(
    async (input) => {
      await operate('StartExecution', input);
      if (!executions.has(String(input.name))) executions.set(String(input.name), 'RUNNING');
    },
    { recordingMachine: stateMachineArn },
  );
  const ended = executionEnded({ jobs: table, machine });
  const webhook = zoomWebhook({
    secrets: () => Promise.resolve([secret]),
    jobs: table,
    machine,
    now,
    windowSeconds: 5_400,
  });

  return {
    table, bucket, mails, received, executions, clock,
    /** The functions whose last run failed. */
    failing,
    /** Delivers an event as Zoom does, signed. */
    deliver: async (event: object): Promise<void> => {
      const body = Buffer.from(JSON.stringify(event));
      const timestamp = String(Math.floor(clock.now() / 1_000));
      const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
      const { status } = await webhook({ headers: { 'x-zm-request-timestamp': timestamp, 'x-zm-signature': signature }, body });
      if (status !== 200) throw new Error(`the webhook answered ${status}`);
    },
    start: (name: string, input: object) => operate('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) }).then(() => void executions.set(name, 'RUNNING')),
    redrive: async (name: string): Promise<void> => {
      executions.set(name, 'RUNNING');
      await operate('RedriveExecution', { executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}` });
    },
    /** Waits until no execution runs. */
    quiet: async (): Promise<void> => {
      while ([...executions.values()].includes('RUNNING')) await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => engine.close(),
  }; // prettier-ignore
};

export const eventAbout = (files: MeetingFiles, names: readonly string[], variant: string, about: object = {}) => ({
  event: names.every((name) => name.startsWith('words')) ? 'recording.transcript_completed' : 'recording.completed',
  event_ts: Date.parse('2026-01-12T15:59:00Z'),
  download_token: `${variant}-token`,
  payload: {
    account_id: 'account',
    object: {
      ...{
        uuid: meetingUuid,
        id: 85746065432,
        topic: 'Reading room',
        type: 2,
        duration: 31,
        host_email: 'ada@example.org',
      },
      ...{ start_time: '2026-01-12T15:00:14Z', timezone: 'Europe/Zurich' },
      recording_files: names.map((name) => ({
        ...files[name]?.told,
        download_url: `https://${variant}.zoom.us/rec/webhook_download/${name}/${variant}`,
        ...about,
      })),
    },
  },
});
