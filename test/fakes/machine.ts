import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createEngine } from '../../local/stepfunctions/engine.ts';
import type { Engine } from '../../local/stepfunctions/engine.ts';
import type { HistoryEvent } from '../../local/stepfunctions/history.ts';
import type { LambdaOutcome } from '../../local/lambda-outcome.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a fake function can do besides answering and throwing. */
export interface Call {
  readonly signal: AbortSignal;
  readonly clock: VirtualClock;
  /** Takes this much virtual time. */
  readonly sleep: (seconds: number) => Promise<void>;
  /** Never answers; ends when the task is given up. */
  readonly hang: () => Promise<never>;
}

/** Answers the function's result; an error thrown reaches the machine as its name and message. */
export type FakeFunction = (payload: never, call: Call) => unknown;

export interface MachineResult {
  readonly status: string;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Names of the states in the order in which they were entered; after a redrive, of those it went on with or entered. */
  readonly visited: string[];
  /** Payloads by function key, those of earlier attempts included; after a redrive, those since. */
  readonly calls: Record<string, unknown[]>;
  /** Virtual seconds it took. */
  readonly seconds: number;
  readonly history: readonly HistoryEvent[];
  readonly redrive: () => Promise<MachineResult>;
}

export interface FakeMachine {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly run: (input: unknown) => Promise<MachineResult>;
}

const functionArn = (key: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${key}`;
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const roleArn = 'arn:aws:iam::000000000000:role/machine';

/** `!GetAtt fetchMetadata.Arn`, as YAML gives it: the machine file's way to name a function. */
const getAtt = {
  tag: '!GetAtt',
  resolve: (text: string): string => {
    const [key, attribute] = text.split('.');
    if (!key || attribute !== 'Arn') throw new Error(`A machine names a function as !GetAtt key.Arn, not: ${text}`);
    return functionArn(key);
  },
};

/** Anything else CloudFormation would fill in has no meaning to a machine by itself: it stays as it was written. */
const asWritten = ['!Ref', '!Sub'].map((tag) => ({ tag, resolve: (text: string): string => text }));

/** Reads a machine file: the definition itself, or what serverless-step-functions wraps around it. */
export const readMachine = (yaml: string): unknown => {
  const document: unknown = parse(yaml, { customTags: [getAtt, ...asWritten], merge: true });
  const holds = (value: unknown, key: string): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && key in value;
  if (holds(document, 'States')) return document;
  if (holds(document, 'definition')) return document.definition;
  const [only] = Object.values(document ?? {}) as unknown[];
  if (holds(only, 'definition')) return only.definition;
  if (holds(only, 'States')) return only;
  throw new Error('The YAML holds no machine: neither States nor a definition.');
};

const failureOf = (error: unknown): LambdaOutcome => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { functionError: 'Unhandled', payload: { errorType: name, errorMessage: message, trace: [] } };
};

/** The states that the events show, in order; a redriven task is found by the event it goes on from. */
const statesIn = (history: readonly HistoryEvent[], from: number): string[] => {
  const nameOf = (event: HistoryEvent | undefined): string | undefined =>
    (event?.stateEnteredEventDetails as { name: string } | undefined)?.name;
  const resumed = new Set<string>();
  return history.slice(from).flatMap((event) => {
    const entered = nameOf(event);
    if (entered !== undefined) return [entered];
    const before = nameOf(history[event.previousEventId - 1]);
    if (before === undefined || event.previousEventId > from || resumed.has(String(event.previousEventId))) return [];
    resumed.add(String(event.previousEventId));
    return [before];
  });
};

/**
 * A machine in the local engine with fakes for its functions, by function key. Time is virtual, and jitter always takes
 * the whole delay, so that times can be told exactly.
 */
export const createMachine = (definition: unknown, functions: Record<string, FakeFunction>): FakeMachine => {
  const clock = createVirtualClock();
  let calls: Record<string, unknown[]> = {};
  const endings = new Map<string, () => void>();

  const call = async (key: string, payload: unknown, signal: AbortSignal): Promise<LambdaOutcome> => {
    const fake = functions[key];
    if (!fake) throw new Error(`The test has no fake for the function '${key}'.`);
    (calls[key] ??= []).push(structuredClone(payload));
    const tools: Call = {
      signal,
      clock,
      sleep: (seconds) => clock.idle(clock.sleep(seconds * 1000, signal)),
      hang: () =>
        clock.idle(new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))),
    };
    try {
      // As Lambda does: the answer travels as JSON.
      const answer: unknown = await fake(structuredClone(payload) as never, tools);
      return { payload: answer === undefined ? null : (JSON.parse(JSON.stringify(answer)) as unknown) };
    } catch (error) {
      return failureOf(error);
    }
  };

  const engine = createEngine({
    clock,
    random: () => 1,
    invokeFunction: (arn, payload, signal = new AbortController().signal) =>
      clock.busy(() => call(arn.split(':')[6] ?? arn, payload, signal)),
    onStatusChange: async ({ status, executionArn }) => {
      if (status !== 'RUNNING') endings.get(executionArn)?.();
    },
  });
  engine.putStateMachine({ arn: machineArn, name: 'machine', definition, roleArn });

  const operate = async <T>(name: string, input: unknown): Promise<T> =>
    (await engine.operations[name]?.(input as never)) as T;

  const follow = async (executionArn: string, from: number, ended: Promise<void>): Promise<MachineResult> => {
    const startedAt = clock.now();
    await ended;
    const end = await operate<{ status: string; output?: string; error?: string; cause?: string }>(
      'DescribeExecution',
      {
        executionArn,
      },
    );
    const history: HistoryEvent[] = [];
    for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
      const request = { executionArn, maxResults: 1000, ...(nextToken !== undefined && { nextToken }) };
      const page = await operate<{ events: HistoryEvent[]; nextToken?: string }>('GetExecutionHistory', request);
      history.push(...page.events);
      nextToken = page.nextToken;
    }
    return {
      status: end.status,
      output: end.output === undefined ? undefined : (JSON.parse(end.output) as unknown),
      error: end.error,
      cause: end.cause,
      visited: statesIn(history, from),
      calls,
      seconds: (clock.now() - startedAt) / 1000,
      history,
      redrive: async () => {
        calls = {};
        const next = ending(executionArn);
        await operate('RedriveExecution', { executionArn });
        return follow(executionArn, history.length + 1, next);
      },
    };
  };

  const ending = (executionArn: string): Promise<void> =>
    new Promise((resolve) => {
      endings.set(executionArn, resolve);
    });

  let started = 0;
  return {
    engine,
    clock,
    run: async (input) => {
      calls = {};
      const name = `run-${++started}`;
      const ended = ending(`${machineArn.replace(':stateMachine:', ':execution:')}:${name}`);
      const request = { stateMachineArn: machineArn, name, input: JSON.stringify(input) };
      const { executionArn } = await operate<{ executionArn: string }>('StartExecution', request);
      return follow(executionArn, 0, ended);
    },
  };
};

/** A machine by its file, for example `statemachines/recording.yml`. */
export const loadMachine = (path: string, functions: Record<string, FakeFunction>): FakeMachine =>
  createMachine(readMachine(readFileSync(path, 'utf8')), functions);
