import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../local/stepfunctions/engine.ts';
import type { Engine, EngineOptions, StatusChange } from '../../../local/stepfunctions/engine.ts';
import type { HistoryEvent } from '../../../local/stepfunctions/history.ts';
import type { LambdaOutcome } from '../../../local/lambda-outcome.ts';
import { createVirtualClock } from '../../fakes/virtual-clock.ts';
import type { VirtualClock } from '../../fakes/virtual-clock.ts';
import { isErrorOf, problemsOfOutput } from './sdk-model.ts';

export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
export const executionArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:m:${name}`;
export const roleArn = 'arn:aws:iam::000000000000:role/m';

export type Functions = Record<string, (payload: never, clock: VirtualClock) => unknown>;

export interface Fixture {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  /** Keys of the functions that were called, in order. */
  readonly called: string[];
  readonly changes: StatusChange[];
  readonly call: <T = Record<string, unknown>>(operation: string, input: object) => Promise<T>;
  readonly start: (name: string, input?: unknown) => Promise<void>;
  /** Resolves when the execution has ended, and answers its description. */
  readonly ended: (name: string) => Promise<Record<string, unknown>>;
  readonly history: (name: string) => Promise<readonly HistoryEvent[]>;
}

export const createFixture = (
  definition: unknown,
  functions: Functions,
  options: Partial<EngineOptions> = {},
): Fixture => {
  const clock = createVirtualClock();
  const called: string[] = [];
  const changes: StatusChange[] = [];
  const listeners = new Set<() => void>();

  const invoke = async (arn: string, payload: unknown): Promise<LambdaOutcome> => {
    const key = arn.split(':')[6] ?? arn;
    called.push(key);
    try {
      return { payload: (await functions[key]?.(payload as never, clock)) ?? null };
    } catch (error) {
      const { name, message } = error as Error;
      return { functionError: 'Unhandled', payload: { errorType: name, errorMessage: message } };
    }
  };

  const engine = createEngine({
    clock,
    random: () => 1,
    invokeFunction: (arn, payload) => clock.busy(() => invoke(arn, payload)),
    onStatusChange: async (change) => {
      changes.push(change);
      for (const listener of listeners) listener();
    },
    ...options,
  });
  if (definition !== undefined) engine.putStateMachine({ arn: machineArn, name: 'm', definition, roleArn });

  /** Everything that a test sees of the API is held against the model that the SDK ships. */
  const call = async <T>(operation: string, input: object): Promise<T> => {
    const answer = await engine.operations[operation]?.(input as never).catch((error: unknown) => {
      const { code = String(error) } = error as { code?: string };
      if (!isErrorOf(operation, code)) throw new Error(`${operation} may not fail with ${code}`);
      throw error;
    });
    const problems = problemsOfOutput(operation, answer);
    if (problems.length > 0) throw new Error(problems.join('; '));
    return answer as T;
  };

  const describe = (name: string) =>
    call<Record<string, unknown>>('DescribeExecution', { executionArn: executionArn(name) });

  return {
    engine,
    clock,
    called,
    changes,
    call,
    start: async (name, input = {}) => {
      await call('StartExecution', { stateMachineArn: machineArn, name, input: JSON.stringify(input) });
    },
    ended: async (name) => {
      for (;;) {
        const changed = new Promise<void>((resolve) => listeners.add(resolve));
        const description = await describe(name);
        if (description.status !== 'RUNNING') return description;
        await changed;
      }
    },
    history: async (name) => {
      const request = { executionArn: executionArn(name), maxResults: 1000 };
      return (await call<{ events: HistoryEvent[] }>('GetExecutionHistory', request)).events;
    },
  };
};

/** Folders of a test file, removed by `clean`. */
export const createFolders = () => {
  const made: string[] = [];
  const create = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'rapporteur-stepfunctions-'));
    made.push(folder);
    return folder;
  };
  return {
    create,
    copy: (from: string): string => {
      const folder = create();
      cpSync(from, folder, { recursive: true });
      return folder;
    },
    clean: (): void => {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
    },
  };
};
