import { executionArn, machineArn } from '../../unit/local-stepfunctions/engine-fixture.ts';

/** What is there when the request comes: a machine, an execution that has ended, one that waits for a token. */
export type World = 'machine' | 'ended' | 'asking';

export interface ErrorCase {
  readonly operation: string;
  readonly error: string;
  readonly world: World;
  /** The requests that are refused so; `taskToken` is that of the execution that waits. */
  readonly inputs: (taskToken: string) => readonly object[];
}

const none = { executionArn: executionArn('none') };
const noMachine = { stateMachineArn: `${machineArn}-none` };
const ended = { executionArn: executionArn('one') };
const start = { stateMachineArn: machineArn };
const long = JSON.stringify('x'.repeat(262_143));
const page = { nextToken: 'made up' };

const wrongExecution = () => [{ executionArn: 'nonsense' }, { executionArn: machineArn }];
const wrongMachine = () => [{ stateMachineArn: 'nonsense' }, { stateMachineArn: executionArn('one') }];

const rows: readonly (readonly [
  operation: string,
  error: string,
  inputs: (taskToken: string) => readonly object[],
  world?: World,
])[] = [
  ['StartExecution', 'ExecutionAlreadyExists', () => [{ ...start, name: 'one' }], 'ended'],
  ['StartExecution', 'InvalidArn', wrongMachine],
  ['StartExecution', 'InvalidExecutionInput', () => [{ ...start, input: '{nonsense' }]],
  [
    'StartExecution',
    'InvalidName',
    () => ['with blank', 'x'.repeat(81), 'a/b', 'a*'].map((name) => ({ ...start, name })),
  ],
  ['StartExecution', 'StateMachineDoesNotExist', () => [noMachine]],
  ['StartExecution', 'ValidationException', () => [{ ...start, input: long }]],
  ['StopExecution', 'ExecutionDoesNotExist', () => [none]],
  ['StopExecution', 'InvalidArn', wrongExecution],
  [
    'StopExecution',
    'ValidationException',
    () => [
      { ...ended, error: 'x'.repeat(257) },
      { ...ended, cause: 'x'.repeat(32_769) },
    ],
  ],
  ['RedriveExecution', 'ExecutionDoesNotExist', () => [none]],
  ['RedriveExecution', 'ExecutionNotRedrivable', () => [ended], 'ended'],
  ['RedriveExecution', 'InvalidArn', wrongExecution],
  ['RedriveExecution', 'ValidationException', () => [{ ...ended, clientToken: 'x'.repeat(65) }], 'ended'],
  ['DescribeExecution', 'ExecutionDoesNotExist', () => [none]],
  ['DescribeExecution', 'InvalidArn', wrongExecution],
  ['DescribeStateMachine', 'InvalidArn', wrongMachine],
  ['DescribeStateMachine', 'StateMachineDoesNotExist', () => [noMachine]],
  ['DescribeStateMachineForExecution', 'ExecutionDoesNotExist', () => [none]],
  ['DescribeStateMachineForExecution', 'InvalidArn', wrongExecution],
  ['GetExecutionHistory', 'ExecutionDoesNotExist', () => [none]],
  ['GetExecutionHistory', 'InvalidArn', wrongExecution],
  ['GetExecutionHistory', 'InvalidToken', () => [{ ...ended, ...page }], 'ended'],
  ['ListExecutions', 'InvalidArn', wrongMachine],
  ['ListExecutions', 'InvalidToken', () => [{ ...start, ...page }]],
  ['ListExecutions', 'StateMachineDoesNotExist', () => [noMachine]],
  [
    'ListExecutions',
    'ValidationException',
    () => [
      { ...start, maxResults: 1001 },
      { ...start, statusFilter: 'DONE' },
      // AWS knows this filter for Map Runs alone.
      { ...start, redriveFilter: 'REDRIVEN' },
    ],
  ],
  ['ListStateMachines', 'InvalidToken', () => [page]],
  ['SendTaskSuccess', 'InvalidOutput', (taskToken) => [{ taskToken, output: '{nonsense' }], 'asking'],
  ['SendTaskSuccess', 'InvalidToken', () => [{ taskToken: 'made up', output: '1' }]],
  ['SendTaskFailure', 'InvalidToken', () => [{ taskToken: 'made up' }]],
  ['SendTaskHeartbeat', 'InvalidToken', () => [{ taskToken: 'made up' }]],
  // The token comes from elsewhere: its execution is not known here.
  ['SendTaskSuccess', 'TaskDoesNotExist', (taskToken) => [{ taskToken, output: '1' }]],
  ['SendTaskFailure', 'TaskDoesNotExist', (taskToken) => [{ taskToken }]],
  ['SendTaskHeartbeat', 'TaskDoesNotExist', (taskToken) => [{ taskToken }]],
  // The execution that waited has ended.
  ['SendTaskSuccess', 'TaskTimedOut', (taskToken) => [{ taskToken, output: '1' }], 'ended'],
  ['SendTaskFailure', 'TaskTimedOut', (taskToken) => [{ taskToken }], 'ended'],
  ['SendTaskHeartbeat', 'TaskTimedOut', (taskToken) => [{ taskToken }], 'ended'],
  ['ValidateStateMachineDefinition', 'ValidationException', () => [{ definition: '{}', maxResults: 101 }]],
];

export const errorCases: readonly ErrorCase[] = rows.map(([operation, error, inputs, world = 'machine']) => ({
  operation,
  error,
  inputs,
  world,
}));
