import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { lookInto } from '../../../local/clients.ts';
import { startCloud } from '../../../local/cloud.ts';
import type { Ports } from '../../../local/cloud-options.ts';
import { projectRoot } from '../../../local/root.ts';
import type { EventName } from '../../../local/zoom/event-body.ts';
import type { Fault } from '../../../local/zoom/faults.ts';
import type { SimulatedMeeting } from '../../../local/zoom/meeting.ts';
import type { AnnounceOptions } from '../../../local/zoom/simulator.ts';
import type { Delivery } from '../../../local/zoom/webhooks.ts';
import { startFaultProxy, type AwsFault } from './fault-proxy.ts';
import { createSkippingClock, shiftedTimeFile } from './skipping-clock.ts';
import { takeSnapshot } from './snapshot.ts';

/** A local cloud that its parent process drives by messages, and kills. Started by `remote.ts`. */
const [folder = '', logFolder = '', givenPorts = ''] = process.argv.slice(2);

/** What becomes of the next calls of the function that hears of ended executions. */
export type EventFate = 'lost' | 'doubled' | 'failed';

const time = shiftedTimeFile(process.env.SHIFTED_TIME_FILE ?? '');
const { clock, busy, atWork, pass } = createSkippingClock(time);
const fates: EventFate[] = [];
let invocations = 0;
const late: { proxy?: Awaited<ReturnType<typeof startFaultProxy>>; pids?: () => number[] } = {};
/** On disk at once, so that a kill loses no line. */
const writeDown = (name: string, value: unknown): void =>
  appendFileSync(join(logFolder, `${name}.jsonl`), `${JSON.stringify(value)}\n`);

const cloud = await startCloud({
  folder,
  packageFolder: process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local'),
  ports: JSON.parse(givenPorts) as Ports,
  functionsRunIn: 'process',
  zoomDelays: [50, 100, 200],
  clock,
  onLog: ({ line }) => writeDown('functions', line),
  onInvoke: () => (invocations += 1),
  aroundInvoke: (invoke) => (name, payload, signal) =>
    busy(async () => {
      if (!name.endsWith('executionEnded')) return invoke(name, payload, signal);
      const fate = fates.shift();
      if (fate === 'lost') return { payload: null };
      if (fate === 'failed')
        return { functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'a test' } };
      if (fate === 'doubled') await invoke(name, payload, signal);
      return invoke(name, payload, signal);
    }),
  aroundEnvironment: async (given) => {
    const preload = join(projectRoot(), 'test/long/random/shifted-time.cjs');
    late.proxy = await startFaultProxy(given.AWS_ENDPOINT_URL ?? '', (pid) => late.pids?.().includes(pid) === true);
    return {
      ...given,
      AWS_ENDPOINT_URL: late.proxy.url,
      NODE_OPTIONS: `--no-warnings --require=${preload}`,
      SHIFTED_TIME_FILE: process.env.SHIFTED_TIME_FILE ?? '',
    };
  },
});
late.pids = () => cloud.lambda.environments().flatMap(({ pid }) => pid ?? []);
const { proxy } = late;
// Through the proxy, which keeps the time of the answers right and breaks calls of functions alone.
const look = lookInto({ ...cloud, gateway: { ...cloud.gateway, url: proxy?.url ?? '' } });
const machineArn = cloud.deployment.stateMachines[0]?.arn ?? '';

const executions = async () =>
  (await look.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn, maxResults: 1000 }))).executions ?? [];

