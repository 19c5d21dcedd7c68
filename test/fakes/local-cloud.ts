import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { executionNameOf, jobIdOf } from '../../core/keys.ts';
import type { Job } from '../../core/job/job.ts';
import { lookInto } from '../../local/clients.ts';
import { startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import type { InvokeFunction } from '../../local/lambda-outcome.ts';
import type { InvocationReport } from '../../local/lambda/runtime.ts';
import { projectRoot } from '../../local/root.ts';
import { createS3Faults } from '../../local/s3/faults.ts';
import type { EventName } from '../../local/zoom/event-body.ts';
import { fileKeyOf, type SimulatedMeeting } from '../../local/zoom/meeting.ts';
import type { RecordedRequest } from '../../local/zoom/requests.ts';
import type { SampleOptions } from '../../local/zoom/sample-meeting.ts';
import type { AnnounceOptions } from '../../local/zoom/simulator.ts';
import { hastyClock } from './hasty-clock.ts';
import { smallMeeting } from './meetings.ts';

type Options = Partial<
  Pick<
    CloudOptions,
    | 'folder'
    | 'ports'
    | 'functionsRunIn'
    | 'functionsRunFor'
    | 'settings'
    | 'clock'
    | 'scheduleClock'
    | 'transcription'
    | 'symbl'
  >
>;

/** What a test holds up: the next call of a function, before it begins or after it has answered. */
export type Gate = {
  /** Resolves when a call stands at the gate. */
  readonly reached: Promise<void>;
  readonly open: () => void;
};

type Break = (key: string, payload: unknown, call: () => ReturnType<InvokeFunction>) => ReturnType<InvokeFunction>;

/** Below the limit of a test, so that what did not come to hold is told instead of a time-out. */
const patienceMs = 50_000;

/** Asks until the answer is there. */
export const until = async <Value>(
  ask: () => Promise<Value | undefined | false> | Value | undefined | false,
  explain: () => string = () => 'nothing more is known',
  patience = patienceMs,
): Promise<Value> => {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await ask();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`What the test waits for did not come: ${explain()}`);
    await pause(20);
  }
};

const anyPorts = { gateway: 0, api: 0, zoom: 0, zoomStorage: 0 };

