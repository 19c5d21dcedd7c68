import type { Json, Machine, Variables } from './definition.ts';
import type { HistoryEvent } from './history.ts';
import { statusChange } from './status-change.ts';
import type { StatusChange } from './status-change.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** How a task with a token was answered. */
export type Answer = { readonly output: Json } | { readonly error: string; readonly cause: string };

export interface Failed {
  readonly error?: string | undefined;
  readonly reason?: string | undefined;
  readonly missedHeartbeat?: boolean;
}

/** What a branch remembers inside its present state; all of it is needed to go on after a crash. */
export interface Progress {
  /** Attempts used by each retrier. */
  readonly retries?: readonly number[];
  /** Until when a Retry or a Wait pauses, milliseconds since 1970. */
  readonly pausedUntil?: number;
  /** Id of the event that scheduled the task in flight: its arguments and time limits are read back from there. */
  readonly scheduled?: number;
  readonly token?: string;
  /** The function that passes the token on has returned, so it is not invoked again. */
  readonly submitted?: true;
  readonly answer?: Answer;
  /** Id of the event that told the success: the result is read back from there. */
  readonly succeeded?: number;
  /** What the present attempt failed with, told in the history: only Retry, Catch and the end are still to come. */
  readonly failed?: Failed;
  /** Id of the event that started a Map or Parallel, and the inputs of its branches. */
  readonly started?: number;
  readonly inputs?: readonly Json[];
  /** The items of a Map before ItemSelector, for the context object. */
  readonly items?: readonly Json[];
  readonly concurrency?: number;
}

export interface Position {
  readonly state: string;
  readonly input: Json;
  /** The variables of this branch alone, without those of outer scopes. */
  readonly variables: Variables;
  /** Id of the event that entered the state. */
  readonly entered: number;
  readonly enteredAt: number;
  readonly progress: Progress;
  /** The execution was redriven while it stood here. */
  readonly redriven: boolean;
}

/**
 * One line of the log: everything that happens at once. It is applied in the same way while running and while reading
 * the log, so an execution in memory never knows more than its log does.
 */
export interface Entry {
  /** The branch it concerns: `/` for the machine, `/State#event/index/` for an iteration or a branch of a state. */
  readonly path?: string;
  readonly start?: { readonly arn: string; readonly name: string; readonly input: string; readonly machine: Machine };
  readonly events?: readonly HistoryEvent[];
  /** The branch goes on in the state that the last of the events entered, with these variables. */
  readonly enter?: { readonly variables: Variables };
  /** Replaces the progress inside the present state. */
  readonly progress?: Progress;
  /** The branch has ended with this output. */
  readonly done?: { readonly output: Json };
  readonly end?: {
    readonly status: Exclude<Status, 'RUNNING'>;
    readonly output?: string;
    readonly error?: string;
    readonly cause?: string;
  };
  /** The execution goes on where it failed. */
  readonly redrive?: { readonly clientToken?: string };
  /** So many status changes have reached the event bus. */
  readonly announced?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly input: string;
  readonly startedAt: number;
  status: Status;
  stoppedAt?: number;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redrivenAt?: number;
  /** Tokens of redrives, so that a repeated request is answered alike. */
  readonly redriveTokens: Map<string, number>;
  /** How many events there are. The history itself is let go of when the execution ends, and read again when asked for. */
  eventCount: number;
  readonly history: HistoryEvent[];
  readonly positions: Map<string, Position>;
  readonly done: Map<string, Json>;
  /** The last event of each branch: what its next one follows on. */
  readonly last: Map<string, number>;
  /** Status changes that the event bus has not accepted yet. */
  readonly unannounced: StatusChange[];
}

const create = (start: NonNullable<Entry['start']>, at: number): Execution => ({
  ...start,
  startedAt: at,
  status: 'RUNNING',
  redriveCount: 0,
  redriveTokens: new Map(),
  eventCount: 0,
  history: [],
  positions: new Map(),
  done: new Map(),
  last: new Map(),
  unannounced: [],
});

