import type { Execution } from './execution.ts';
import { historyLimit } from './history.ts';

/** The detail of EventBridge's «Step Functions Execution Status Change». */
export interface StatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineVersionArn: null;
  readonly stateMachineAliasArn: null;
  readonly name: string;
  readonly status: string;
  /** Milliseconds since 1970, unlike in the API. */
  readonly startDate: number;
  readonly stopDate: number | null;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly inputDetails: { readonly included: true };
  readonly outputDetails: { readonly included: true } | null;
  readonly redriveCount: number;
  readonly redriveDate: number | null;
  readonly redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE';
  readonly redriveStatusReason: string | null;
}

/** Why the execution cannot be redriven, or nothing. The 14 days of AWS are not counted: a local cloud sleeps at night. */
export const redriveObstacle = (execution: Execution): string | undefined => {
  if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED')
    return `Execution is ${execution.status} and cannot be redriven`;
  return execution.eventCount >= historyLimit - 1 ? 'Execution history event limit exceeded' : undefined;
};

export const statusChange = (execution: Execution): StatusChange => {
  const obstacle = redriveObstacle(execution);
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt,
    stopDate: execution.stoppedAt ?? null,
    input: execution.input,
    output: execution.output ?? null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    inputDetails: { included: true },
    outputDetails: execution.output === undefined ? null : { included: true },
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt ?? null,
    redriveStatus: obstacle === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    redriveStatusReason: obstacle ?? null,
  };
};