/** Deliveries of events to functions that have not ended. */
const undelivered = (): number => {
  const open = new Set<string>();
  for (const line of readFileSync(join(folder, 'events', 'deliveries.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)) {
    const entry = JSON.parse(line) as { open?: { id: string }; ended?: string };
    if (entry.open) open.add(entry.open.id);
    else open.delete(entry.ended ?? '');
  }
  return open.size;
};

const restless = async (): Promise<string[]> => {
  const running = (await executions()).filter(({ status }) => status === 'RUNNING');
  const pending = cloud.zoom.deliveries.filter(({ outcome }) => outcome === 'pending').length;
  return [
    ...running.map(({ name }) => `execution ${name} runs`),
    ...(pending > 0 ? [`${pending} webhooks are on their way`] : []),
    ...(undelivered() > 0 ? [`${undelivered()} events are on their way`] : []),
    ...(atWork() > 0 ? [`${atWork()} functions work`] : []),
  ];
};

const outcomeOf = ({ body, attempts }: Delivery) => {
  writeDown('sent', { body });
  for (const { answer } of attempts) writeDown('answers', answer);
  return {
    isAccepted: attempts.some(({ status }) => status === 200),
    statuses: attempts.map(({ status }) => status ?? 0),
  };
};

/** Time stands still until each is delivered or given up: else hours could pass between two tries, and stamps age. */
const delivered = (announce: () => Promise<Delivery[]>): Promise<Delivery[]> =>
  busy(async () => {
    const deliveries = await announce();
    await Promise.all(deliveries.map(({ settled }) => settled));
    return deliveries;
  });

const operations = {
  hello: async () => {
    for (let tries = 0; ; tries += 1) {
      const { valid, reason } = await cloud.zoom.validate(`${cloud.api.url}/zoom/webhook`);
      if (valid) break;
      if (tries === 20) throw new Error(`The webhook did not pass the validation: ${reason ?? ''}`);
    }
    const portOf = (url: string): number => Number(new URL(url).port);
    const ports: Ports = {
      gateway: cloud.gateway.port,
      api: portOf(cloud.api.url),
      zoom: portOf(cloud.zoom.url),
      zoomStorage: portOf(cloud.zoom.storageOrigin),
    };
    return { ports, zoomAccountId: cloud.zoomAccountId, apiUrl: cloud.api.url };
  },
  addMeeting: async (meeting: SimulatedMeeting) => cloud.zoom.addMeeting(meeting),
  announce: async (input: { uuid: string; event: EventName; choice: AnnounceOptions }) =>
    (await delivered(() => cloud.zoom.announce(input.uuid, input.event, input.choice))).map(outcomeOf),
  post: async (body: string) => outcomeOf(await busy(() => cloud.zoom.post(body))),
  removeFiles: async (input: { uuid: string; fileIds?: string[] }) => cloud.zoom.removeFiles(input.uuid, input.fileIds),
  zoomFault: async (fault: Fault) => void cloud.zoom.inject(fault),
  awsFault: async (fault: AwsFault) => proxy?.inject(fault),
  eventFate: async (fate: EventFate) => void fates.push(fate),
  heal: async () => {
    cloud.zoom.faults.clear();
    proxy?.clear();
    fates.length = 0;
  },
  start: async (input: { name: string; input: unknown }) =>
    void (await look.sfn.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name: input.name, input: JSON.stringify(input.input) }),
    )),
  stop: async (which: number) => {
    const running = (await executions()).filter(({ status }) => status === 'RUNNING');
    const one = running[which % Math.max(running.length, 1)];
    if (one) await look.sfn.send(new StopExecutionCommand({ executionArn: one.executionArn }));
  },
  /** Redrives one of the executions that ended badly, or all of them; says how many. */
  redrive: async (which: number | 'all') => {
    const ended = (await executions()).filter(({ status }) => status !== 'RUNNING' && status !== 'SUCCEEDED');
    const chosen = which === 'all' ? ended : ended.slice(which % Math.max(ended.length, 1)).slice(0, 1);
    for (const { executionArn } of chosen) await look.sfn.send(new RedriveExecutionCommand({ executionArn }));
    return chosen.length;
  },
  /** Waits until so many more invocations have ended, or nothing is left to be done. */
  work: async (count: number) => {
    const from = invocations;
    while (invocations < from + count && (await restless()).length > 0) await pause(15);
  },
  killFunction: async (which: number) => {
    const pids = late.pids?.() ?? [];
    const pid = pids[which % Math.max(pids.length, 1)];
    if (pid) process.kill(pid, 'SIGKILL');
  },
  /** Moves time when no function is at work. */
  pass: async (milliseconds: number) => {
    while (atWork() > 0) await pause(5);
    pass(milliseconds);
  },
  rest: async (patienceMillis: number) => {
    const until = performance.now() + patienceMillis;
    for (let quiet = 0; quiet < 3;) {
      const why = await restless();
      if (why.length > 0 && performance.now() > until) return why;
      quiet = why.length === 0 ? quiet + 1 : 0;
      await pause(15);
    }
    return [];
  },
  functionProcesses: async () => late.pids?.() ?? [],
  snapshot: async () => takeSnapshot(cloud, look, machineArn),
  close: async () => {
    look.close();
    await cloud.close();
    proxy?.close();
    time.close();
  },
};
export type Operations = typeof operations;

process.on('message', ({ id, name, input }: { id: number; name: keyof Operations; input: never }) => {
  operations[name](input).then(
    (value: unknown) => process.send?.({ id, value }),
    (error: unknown) =>
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// Nobody else ends a cloud whose test has gone.
process.on('disconnect', () => process.exit(1));
process.send?.({ id: 0, value: 'up' });
