import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ports } from '../../../local/cloud-options.ts';
import { projectRoot } from '../../../local/root.ts';
import { shiftedTimeFile } from './skipping-clock.ts';
import type { Operations } from './cloud-process.ts';

/** The cloud's process was killed before it answered. */
export class Gone extends Error {}

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string };

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A local cloud in a process of its own, in a folder that outlives it. */
export const startRemoteCloud = async (runFolder: string) => {
  const folder = join(runFolder, 'data');
  const logFolder = join(runFolder, 'logs');
  const timeFile = join(runFolder, 'time');
  for (const one of [folder, logFolder]) mkdirSync(one, { recursive: true });
  shiftedTimeFile(timeFile).close();
  let ports: Ports = { gateway: 0, api: 0, zoom: 0, zoomStorage: 0 };
  let child: ChildProcess | undefined;
  let calls = 0;
  let said = '';
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const seenProcesses = new Set<number>();

  const call = <Name extends keyof Operations>(
    name: Name,
    ...[input]: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> =>
    new Promise((resolve, reject) => {
      if (!child?.connected) return reject(new Gone(`The cloud is not up for ${name}. ${said}`));
      calls += 1;
      waiting.set(calls, { resolve, reject });
      child.send({ id: calls, name, input });
    });

  const start = async () => {
    const preload = join(projectRoot(), 'test/long/random/shifted-time.cjs');
    const script = join(projectRoot(), 'test/long/random/cloud-process.ts');
    said = '';
    const process_ = fork(join(projectRoot(), 'local/run.mjs'), [script, folder, logFolder, JSON.stringify(ports)], {
      execArgv: ['--no-warnings', `--require=${preload}`],
      env: { ...process.env, NODE_OPTIONS: '', SHIFTED_TIME_FILE: timeFile },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = process_;
    for (const stream of [process_.stdout, process_.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
    process_.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Gone(`The cloud's process has ended. ${said}`));
      waiting.clear();
    });
    await new Promise<void>((resolve, reject) => {
      waiting.set(0, { resolve: () => resolve(), reject });
      process_.on('message', ({ id, value, error }: Reply) => {
        const waiter = waiting.get(id);
        waiting.delete(id);
        if (error !== undefined) waiter?.reject(new Error(error));
        else waiter?.resolve(value as never);
      });
    });
    const hello = await call('hello');
    ports = hello.ports;
    return hello;
  };
  const noteProcesses = async (): Promise<void> => {
    for (const pid of await call('functionProcesses')) seenProcesses.add(pid);
  };
  const ended = (process_: ChildProcess): Promise<unknown> =>
    process_.exitCode !== null || process_.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => process_.once('exit', resolve));

  let hello = await start();
  return {
    call,
    logFolder,
    folder,
    said: () => said,
    hello: () => hello,
    noteProcesses,
    /** kill -9, then a start on the same folder and the same ports. */
    killAndStart: async (): Promise<void> => {
      const before = child;
      before?.kill('SIGKILL');
      if (before) await ended(before);
      hello = await start();
    },
    close: async (): Promise<void> => {
      const before = child;
      await call('close');
      before?.disconnect();
      if (before) await ended(before);
    },
    abandon: (): void => void child?.kill('SIGKILL'),
    /** Functions' processes that outlived the cloud; they get a moment to notice. */
    orphans: async (): Promise<number[]> => {
      const left = (): number[] => [...seenProcesses].filter(isAlive);
      for (let tries = 0; tries < 100 && left().length > 0; tries += 1) await pause(50);
      return left();
    },
  };
};

export type RemoteCloud = Awaited<ReturnType<typeof startRemoteCloud>>;
