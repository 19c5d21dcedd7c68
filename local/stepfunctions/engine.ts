import { systemClock } from '../gateway/clock.ts';
import type { Clock } from '../gateway/clock.ts';
import type { Operations } from '../gateway/service.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import { createEvaluate } from './evaluate.ts';
import { createFileLog, createMemoryLog } from './log.ts';
import { createReadOperations } from './operations-read.ts';
import { createWriteOperations } from './operations-write.ts';
import { requireArn, requireName } from './request.ts';
import type { Services } from './run.ts';
import { createRunner } from './runner.ts';
import type { StatusChange } from './status-change.ts';
import { createStore } from './store.ts';
import { parseDefinition } from './validate.ts';

export type { StatusChange } from './status-change.ts';

export interface EngineOptions {
  /** Where the executions are kept; without it they live in memory. */
  readonly folder?: string;
  readonly invokeFunction: InvokeFunction;
  /** Gets the detail of «Step Functions Execution Status Change»; each is handed on until it has been accepted once. */
  readonly onStatusChange?: (event: StatusChange) => Promise<void>;
  readonly clock?: Clock;
  /** Decides the jitter of retries. */
  readonly random?: () => number;
}

export interface MachineInput {
  readonly arn: string;
  readonly name: string;
  readonly definition: unknown;
  readonly roleArn: string;
}

export interface Engine {
  /** Deploys a machine, or a new definition of it; refuses by name what does not run here as on AWS. */
  readonly putStateMachine: (machine: MachineInput) => void;
  readonly operations: Operations;
  /** Goes on with every open execution: to be called once, when the machines' functions can be invoked. */
  readonly resume: () => Promise<void>;
  /** Stops without ending executions: they go on at the next resume. */
  readonly close: () => Promise<void>;
}

export const createEngine = (options: EngineOptions): Engine => {
  const { folder, invokeFunction, onStatusChange, clock = systemClock, random = Math.random } = options;
  const log = folder === undefined ? createMemoryLog() : createFileLog(folder);
  const services: Services = { log, clock, random, invokeFunction, evaluate: createEvaluate(clock, random) };
  const store = createStore(log);
  const runner = createRunner(services, onStatusChange);
  return {
    putStateMachine: ({ arn, name, definition, roleArn }) => {
      requireArn(arn, 'stateMachine');
      requireName(name);
      parseDefinition(definition);
      const source = typeof definition === 'string' ? definition : JSON.stringify(definition);
      store.machines.set(arn, { arn, name, roleArn, source, createdAt: clock.now() });
    },
    operations: { ...createReadOperations(store), ...createWriteOperations({ store, runner, services }) },
    resume: async () => {
      for (const execution of store.executions.values()) {
        if (runner.runOf(execution.arn)) continue;
        if (execution.status === 'RUNNING') runner.go(execution);
        else runner.announce(execution);
      }
    },
    close: () => runner.close(),
  };
};