/** The whole local cloud in a folder of its own, with everything it says written down. */
export const bootLocalCloud = async (options: Options = {}) => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'rapporteur-cloud-'));
  const lines: string[] = [];
  const reports: InvocationReport[] = [];
  const errors: string[] = [];
  const breaks = new Set<Break>();
  const s3Faults = createS3Faults();

  const cloud = await startCloud({
    folder,
    packageFolder: process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local'),
    ports: options.ports ?? anyPorts,
    zoomDelays: [20, 40, 80],
    clock: options.clock ?? hastyClock(),
    ...(options.scheduleClock ? { scheduleClock: options.scheduleClock } : {}),
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.transcription ? { transcription: options.transcription } : {}),
    ...(options.symbl ? { symbl: options.symbl } : {}),
    onTaskLog: ({ line }) => lines.push(line),
    functionsRunIn: options.functionsRunIn ?? 'thread',
    ...(options.functionsRunFor === undefined ? {} : { functionsRunFor: options.functionsRunFor }),
    onLog: ({ line }) => lines.push(line),
    onInvoke: (report) => {
      reports.push(report);
      if (report.error) errors.push(`${report.function}: ${report.error}`);
    },
    aroundS3: s3Faults.around,
    aroundInvoke: (invoke) => (name, payload, signal) => {
      const key = name.slice(name.lastIndexOf('-') + 1);
      // A call that was held while its machine gave it up runs all the same: Lambda had been asked before.
      const call = () => invoke(name, payload, signal?.aborted ? undefined : signal);
      return [...breaks].reduce<typeof call>((inner, one) => () => one(key, payload, inner), call)();
    },
  });
  const look = lookInto(cloud);
  const machineArn = cloud.deployment.stateMachines[0]?.arn ?? '';
  const arnOf = (name: string): string => `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const challenge = await cloud.zoom.validate(`${cloud.api.url}/zoom/webhook`);
  if (!challenge.valid) throw new Error(`The webhook did not pass the validation: ${challenge.reason ?? ''}`);

  const lastLines = (): string =>
    lines
      .slice(-12)
      .map((line) => line.slice(0, 300))
      .join('\n');
  const job = async (jobId: string): Promise<Job | undefined> => (await look.jobs()).find((one) => one.jobId === jobId);
  const describe = (executionArn: string) => look.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const historyOf = async (executionArn: string): Promise<HistoryEvent[]> => {
    const events: HistoryEvent[] = [];
    for (let nextToken: string | undefined; ;) {
      const page = await look.sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) }),
      );
      events.push(...(page.events ?? []));
      if (!page.nextToken) return events;
      nextToken = page.nextToken;
    }
  };

  /** Lets the simulated Zoom have this meeting. */
  const recordThis = (meeting: SimulatedMeeting) => {
    cloud.zoom.addMeeting(meeting);
    return {
      meeting,
      jobId: jobIdOf(meeting.accountId, meeting.uuid),
      announce: (event: EventName, choice?: AnnounceOptions) => cloud.zoom.announce(meeting.uuid, event, choice),
    };
  };

  return {
    cloud,
    look,
    folder,
    s3Faults,
    machineArn,
    arnOf,
    /** Every line that a function logged. */
    lines,
    /** Every invocation that ended. */
    reports,
    errors,
    /** The bodies of all answers of the webhook. */
    answers: (): string[] => cloud.zoom.deliveries.flatMap((one) => one.attempts.map(({ answer }) => answer)),

    job,
    recordThis,
    /** Lets the simulated Zoom record a small meeting. */
    record: (topic: string, options: Omit<SampleOptions, 'accountId'> = {}) =>
      recordThis(smallMeeting(topic, { accountId: cloud.zoomAccountId, ...options })),
    /** `view: status` of the job's files. */
    files: async (jobId: string): Promise<string[]> =>
      (await look.files(jobId)).map(({ view, status }) => `${view}: ${status}`),
    /** How many files have come whole, archived or not yet. */
    received: async (jobId: string): Promise<number> =>
      (await look.files(jobId)).filter(({ receivedBytes }) => receivedBytes !== undefined).length,
    describe,
    historyOf,
    executions: async () =>
      (await look.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn }))).executions ?? [],
    start: async (name: string, input: unknown): Promise<string> => {
      const request = { stateMachineArn: machineArn, name, input: JSON.stringify(input) };
      return (await look.sfn.send(new StartExecutionCommand(request))).executionArn ?? '';
    },
    redrive: (executionArn: string) => look.sfn.send(new RedriveExecutionCommand({ executionArn })),

    /** The job when it has left `running` in this attempt (or a later one) and its execution has ended. */
    closed: (jobId: string, attempt = 1, patience = patienceMs): Promise<Job> =>
      until(
        async () => {
          const found = await job(jobId);
          if (!found || found.status === 'running' || found.attempt < attempt) return undefined;
          const name = found.origin === 'hand' ? undefined : executionNameOf(jobId, found.attempt);
          if (name && (await describe(arnOf(name))).status === 'RUNNING') return undefined;
          return found;
        },
        lastLines,
        patience,
      ),
    /** The execution when it does not run any more. */
    ended: (executionArn: string) =>
      until(async () => {
        const execution = await describe(executionArn);
        return execution.status !== 'RUNNING' && execution;
      }, lastLines),

    /** Names of the states in the order in which they were entered, from a history event on. */
    visited: async (executionArn: string, from = 0): Promise<string[]> =>
      (await historyOf(executionArn))
        .slice(from)
        .flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []),

    /** The simulator's requests for bytes of this meeting, as file ids. */
    downloads: (meeting: SimulatedMeeting, origin: RecordedRequest['origin'] = 'storage'): string[] => {
      const keys = new Map(meeting.files.map((file) => [fileKeyOf(meeting, file), file.id]));
      return cloud.zoom.requests
        .filter((request) => request.origin === origin)
        .flatMap(({ path }) => [...keys].flatMap(([key, id]) => (path.includes(key) ? [id] : [])))
        .sort();
    },
    /** How often the simulator was asked about something: `token`, `recordings`, `download`, ... */
    asked: (route: string): number => cloud.zoom.requests.filter((request) => request.route === route).length,
    mailsAbout: async (topic: string) => (await cloud.mail.list()).filter(({ subject }) => subject.includes(topic)),

    /** Puts something in place of, or around, the calls of functions; returns its removal. */
    interfere: (way: Break): (() => void) => {
      breaks.add(way);
      return () => void breaks.delete(way);
    },
    /** Holds the next call of a function for a job. */
    hold: (jobId: string, functionKey: string, when: 'before' | 'after'): Gate => {
      let arrive = (): void => undefined;
      let open = (): void => undefined;
      const reached = new Promise<void>((resolve) => (arrive = resolve));
      const opened = new Promise<void>((resolve) => (open = resolve));
      const way: Break = async (key, payload, call) => {
        if (key !== functionKey || (payload as { jobId?: string }).jobId !== jobId) return call();
        breaks.delete(way);
        const outcome = when === 'after' ? await call() : undefined;
        arrive();
        await opened;
        return outcome ?? call();
      };
      breaks.add(way);
      return { reached, open };
    },

    /** Ends the processes' part; the folder stays. */
    close: async (): Promise<void> => {
      look.close();
      await cloud.close();
    },
    remove: (): void => rmSync(folder, { recursive: true, force: true }),
  };
};

export type LocalCloud = Awaited<ReturnType<typeof bootLocalCloud>>;
