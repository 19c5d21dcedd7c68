import * as z from 'zod';
import type { Operations } from '../gateway/service.ts';
import type { Execution } from './execution.ts';
import { withoutData } from './history.ts';
import { pageShape, paginate, readRequest, requireArn } from './request.ts';
import { redriveObstacle } from './status-change.ts';
import type { Store } from './store.ts';
import { problemsOf } from './validate.ts';

const seconds = (milliseconds: number): number => milliseconds / 1000;

const times = (execution: Execution) => ({
  startDate: seconds(execution.startedAt),
  ...(execution.stoppedAt !== undefined && { stopDate: seconds(execution.stoppedAt) }),
  redriveCount: execution.redriveCount,
  ...(execution.redrivenAt !== undefined && { redriveDate: seconds(execution.redrivenAt) }),
});

const included = { included: true } as const;
const arn = z.string().min(1).max(256);
const includedData = z.literal('ALL_DATA').optional();

const describeExecution = (store: Store) => async (input: unknown) => {
  const request = readRequest({ executionArn: arn, includedData }, input, 'DescribeExecution');
  requireArn(request.executionArn, 'execution');
  const execution = store.execution(request.executionArn);
  const obstacle = redriveObstacle(execution);
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    ...times(execution),
    input: execution.input,
    inputDetails: included,
    ...(execution.output !== undefined && { output: execution.output, outputDetails: included }),
    ...(execution.error !== undefined && { error: execution.error }),
    ...(execution.cause !== undefined && { cause: execution.cause }),
    redriveStatus: obstacle === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(obstacle !== undefined && { redriveStatusReason: obstacle }),
  };
};

const getExecutionHistory = (store: Store) => async (input: unknown) => {
  const shape = {
    executionArn: arn,
    reverseOrder: z.boolean().optional(),
    includeExecutionData: z.boolean().optional(),
    ...pageShape,
  };
  const request = readRequest(shape, input, 'GetExecutionHistory');
  requireArn(request.executionArn, 'execution');
  const history = store.history(request.executionArn);
  const ordered = request.reverseOrder ? history.toReversed() : history;
  const { page, ...rest } = paginate(ordered, request);
  return { events: request.includeExecutionData === false ? page.map(withoutData) : page, ...rest };
};

const listExecutions = (store: Store) => async (input: unknown) => {
  const shape = {
    stateMachineArn: arn,
    statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']).optional(),
    // Belongs to a Map Run: beside a state machine AWS refuses it.
    redriveFilter: z.undefined({ error: 'is not allowed beside stateMachineArn' }).optional(),
    ...pageShape,
  };
  const request = readRequest(shape, input, 'ListExecutions');
  requireArn(request.stateMachineArn, 'stateMachine');
  store.machine(request.stateMachineArn);
  const matching = [...store.executions.values()].filter(
    ({ machine, status }) =>
      machine.arn === request.stateMachineArn &&
      (request.statusFilter === undefined || status === request.statusFilter),
  );
  const { page, ...rest } = paginate(
    matching.sort((one, other) => other.startedAt - one.startedAt),
    request,
  );
  return {
    executions: page.map((execution) => ({
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      name: execution.name,
      status: execution.status,
      ...times(execution),
    })),
    ...rest,
  };
};

const listStateMachines = (store: Store) => async (input: unknown) => {
  const { page, ...rest } = paginate([...store.machines.values()], readRequest(pageShape, input, 'ListStateMachines'));
  return {
    stateMachines: page.map((machine) => ({
      stateMachineArn: machine.arn,
      name: machine.name,
      type: 'STANDARD',
      creationDate: seconds(machine.createdAt),
    })),
    ...rest,
  };
};

const describeStateMachine = (store: Store) => async (input: unknown) => {
  const request = readRequest({ stateMachineArn: arn, includedData }, input, 'DescribeStateMachine');
  requireArn(request.stateMachineArn, 'stateMachine');
  const machine = store.machine(request.stateMachineArn);
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    definition: machine.source,
    roleArn: machine.roleArn,
    type: 'STANDARD',
    creationDate: seconds(machine.createdAt),
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
};

const validateStateMachineDefinition = async (input: unknown) => {
  const shape = {
    definition: z.string(),
    type: z.enum(['STANDARD']).optional(),
    severity: z.enum(['ERROR', 'WARNING']).optional(),
    maxResults: z.int().min(0).max(100).optional(),
  };
  const request = readRequest(shape, input, 'ValidateStateMachineDefinition');
  const problems = problemsOf(request.definition);
  const most = request.maxResults || 100;
  return {
    result: problems.length === 0 ? 'OK' : 'FAIL',
    diagnostics: problems.slice(0, most).map((problem) => ({ severity: 'ERROR', ...problem })),
    truncated: problems.length > most,
  };
};

/** Operations that only look. */
export const createReadOperations = (store: Store): Operations => ({
  DescribeExecution: describeExecution(store),
  GetExecutionHistory: getExecutionHistory(store),
  ListExecutions: listExecutions(store),
  ListStateMachines: listStateMachines(store),
  DescribeStateMachine: describeStateMachine(store),
  DescribeStateMachineForExecution: async (input: unknown) => {
    const request = readRequest({ executionArn: arn, includedData }, input, 'DescribeStateMachineForExecution');
    requireArn(request.executionArn, 'execution');
    const { machine } = store.execution(request.executionArn);
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      definition: machine.source,
      roleArn: machine.roleArn,
      updateDate: seconds(machine.createdAt),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  },
  ValidateStateMachineDefinition: validateStateMachineDefinition,
});
