import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';

import type { LocalFunction, SandboxMode } from '../../../local/lambda/local-function.ts';
import { createLambda } from '../../../local/lambda/runtime.ts';
import type { InvocationReport, Lambda, LambdaOptions } from '../../../local/lambda/runtime.ts';
import { projectRoot } from '../../../local/root.ts';
import { handlerFolder } from './handlers.ts';

const handlers = handlerFolder();
const open: Lambda[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rapporteur-marks-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((lambda) => lambda.close()));
  rmSync(folder, { recursive: true, force: true });
});
afterAll(handlers.remove);

const start = (fn: LocalFunction, options: Partial<LambdaOptions> = {}) => {
  const reports: InvocationReport[] = [];
  const lambda = createLambda({
    functions: [fn],
    baseEnvironment: {},
    onInvoke: (report) => reports.push(report),
    ...options,
  });
  open.push(lambda);
  return { ...lambda, reports };
};

/** Says that it began by a file, and ends when another file appears. */
const WAITS = `
  import { existsSync, writeFileSync } from 'node:fs';
  let served = 0;
  export const handler = async ({ began, until }) => {
    served += 1;
    writeFileSync(began, '');
    while (!existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 2));
    return { pid: process.pid, served };
  };`;

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};
const mark = (name: string): string => join(folder, name);
const begun = (name: string) => until(() => existsSync(mark(name)));
const release = (): void => writeFileSync(mark('go'), '');
const event = (name: string) => ({ began: mark(name), until: mark('go') });

test('a busy function gets further environments up to its limit, and more invocations wait', async () => {
  const { invoke, environments } = start(handlers.write('busy', WAITS), { concurrency: 2 });
  const running = ['a', 'b', 'c'].map((name) => invoke('busy', event(name)));
  await Promise.all([begun('a'), begun('b')]);
  expect(environments()).toHaveLength(2);
  expect(existsSync(mark('c'))).toBe(false);
  release();
  const outcomes = await Promise.all(running);
  expect(outcomes.map(({ payload }) => (payload as { served: number }).served).sort()).toEqual([1, 1, 2]);
  expect(environments()).toHaveLength(2);
});

test('the concurrency that the template reserves is the limit of that function', async () => {
  const { invoke, environments } = start(handlers.write('single', WAITS, { concurrency: 1 }));
  const running = ['a', 'b'].map((name) => invoke('single', event(name)));
  await begun('a');
  expect(environments()).toHaveLength(1);
  release();
  const outcomes = await Promise.all(running);
  expect(outcomes.map(({ payload }) => (payload as { served: number }).served)).toEqual([1, 2]);
});

test('a hundred invocations at once are all answered', async () => {
  const { invoke, reports } = start(handlers.write('many', `export const handler = async (n) => n * 2;`));
  const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => invoke('many', n)));
  expect(outcomes.map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, n) => n * 2));
  expect(reports).toHaveLength(100);
});

test('an environment that is idle for long is given up', async () => {
  const { invoke, environments } = start(handlers.write('idle', `export const handler = async () => 1;`), {
    idleMs: 10,
  });
  await invoke('idle', {});
  await until(() => environments().length === 0);
  await expect(invoke('idle', {})).resolves.toEqual({ payload: 1 });
});

test('a caller that gives up hears so at once, and the function runs on', async () => {
  const { invoke, reports } = start(handlers.write('abandoned', WAITS));
  const controller = new AbortController();
  const outcome = invoke('abandoned', event('a'), controller.signal);
  await begun('a');
  controller.abort(new Error('no longer wanted'));
  await expect(outcome).rejects.toThrow('no longer wanted');
  expect(reports).toHaveLength(0);
  release();
  await until(() => reports.length === 1);
  expect(reports[0]).not.toHaveProperty('error');
});

test('a caller that gives up while it waits for an environment starts nothing', async () => {
  const { invoke, reports } = start(handlers.write('queued', WAITS), { concurrency: 1 });
  const first = invoke('queued', event('a'));
  await begun('a');
  const controller = new AbortController();
  const second = invoke('queued', event('b'), controller.signal);
  controller.abort(new Error('no longer wanted'));
  await expect(second).rejects.toThrow('no longer wanted');
  release();
  await first;
  await expect(invoke('queued', event('c'))).resolves.toMatchObject({ payload: { served: 2 } });
  expect(existsSync(mark('b'))).toBe(false);
  expect(reports).toHaveLength(2);
});

test.each<SandboxMode>(['thread', 'process'])(
  'closing ends what runs in a %s without calling it a failure',
  async (mode) => {
    const { invoke, close, reports, environments } = start(handlers.write('closing', WAITS), { mode, concurrency: 1 });
    const outcomes = Promise.allSettled([invoke('closing', event('a')), invoke('closing', event('b'))]);
    await begun('a');
    await close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'The local Lambda is closed.' } });
    }
    await expect(invoke('closing', event('c'))).rejects.toThrow('The local Lambda is closed.');
    expect(reports).toHaveLength(0);
    expect(environments()).toHaveLength(0);
  },
);

test('a function whose process is killed fails like a killed Lambda, and the next invocation gets a new process', async () => {
  const { invoke, environments, reports } = start(handlers.write('killed', WAITS), { mode: 'process' });
  const outcome = invoke('killed', event('a'));
  await begun('a');
  const [environment] = environments();
  process.kill(environment?.pid ?? 0, 'SIGKILL');
  await expect(outcome).resolves.toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: killed$/) },
  });
  release();
  const next = (await invoke('killed', event('b'))).payload as { pid: number };
  expect(next.pid).not.toBe(environment?.pid);
  expect(reports.map(({ error, coldStart }) => [error, coldStart])).toEqual([
    ['Runtime.ExitError', true],
    [undefined, true],
  ]);
});

test('a function whose parent was killed does not live on', async () => {
  const worker = join(projectRoot(), 'local/lambda/worker.mjs');
  const script = `console.log(require('node:child_process').fork(${JSON.stringify(worker)}).pid); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(
    await new Promise<string>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(text.toString()))),
  );
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
