import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../gateway/clock.ts';
import { startContainer, type ContainerProcess } from './container-process.ts';
import type { DeployedContainer, DeployedTaskDefinition, StopCode, Task } from './task.ts';

/** How long each stage of a task takes, in milliseconds. On Fargate it is half a minute to two minutes in all. */
export interface Pace {
  readonly provisioning: number;
  readonly pending: number;
  readonly deprovisioning: number;
}

export interface LifeParts {
  readonly folder: string;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly definitionOf: (task: Task) => DeployedTaskDefinition | undefined;
  /** What the image of a container would run here; nothing is an image that cannot be pulled. */
  readonly commandOf: (container: DeployedContainer) => readonly string[] | undefined;
  readonly environmentOf: (task: Task, container: DeployedContainer) => Promise<Record<string, string>>;
  readonly onLine: (task: Task, line: string) => void;
  /** On disk, and told to EventBridge. */
  readonly changed: (task: Task) => Promise<void>;
}

export interface Life {
  /** Resolves when the task has stopped. */
  readonly ended: Promise<void>;
  readonly pids: () => number[];
  stop(code: StopCode, reason: string): Promise<void>;
  /** Ends its processes without a word. */
  kill(): void;
}

/** Why a task could not be started, in the words of ECS. */
export class CannotStart extends Error {}

export const startLife = (task: Task, parts: LifeParts): Life => {
  const { clock, pace, changed } = parts;
  const stopping = new AbortController();
  const running = new Map<string, { process: ContainerProcess; container: DeployedContainer }>();
  const home = join(parts.folder, task.id);
  let killed = false;

  const change = async (set: Partial<Task>): Promise<void> => {
    if (killed) return;
    Object.assign(task, set, { version: task.version + 1 });
    await changed(task);
  };
  const beginStop = async (code: StopCode, reason: string): Promise<void> => {
    if (task.desiredStatus === 'STOPPED' || killed) return;
    await change({ desiredStatus: 'STOPPED', stopCode: code, stoppedReason: reason, stoppingAt: clock.now() });
    stopping.abort();
  };

  const startContainers = async (): Promise<void> => {
    const containers = parts.definitionOf(task)?.containers ?? [];
    if (containers.length === 0) throw new CannotStart('TaskDefinition is inactive');
    await mkdir(home, { recursive: true });
    for (const container of containers) {
      const command = parts.commandOf(container);
      if (!command)
        throw new CannotStart(
          `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${container.image}: not found`,
        );
      const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
      const environment = { ...(await parts.environmentOf(task, container)), TMPDIR: home };
      // A stop that came meanwhile leaves nothing to start.
      if (stopping.signal.aborted || killed) return;
      const [program = '', ...rest] = command;
      const process = startContainer({
        command: [program, ...rest, ...(override?.command ?? [])],
        environment,
        folder: home,
        onLine: (line) => parts.onLine(task, line),
      });
      running.set(container.name, { process, container });
    }
  };

  /** Resolves when an essential container has exited; each exit is written down. */
  const essentialExit = (): Promise<void> =>
    new Promise((resolve) => {
      for (const [name, { process, container }] of running)
        void process.exited.then((exitCode) => {
          const row = task.containers.find((one) => one.name === name);
          if (row) Object.assign(row, { status: 'STOPPED', exitCode });
          running.delete(name);
          if (container.essential || running.size === 0) resolve();
        });
    });

  const endContainers = async (): Promise<void> => {
    await Promise.all(
      [...running.values()].map(async ({ process, container }) => {
        process.signal('SIGTERM');
        // The grace is one of real time: the container's own work does not follow the clock of a test.
        const timer = setTimeout(() => process.signal('SIGKILL'), container.stopTimeout * 1_000);
        await process.exited;
        clearTimeout(timer);
      }),
    );
  };

  const pause = (milliseconds: number): Promise<void> =>
    // A stop ends the waiting; what follows sees it.
    clock.sleep(milliseconds, stopping.signal).catch(() => undefined);

  const live = async (): Promise<void> => {
    await pause(pace.provisioning);
    if (!stopping.signal.aborted) await change({ lastStatus: 'PENDING' });
    await pause(pace.pending);
    try {
      if (!stopping.signal.aborted) await startContainers();
    } catch (error) {
      if (!(error instanceof CannotStart)) throw error;
      for (const container of task.containers) container.reason = error.message;
      await beginStop('TaskFailedToStart', error.message);
    }
    const exited = running.size > 0 ? essentialExit() : Promise.resolve();
    if (!stopping.signal.aborted) {
      for (const container of task.containers) container.status = 'RUNNING';
      await change({ lastStatus: 'RUNNING', startedAt: clock.now() });
      const stopped = new Promise<void>((resolve) =>
        stopping.signal.aborted
          ? resolve()
          : stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([exited, stopped]);
      await beginStop('EssentialContainerExited', 'Essential container in task exited');
    }
    await endContainers();
    await change({ lastStatus: 'DEPROVISIONING' });
    if (!killed) await clock.sleep(pace.deprovisioning, new AbortController().signal);
    for (const container of task.containers) container.status = 'STOPPED';
    await change({ lastStatus: 'STOPPED', stoppedAt: clock.now() });
    await rm(home, { recursive: true, force: true });
  };

  return {
    ended: live(),
    pids: () => [...running.values()].flatMap(({ process }) => process.pid ?? []),
    stop: beginStop,
    kill: () => {
      killed = true;
      for (const { process } of running.values()) process.signal('SIGKILL');
      stopping.abort();
    },
  };
};
