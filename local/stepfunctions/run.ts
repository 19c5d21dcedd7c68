import { setMaxListeners } from 'node:events';
import type { Clock } from '../gateway/clock.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import type { Evaluate } from './evaluate.ts';
import { apply } from './execution.ts';
import type { Entry, Execution } from './execution.ts';
import { Interrupted, StateFailure } from './failure.ts';
import { historyLimit } from './history.ts';
import type { EventDraft, HistoryEvent } from './history.ts';
import type { Log } from './log.ts';

export interface Services {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly evaluate: Evaluate;
  readonly invokeFunction: InvokeFunction;
}

/** An execution at work in this process. */
export interface Run {
  readonly execution: Execution;
  readonly services: Services;
  /** Aborted when the execution ends or the engine closes. */
  readonly controller: AbortController;
  /** Called when a task token has been answered. */
  readonly waiting: Map<string, () => void>;
  /** When the holder of a task token was last heard of, milliseconds since 1970. */
  readonly heartbeats: Map<string, number>;
}

export type Change = Omit<Entry, 'events' | 'at' | 'path'> & { readonly events?: readonly EventDraft[] };

const stamp = (execution: Execution, drafts: readonly EventDraft[], path: string | undefined, at: number) => {
  let previous = path === undefined ? 0 : (execution.last.get(path) ?? 0);
  return drafts.map((draft, index): HistoryEvent => {
    const event: HistoryEvent = {
      id: execution.eventCount + index + 1,
      previousEventId: draft.previous ?? previous,
      timestamp: at / 1000,
      type: draft.type,
      ...(draft.details && { [draft.details[0]]: draft.details[1] }),
    };
    previous = event.id;
    return event;
  });
};

/** Writes a change to the log, then makes it part of the execution: the one way in which an execution changes. */
export const record = (run: Pick<Run, 'execution' | 'services'>, path: string | undefined, change: Change): void => {
  const { execution, services } = run;
  const { events: drafts = [], ...rest } = change;
  // The last place is kept for the event that ends the execution.
  if (execution.eventCount + drafts.length > (change.end ? historyLimit : historyLimit - 1))
    throw new StateFailure(
      'States.Runtime',
      `The execution reached the maximum number of history events (${historyLimit}).`,
    );
  const at = services.clock.now();
  const entry: Entry = {
    ...rest,
    at,
    ...(path !== undefined && { path }),
    ...(drafts.length > 0 && { events: stamp(execution, drafts, path, at) }),
  };
  services.log.append(execution.arn, entry);
  apply(execution, entry);
};

/** A controller that many branches may listen to. */
export const createController = (): AbortController => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
};

/** Aborted with the first of the two. */
export const either = (one: AbortSignal, other: AbortSignal): AbortSignal => {
  const signal = AbortSignal.any([one, other]);
  setMaxListeners(0, signal);
  return signal;
};

/** The promise, unless the signal is aborted before it is settled. */
export const interruptible = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const interrupt = (): void => reject(new Interrupted());
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });

/** The longest time a timer of Node takes; more would fire at once. */
const longestTimer = 2 ** 31 - 1;

export const sleepUntil = async (clock: Clock, until: number, signal: AbortSignal): Promise<void> => {
  for (let left = until - clock.now(); left > 0; left = until - clock.now()) {
    try {
      await clock.sleep(Math.min(left, longestTimer), signal);
    } catch (error) {
      throw signal.aborted ? new Interrupted() : error;
    }
  }
};
