import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TranscribeClient } from '@aws-sdk/client-transcribe';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { transcribeApi } from '../../core/aws/transcribe.ts';
import { openLeases, defaultWindowMs } from '../../core/lease/leases.ts';
import { step } from '../../core/step/step.ts';
import { transcribeDriver } from '../../core/transcription/transcribe/driver.ts';
import { transcribeSettings } from '../../core/transcription/transcribe/settings.ts';
import { pollTranscriptions } from '../../functions/events/poll-transcriptions/poll-transcriptions.ts';
import { transcriptionEnded } from '../../functions/events/transcription-ended/transcription-ended.ts';
import * as awaiting from '../../functions/recording/await-transcription/await-transcription.ts';
import * as reading from '../../functions/recording/read-transcript/read-transcript.ts';
import * as starting from '../../functions/recording/start-transcription/start-transcription.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../local/gateway/gateway.ts';
import { createEngine, type Engine } from '../../local/stepfunctions/engine.ts';
import type { MediaStore } from '../../local/transcribe/media.ts';
import { createTranscribe, type LocalTranscribe } from '../../local/transcribe/transcribe.ts';
import { job as anyJob } from '../unit/mail/cases.ts';
import { lambdaContext } from '../fakes/lambda.ts';
import { fakeLeaseRows } from '../fakes/lease-rows.ts';
import { readMachine } from '../fakes/machine.ts';
import { fakeObjects } from '../fakes/objects.ts';
import { prefix, soundFile } from '../fakes/speech.ts';
import { fakeSpeechRows } from '../fakes/speech-rows.ts';
import { createVirtualClock } from '../fakes/virtual-clock.ts';

const meetings = 200;
const cap = 50;
const minute = 60_000;
const bucket = 'archive';
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:recording';
const jobIdOf = (meeting: number): string => `zoom-${String(meeting).padStart(24, '0')}`;

let folder: string;
let gateway: Gateway;
let client: TranscribeClient;
let transcribe: LocalTranscribe;
let engine: Engine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'many-meetings-'));
});
afterEach(async () => {
  await engine.close();
  await transcribe.close();
  client.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});

