import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  InvalidOutput,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  CreateStateMachineCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskDoesNotExist,
  ValidateStateMachineDefinitionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { executionArn, machineArn, roleArn } from '../../unit/local-stepfunctions/engine-fixture.ts';
import { one, passing, start, startAsking } from './start-engine.ts';

describe('The SDK gets its own typed errors', () => {
  const none = { executionArn: executionArn('none') };
  const nonsense = { executionArn: 'nonsense' };
  const wrongKind = { executionArn: machineArn };

  test('for executions that do not exist', async () => {
    const { sdk } = await start(passing);
    for (const command of [
      new DescribeExecutionCommand(none),
      new GetExecutionHistoryCommand(none),
      new StopExecutionCommand(none),
      new RedriveExecutionCommand(none),
      new DescribeStateMachineForExecutionCommand(none),
    ])
      await expect(sdk.send(command as DescribeExecutionCommand)).rejects.toThrow(ExecutionDoesNotExist);
  });

  test.each([
    ['nonsense', nonsense],
    ['an ARN of another kind', wrongKind],
  ])('for %s instead of an ARN', async (_, arn) => {
    const { sdk } = await start(passing);
    for (const command of [
      new DescribeExecutionCommand(arn),
      new GetExecutionHistoryCommand(arn),
      new StopExecutionCommand(arn),
      new RedriveExecutionCommand(arn),
      new DescribeStateMachineForExecutionCommand(arn),
      new StartExecutionCommand({ stateMachineArn: one.executionArn }),
      new ListExecutionsCommand({ stateMachineArn: one.executionArn }),
      new DescribeStateMachineCommand({ stateMachineArn: one.executionArn }),
    ])
      await expect(sdk.send(command as DescribeExecutionCommand)).rejects.toThrow(InvalidArn);
  });

  test('for machines that do not exist', async () => {
    const { sdk } = await start(passing);
    const stateMachineArn = `${machineArn}-none`;
    for (const command of [
      new StartExecutionCommand({ stateMachineArn }),
      new ListExecutionsCommand({ stateMachineArn }),
      new DescribeStateMachineCommand({ stateMachineArn }),
    ])
      await expect(sdk.send(command as StartExecutionCommand)).rejects.toThrow(StateMachineDoesNotExist);
  });

  test('for names and inputs that AWS does not take', async () => {
    const { sdk, ended, execute } = await start(passing);
    const send = (change: object) => sdk.send(new StartExecutionCommand({ stateMachineArn: machineArn, ...change }));
    for (const name of ['with blank', 'x'.repeat(81), 'a/b', 'a*'])
      await expect(send({ name })).rejects.toThrow(InvalidName);
    await expect(send({ input: '{nonsense' })).rejects.toThrow(InvalidExecutionInput);
    await expect(send({ input: JSON.stringify('x'.repeat(262_143)) })).rejects.toThrow(ValidationException);
    await execute('one');
    await ended('one');
    await expect(execute('one')).rejects.toThrow(ExecutionAlreadyExists);
  });

  test('for what cannot be redriven', async () => {
    const { sdk, ended, execute } = await start(passing);
    await execute('one');
    await ended('one');
    await expect(sdk.send(new RedriveExecutionCommand(one))).rejects.toThrow(ExecutionNotRedrivable);
  });

  test('for tokens and outputs that are none', async () => {
    const { sdk, taskToken } = await startAsking();
    for (const command of [
      new SendTaskSuccessCommand({ taskToken: 'made up', output: '1' }),
      new SendTaskFailureCommand({ taskToken: 'made up' }),
      new SendTaskHeartbeatCommand({ taskToken: 'made up' }),
    ])
      await expect(sdk.send(command as SendTaskHeartbeatCommand)).rejects.toThrow(InvalidToken);
    await expect(sdk.send(new SendTaskSuccessCommand({ taskToken, output: '{nonsense' }))).rejects.toThrow(
      InvalidOutput,
    );
    await expect(
      sdk.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify('x'.repeat(262_143)) })),
    ).rejects.toThrow(ValidationException);
  });

  test('for a token of an execution that is not here', async () => {
    const { taskToken } = await startAsking();
    const { sdk } = await start(passing);
    await expect(sdk.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toThrow(TaskDoesNotExist);
  });

  test('for pages that are none, or too long', async () => {
    const { sdk, execute } = await start(passing);
    await execute('one');
    for (const command of [
      new GetExecutionHistoryCommand({ ...one, nextToken: 'made up' }),
      new ListExecutionsCommand({ stateMachineArn: machineArn, nextToken: 'made up' }),
      new ListStateMachinesCommand({ nextToken: 'made up' }),
    ])
      await expect(sdk.send(command as ListStateMachinesCommand)).rejects.toThrow(InvalidToken);
    await expect(sdk.send(new ListStateMachinesCommand({ maxResults: 1001 }))).rejects.toThrow(ValidationException);
    const filtered = new ListExecutionsCommand({ stateMachineArn: machineArn, redriveFilter: 'REDRIVEN' });
    await expect(sdk.send(filtered)).rejects.toThrow(ValidationException);
    const unknown = new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter: 'DONE' as 'FAILED' });
    await expect(sdk.send(unknown)).rejects.toThrow(ValidationException);
    const invalid = new ValidateStateMachineDefinitionCommand({ definition: '{}', maxResults: 101 });
    await expect(sdk.send(invalid)).rejects.toThrow(ValidationException);
  });
});

describe('What the local cloud does not do is refused by name', () => {
  test.each([
    [
      'an operation',
      new CreateStateMachineCommand({ name: 'n', definition: '{}', roleArn }),
      'UnknownOperationException',
    ],
    [
      'a trace',
      new StartExecutionCommand({ stateMachineArn: machineArn, traceHeader: 'Root=1' }),
      'NotSupportedByLocalCloud',
    ],
    ['a Map Run', new ListExecutionsCommand({ mapRunArn: machineArn }), 'NotSupportedByLocalCloud'],
  ])('%s', async (_, command, name) => {
    const { sdk } = await start(passing);
    await expect(sdk.send(command as StartExecutionCommand)).rejects.toMatchObject({ name });
  });
});