/** What the iterations or branches of a state did is of no use once the state is left or tried again. */
const forgetInner = (execution: Execution, path: string): void => {
  if (execution.positions.get(path)?.progress.started === undefined) return;
  for (const map of [execution.positions, execution.done, execution.last])
    for (const key of map.keys()) if (key !== path && key.startsWith(path)) map.delete(key);
};

const enter = (execution: Execution, path: string, event: HistoryEvent, variables: Variables): void => {
  const { name, input } = event.stateEnteredEventDetails as { name: string; input: string };
  forgetInner(execution, path);
  execution.positions.set(path, {
    state: name,
    input: JSON.parse(input) as Json,
    variables,
    entered: event.id,
    enteredAt: Math.round(event.timestamp * 1000),
    progress: {},
    redriven: false,
  });
};

const end = (execution: Execution, result: NonNullable<Entry['end']>, at: number): void => {
  Object.assign(execution, result, { stoppedAt: at });
  execution.unannounced.push(statusChange(execution));
};

const redrive = (execution: Execution, clientToken: string | undefined, at: number): void => {
  execution.status = 'RUNNING';
  delete execution.stoppedAt;
  delete execution.error;
  delete execution.cause;
  execution.redriveCount += 1;
  execution.redrivenAt = at;
  if (clientToken !== undefined) execution.redriveTokens.set(clientToken, at);
  for (const [path, position] of execution.positions) {
    // Retries start anew and tasks are scheduled again; a Map or Parallel keeps the branches it has finished.
    const { retries: _, succeeded: __, failed: ___, ...inner } = position.progress;
    const progress = inner.started === undefined ? {} : inner;
    execution.positions.set(path, { ...position, progress, redriven: true });
    execution.last.set(path, position.entered);
  }
  execution.unannounced.push(statusChange(execution));
};

/** Lets go of what an execution that has ended needs no more; reading its log brings it back. */
export const release = (execution: Execution): void => {
  execution.history.length = 0;
  for (const map of [execution.positions, execution.done, execution.last]) map.clear();
};

/** Gives back what `release` let go of, as it was read from the log. */
export const restore = (execution: Execution, read: Execution): void => {
  release(execution);
  execution.history.push(...read.history);
  for (const [path, position] of read.positions) execution.positions.set(path, position);
  for (const [path, output] of read.done) execution.done.set(path, output);
  for (const [path, id] of read.last) execution.last.set(path, id);
};

/** Makes the entry part of the execution; the first entry of a log makes the execution. */
export const apply = (present: Execution | undefined, entry: Entry): Execution => {
  const execution = present ?? (entry.start && create(entry.start, entry.at));
  if (!execution) throw new Error('A log of an execution begins with its start.');
  const { path, events = [] } = entry;
  for (const event of events) {
    execution.history.push(event);
    execution.eventCount = event.id;
    if (path !== undefined) execution.last.set(path, event.id);
  }
  if (entry.start) execution.unannounced.push(statusChange(execution));
  if (path !== undefined) {
    const position = execution.positions.get(path);
    const lastEvent = events.at(-1);
    if (entry.enter && lastEvent) enter(execution, path, lastEvent, entry.enter.variables);
    if (entry.progress && position) {
      if (entry.progress.started === undefined) forgetInner(execution, path);
      execution.positions.set(path, { ...position, progress: entry.progress });
    }
    if (entry.done) {
      forgetInner(execution, path);
      execution.positions.delete(path);
      execution.done.set(path, entry.done.output);
    }
  }
  if (entry.redrive) redrive(execution, entry.redrive.clientToken, entry.at);
  if (entry.end) end(execution, entry.end, entry.at);
  if (entry.announced !== undefined) execution.unannounced.splice(0, entry.announced);
  return execution;
};