test('200 meetings share 50 places at Transcribe: never 51 at once, and all are heard, though 20 end without a goodbye', async () => {
  const clock = createVirtualClock(Date.parse('2026-01-12T16:10:00Z'));
  const now = () => new Date(clock.now());
  const objects = fakeObjects();
  const media: MediaStore = {
    size: async () => 4,
    read: async () => Buffer.from('fLaC'),
    hasBucket: async () => true,
    write: async (_bucket, key, text) => void objects.stored.set(key, text),
  };
  // Each job's end is told before time goes on; of every fourth it is not told at all.
  const ends: (() => void)[] = [];
  let told = 0;
  transcribe = await createTranscribe({
    folder,
    store: () => media,
    takes: () => 20 * minute,
    scriptOf: ({ key }) => ({ language: 'en-US', words: [{ text: key, startSeconds: 0, endSeconds: 1 }] }),
    clock: {
      now: () => clock.now(),
      sleep: async (milliseconds, signal) => {
        await clock.sleep(milliseconds, signal);
        void clock.busy(() => new Promise<void>((resolve) => ends.push(resolve)));
      },
    },
    publish: async (detail) => {
      if ((told += 1) % 4 !== 0) await transcriptionEnded(speech)({ detail: detail as { TranscriptionJobName: string } });
      ends.shift()?.();
    },
  });
  gateway = await startGateway({ port: 0, services: { transcribe: transcribe.service } });
  client = new TranscribeClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials, maxAttempts: 1 });

  const driver = transcribeDriver({
    api: transcribeApi(client, client),
    bucket,
    settings: transcribeSettings.parse({}),
    inspect: async () => ({ bytes: 1_000, durationSeconds: 2_391, channels: 1 }),
    objects,
  });
  const leases = openLeases(fakeLeaseRows(), { driver: 'transcribe', cap, windowMs: defaultWindowMs }, () => clock.now());
  const isHeard = async (taskToken: string): Promise<boolean> => {
    try {
      await engine.operations.SendTaskSuccess?.({ taskToken, output: '{}' } as never);
      return true;
    } catch {
      return false;
    }
  };
  const speech = { driver, rows: fakeSpeechRows(now), leases, prefix, now, answer: isHeard };

  // Twenty crash when they are started, each with its execution: ten with a place and nothing at Transcribe, ten with
  // work there of which they know nothing.
  const crashing = new Map(Array.from({ length: 20 }, (_, index) => [jobIdOf(index * 10), index % 2 === 0 ? 'before' : 'after']));
  const crashed = new Set<string>();
  const crash = async (jobId: string): Promise<never> => {
    crashed.add(jobId);
    await engine.operations.StopExecution?.({ executionArn: executionOf(jobId) } as never);
    throw new Error('killed');
  };
  const crashDriver = {
    ...driver,
    start: async (work: Parameters<typeof driver.start>[0]) => {
      const when = crashed.has(work.jobId) ? undefined : crashing.get(work.jobId);
      if (when === 'before') await crash(work.jobId);
      const answer = await driver.start(work);
      if (when === 'after') await crash(work.jobId);
      return answer;
    },
  };
  const executionOf = (jobId: string): string => `${machineArn.replace(':stateMachine:', ':execution:')}:${jobId}-1`;

  const ofMeeting = (jobId: string) => ({ ...anyJob(), jobId, folder: `a/${jobId}/`, revision: 1, seenRevision: 1 });
  const jobs = {
    get: async (jobId: string) => ofMeeting(jobId),
    files: async (jobId: string) => [soundFile('sound', { jobId, key: `a/${jobId}/000-audio_only.flac`, extension: 'm4a' })],
    merges: async () => [],
    addNote: async () => undefined,
    dropNotes: async () => undefined,
  };
  const { input: readInput, readTranscript } = reading;
  const steps: Record<string, (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>> = {
    fetchMetadata: async (event) => ({ jobId: (event as { jobId: string }).jobId, decision: 'download' }),
    planDownload: async () => ({ planKey: 'jobs/plan.json', items: [], files: [], oversized: false }),
    planMerge: async () => ({ indexes: [], oversized: false }),
    readTranscript: step({ name: 'ReadTranscript', input: readInput, run: readTranscript({ jobs, objects, speech, now, waitMinutes: 0 }) }),
    startTranscription: step({ name: 'StartTranscription', input: starting.input, run: starting.startTranscription({ jobs, speech: { ...speech, driver: crashDriver }, random: Math.random }) }),
    awaitTranscription: step({ name: 'AwaitTranscription', input: awaiting.input, run: awaiting.awaitTranscription({ speech, answer: isHeard }) }),
    findInsights: async () => ({}),
    sendSummary: async () => ({}),
    closeJob: async () => ({ isComplete: true }),
  };
  const ended = new Map<string, string>();
  engine = createEngine({
    clock,
    random: Math.random,
    invokeFunction: (arn, payload) =>
      clock.busy(async () => {
        try {
          const answer = await steps[arn.split(':')[6] ?? '']?.(structuredClone(payload), lambdaContext(900_000));
          return { payload: JSON.parse(JSON.stringify(answer ?? null)) as unknown };
        } catch (error) {
          const { name, message } = error as Error;
          return { functionError: 'Unhandled' as const, payload: { errorType: name, errorMessage: message, trace: [] } };
        }
      }),
    onStatusChange: async ({ executionArn, status }) => void ended.set(executionArn, status),
  });
  const definition = readMachine(await readFile('statemachines/recording.yml', 'utf8'));
  engine.putStateMachine({ arn: machineArn, name: 'recording', definition, roleArn: 'arn:aws:iam::000000000000:role/m' });

  const poll = pollTranscriptions(speech);
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      await clock.sleep(5 * minute, new AbortController().signal);
      await clock.busy(() => poll({}));
    }
  };
  const count = (status: string): number => [...ended.values()].filter((one) => one === status).length;

  await clock.busy(async () => {
    for (let meeting = 0; meeting < meetings; meeting += 1) {
      const jobId = jobIdOf(meeting);
      await engine.operations.StartExecution?.({ stateMachineArn: machineArn, name: `${jobId}-1`, input: JSON.stringify({ jobId }) } as never);
    }
  });
  // Those who crashed left their places behind; healing finds them, or the others could not all be heard.
  await until(async () => count('SUCCEEDED') === meetings - 20 && (await leases.rows.list('transcribe')).length === 0);
  expect(crashed.size).toBe(20);
  expect(count('ABORTED')).toBe(20);

  for (const jobId of crashed) await engine.operations.RedriveExecution?.({ executionArn: executionOf(jobId) } as never);
  await until(() => count('SUCCEEDED') === meetings);
  expect(transcribe.mostAtOnce()).toBeLessThanOrEqual(cap);
  // Places of those who crashed before they started anything stand empty for a while.
  expect(transcribe.mostAtOnce()).toBeGreaterThan(cap - 10);
  for (let meeting = 0; meeting < meetings; meeting += 1)
    expect(objects.stored.get(`a/${jobIdOf(meeting)}/transcript.txt`)).toContain(`a/${jobIdOf(meeting)}/`);
  expect(await leases.rows.list('transcribe')).toEqual([]);
  const minutes = (clock.now() - Date.parse('2026-01-12T16:10:00Z')) / minute;
  // Four times twenty minutes, and what waiting and healing take.
  expect(minutes).toBeGreaterThan(80);
  expect(minutes).toBeLessThan(300);
}, 120_000); // prettier-ignore
