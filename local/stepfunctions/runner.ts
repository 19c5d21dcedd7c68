import type { Branch } from './branch.ts';
import { definitionOf } from './definition.ts';
import type { Json } from './definition.ts';
import { release } from './execution.ts';
import type { Execution } from './execution.ts';
import { Interrupted, StateFailure } from './failure.ts';
import { executionFailed, executionSucceeded, executionTimedOut } from './history.ts';
import { runBlock } from './run-block.ts';
import { createController, record, sleepUntil } from './run.ts';
import type { Run, Services } from './run.ts';
import type { StatusChange } from './status-change.ts';

export interface Runner {
  /** Starts the execution, or goes on with it where its log says it stands. */
  go(execution: Execution): void;
  /** Hands on what the event bus has not accepted yet. */
  announce(execution: Execution): void;
  runOf(arn: string): Run | undefined;
  /** Stops all work without ending an execution. */
  close(): Promise<void>;
}

const root = '/';

const rootBranch = (run: Run): Branch => ({
  run,
  path: root,
  block: definitionOf(run.execution.machine),
  outer: {},
  signal: run.controller.signal,
  origin: 0,
  closing: (output) => {
    const text = JSON.stringify(output);
    return { events: [executionSucceeded(text)], end: { status: 'SUCCEEDED', output: text } };
  },
});

const fail = (run: Run, error: unknown): void => {
  const { error: name, reason } =
    error instanceof StateFailure
      ? error
      : {
          error: 'States.Runtime',
          reason: `The local engine failed: ${error instanceof Error ? error.stack : String(error)}`,
        };
  record(run, root, {
    events: [executionFailed(name, reason)],
    end: {
      status: 'FAILED',
      ...(name !== undefined && { error: name }),
      ...(reason !== undefined && { cause: reason }),
    },
  });
};

/** When the machine's own time limit is reached: counted from the start or the last redrive. */
const deadlineOf = ({ execution }: Run): number => {
  const { TimeoutSeconds: limit = Number.POSITIVE_INFINITY } = definitionOf(execution.machine);
  return (execution.redrivenAt ?? execution.startedAt) + limit * 1000;
};

const timeOut = (run: Run): void => {
  record(run, undefined, { events: [executionTimedOut()], end: { status: 'TIMED_OUT' } });
  run.controller.abort(new Interrupted());
};

const work = async (run: Run): Promise<void> => {
  const { signal } = run.controller;
  const { clock } = run.services;
  const deadline = deadlineOf(run);
  // Reached while the engine was down: no function is to be called any more.
  if (deadline <= clock.now()) return timeOut(run);
  if (Number.isFinite(deadline))
    sleepUntil(clock, deadline, signal).then(
      () => timeOut(run),
      () => undefined,
    );
  try {
    await runBlock(rootBranch(run), JSON.parse(run.execution.input) as Json);
  } catch (error) {
    if (!signal.aborted) fail(run, error);
  } finally {
    run.controller.abort(new Interrupted());
  }
};

export const createRunner = (
  services: Services,
  onStatusChange: ((event: StatusChange) => Promise<void>) | undefined,
): Runner => {
  const runs = new Map<string, { readonly run: Run; readonly ended: Promise<void> }>();
  const announcing = new Set<string>();
  let isClosed = false;

  /** In order, each until it was accepted; what is refused stays in the log and is handed on after the next resume. */
  const announceAll = async (execution: Execution): Promise<void> => {
    for (let event = execution.unannounced[0]; event && !isClosed; event = execution.unannounced[0]) {
      await onStatusChange?.(event);
      if (isClosed) return;
      record({ execution, services }, undefined, { announced: 1 });
    }
  };

  const announce = (execution: Execution): void => {
    if (isClosed || execution.unannounced.length === 0 || announcing.has(execution.arn)) return;
    announcing.add(execution.arn);
    announceAll(execution).then(
      () => {
        announcing.delete(execution.arn);
        announce(execution);
      },
      (error: unknown) => {
        announcing.delete(execution.arn);
        console.error(`A status change of ${execution.arn} was not accepted:`, error);
      },
    );
  };

  const go = (execution: Execution): void => {
    const run: Run = { execution, services, controller: createController(), waiting: new Map(), heartbeats: new Map() };
    announce(execution);
    const ended = work(run)
      .then(() => {
        if (runs.get(execution.arn)?.run === run) runs.delete(execution.arn);
        if (execution.status === 'RUNNING') return;
        announce(execution);
        release(execution);
      })
      .catch((error: unknown) =>
        console.error(`The execution ${execution.arn} stopped and will go on after a restart:`, error),
      );
    runs.set(execution.arn, { run, ended });
  };

  return {
    go,
    announce,
    runOf: (arn) => runs.get(arn)?.run,
    close: async () => {
      isClosed = true;
      const open = [...runs.values()];
      for (const { run } of open) run.controller.abort(new Interrupted());
      await Promise.all(open.map(({ ended }) => ended));
    },
  };
};
