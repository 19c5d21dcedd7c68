import { AwsError } from '../gateway/aws-error.ts';
import type { Machine } from './definition.ts';
import { apply, release, restore } from './execution.ts';
import type { Entry, Execution } from './execution.ts';
import type { HistoryEvent } from './history.ts';
import type { Log } from './log.ts';

/** The machines that are deployed, and every execution there ever was. */
export interface Store {
  readonly machines: Map<string, Machine>;
  readonly executions: Map<string, Execution>;
  machine(arn: string): Machine;
  execution(arn: string): Execution;
  /** The history, which an execution that has ended does not hold in memory. */
  history(arn: string): readonly HistoryEvent[];
  /** The execution with all that it needs to go on. */
  restore(arn: string): Execution;
}

const replay = (entries: readonly Entry[]): Execution | undefined =>
  entries.reduce<Execution | undefined>(apply, undefined);

const isComplete = ({ history, eventCount }: Execution): boolean => history.length === eventCount;

export const createStore = (log: Log): Store => {
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  for (const entries of log.all()) {
    const execution = replay(entries);
    if (!execution) continue;
    if (execution.status !== 'RUNNING') release(execution);
    executions.set(execution.arn, execution);
  }
  const execution = (arn: string): Execution => {
    const found = executions.get(arn);
    if (!found) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return found;
  };
  return {
    machines,
    executions,
    execution,
    machine: (arn) => {
      const found = machines.get(arn);
      if (!found) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
      return found;
    },
    history: (arn) => {
      const found = execution(arn);
      return isComplete(found) ? found.history : (replay(log.read(arn))?.history ?? []);
    },
    restore: (arn) => {
      const found = execution(arn);
      const read = isComplete(found) ? undefined : replay(log.read(arn));
      if (read) restore(found, read);
      return found;
    },
  };
};
