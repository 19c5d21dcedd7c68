import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { projectRoot } from '../../../local/root.ts';
import type { Entry } from '../../../local/stepfunctions/execution.ts';
import { executionArn, machineArn } from '../../unit/local-stepfunctions/engine-fixture.ts';

/**
 * Writes down that it begins and that it ends, and waits in between until the test opens its gate: for it, not for what
 * an engine left behind that was killed before.
 */
const handler = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
const { FOLDER, KEY } = process.env;
const parent = process.ppid;
export const handler = async ({ item, token }) => {
  const name = KEY + ' ' + item;
  if (token) writeFileSync(FOLDER + '/token', token);
  appendFileSync(FOLDER + '/effects', 'begin ' + name + ' ' + process.pid + '\\n');
  while (!existsSync(FOLDER + '/gates/' + KEY + '-' + item)) await pause(10);
  if (process.ppid !== parent) process.exit();
  appendFileSync(FOLDER + '/effects', 'end ' + name + '\\n');
  return item;
};
`;

const until = async <T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(10);
  }
};

const folder = mkdtempSync(join(tmpdir(), 'rapporteur-kill-'));
let child: ChildProcess | undefined;
let sdk: SFNClient | undefined;

/** Starts the engine on what is in the folder. */
const boot = async (): Promise<void> => {
  child = spawn(process.execPath, ['local/run.mjs', 'test/local/stepfunctions/serve.ts', folder], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [endpoint] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  sdk = new SFNClient({ endpoint, region: localRegion, credentials: localCredentials, maxAttempts: 1 });
};

const kill = async (): Promise<void> => {
  sdk?.destroy();
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

const effects = (): readonly string[] => {
  const path = join(folder, 'effects');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

const count = (start: string): number => effects().filter((line) => line.startsWith(start)).length;

/** The process id of the n-th beginning of a function, as soon as it has begun. */
const begun = (name: string, times = 1): Promise<number> =>
  until(() => {
    const line = effects().filter((one) => one.startsWith(`begin ${name} `))[times - 1];
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  });

const openGate = (name: string): void => writeFileSync(join(folder, 'gates', name), '');

/** What the engine has written down so far; its last line may still be on its way. */
const entries = (): readonly Entry[] => {
  const name = readdirSync(join(folder, 'executions'))[0] ?? '';
  const text = readFileSync(join(folder, 'executions', name), 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
};

const typesSoFar = (): readonly string[] => entries().flatMap(({ events = [] }) => events.map(({ type }) => type));
const told = (type: string, times = 1): Promise<true> =>
  until(() => (typesSoFar().filter((one) => one === type).length >= times ? true : undefined));

const one = { executionArn: executionArn('one') };

test('An execution survives SIGKILL of the engine and of its functions; what was done is not repeated', async () => {
  mkdirSync(join(folder, 'gates'));
  writeFileSync(join(folder, 'handler.mjs'), handler);
  await boot();
  await sdk!.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: 'one', input: '{}' }));

  // With a function in flight: it is called again, since nobody knows how far it came.
  await begun('first x');
  await kill();
  openGate('first-x');
  await boot();

  // While it waits: the end of the wait was written down, and stays.
  await told('WaitStateEntered');
  await until(() => entries().find(({ progress }) => progress?.pausedUntil !== undefined));
  await kill();
  await boot();

  // A function's process dies: the task fails, and is retried.
  process.kill(await begun('flaky x'), 'SIGKILL');
  await told('LambdaFunctionFailed');
  // The engine dies in the pause before the retry, or right behind it.
  await kill();
  openGate('flaky-x');
  await boot();

  // While a token is out: it stays good, and the function that passed it on is not called again.
  openGate('ask-x');
  await told('TaskSubmitted');
  await kill();
  await boot();
  const taskToken = readFileSync(join(folder, 'token'), 'utf8');
  await sdk!.send(new SendTaskHeartbeatCommand({ taskToken }));
  await sdk!.send(new SendTaskSuccessCommand({ taskToken, output: '"yes"' }));

  // In the middle of a Map: two iterations are done, and one is in flight.
  openGate('load-a');
  openGate('load-b');
  await begun('load c');
  await told('MapIterationSucceeded', 2);
  await kill();
  openGate('load-c');
  await boot();

  const end = await until(async () => {
    const execution = await sdk!.send(new DescribeExecutionCommand(one));
    return execution.status === 'RUNNING' ? undefined : execution;
  });
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":"yes","loaded":["a","b","c"]}' });

  const ends = Object.fromEntries(
    ['first x', 'flaky x', 'ask x', 'load a', 'load b', 'load c'].map((name) => [name, count(`end ${name}`)]),
  );
  expect(ends).toEqual({ 'first x': 1, 'flaky x': 1, 'ask x': 1, 'load a': 1, 'load b': 1, 'load c': 1 });
  const begins = ['ask x', 'load a', 'load b'].map((name) => count(`begin ${name}`));
  expect(begins).toEqual([1, 1, 1]);

  const { events = [] } = await sdk!.send(new GetExecutionHistoryCommand({ ...one, maxResults: 1000 }));
  const timeOf = (type: HistoryEvent['type']): number =>
    events.find((event) => event.type === type)!.timestamp!.getTime();
  const waits = entries().filter(
    ({ progress }) => progress?.pausedUntil !== undefined && progress.retries === undefined,
  );
  expect(waits).toHaveLength(1);
  expect(waits[0]!.progress!.pausedUntil).toBeGreaterThanOrEqual(timeOf('WaitStateEntered') + 2000);
  expect(timeOf('WaitStateExited')).toBeGreaterThanOrEqual(waits[0]!.progress!.pausedUntil!);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'LambdaFunctionFailed')).toMatchObject([
    { lambdaFunctionFailedEventDetails: { error: 'Runtime.ExitError' } },
  ]);
}, 120_000);
