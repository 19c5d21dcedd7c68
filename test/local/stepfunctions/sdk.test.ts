import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
  TaskTimedOut,
  ValidateStateMachineDefinitionCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { machineArn, roleArn } from '../../unit/local-stepfunctions/engine-fixture.ts';
import { failing, machine, task } from '../../unit/local-stepfunctions/asl.ts';
import { hang, hanging, one, passing, start, startAsking } from './start-engine.ts';

describe('The SDK', () => {
  test('starts an execution and describes it, with dates as dates', async () => {
    const { sdk, execute, ended } = await start(machine({ Work: task('work') }), { work: () => ({ ok: true }) });
    const started = await execute('one', { a: 1 });
    expect(started).toMatchObject({ executionArn: one.executionArn, startDate: new Date('2026-01-01T00:00:00Z') });
    await ended('one');
    expect(await sdk.send(new DescribeExecutionCommand(one))).toMatchObject({
      status: 'SUCCEEDED',
      input: '{"a":1}',
      output: '{"ok":true}',
      stopDate: expect.any(Date),
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  test('starts an execution once, however often it is asked with the same name and input', async () => {
    const { execute, called } = await start(hanging, hang);
    const [first, second] = [await execute('one', { a: 1 }), await execute('one', { a: 1 })];
    expect(second.executionArn).toBe(first.executionArn);
    expect(called).toEqual(['hang']);
    await expect(execute('one', { a: 2 })).rejects.toThrow(ExecutionAlreadyExists);
  });

  test('reads a history page by page, in both orders, with and without data', async () => {
    const { sdk, execute, ended } = await start(machine({ Work: task('work') }), { work: () => 'secret' });
    await execute('one');
    await ended('one');
    const ids: number[][] = [];
    for await (const { events = [] } of paginateGetExecutionHistory({ client: sdk, pageSize: 3 }, { ...one }))
      ids.push(events.map(({ id }) => id ?? 0));
    expect(ids).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    const { events = [] } = await sdk.send(
      new GetExecutionHistoryCommand({ ...one, reverseOrder: true, includeExecutionData: false }),
    );
    expect(events.map(({ id }) => id)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(events.at(-1)?.timestamp).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  test('lists executions page by page and by status', async () => {
    const { sdk, clock, execute, ended } = await start(machine({ Only: { Type: 'Fail' } }));
    for (const name of ['one', 'two', 'three']) {
      await execute(name);
      await ended(name);
      await clock.sleep(1000, new AbortController().signal);
    }
    const names: (string | undefined)[][] = [];
    for await (const { executions = [] } of paginateListExecutions(
      { client: sdk, pageSize: 2 },
      { stateMachineArn: machineArn },
    ))
      names.push(executions.map(({ name }) => name));
    expect(names).toEqual([['three', 'two'], ['one']]);
    const list = async (statusFilter: 'FAILED' | 'RUNNING') =>
      (await sdk.send(new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter }))).executions?.length;
    expect([await list('FAILED'), await list('RUNNING')]).toEqual([3, 0]);
  });

  test('lists and describes the machines', async () => {
    const { sdk, engine, execute } = await start(passing);
    engine.putStateMachine({ arn: `${machineArn}2`, name: 'm2', definition: hanging, roleArn });
    const names: (string | undefined)[] = [];
    for await (const { stateMachines = [] } of paginateListStateMachines({ client: sdk, pageSize: 1 }, {}))
      names.push(...stateMachines.map(({ name }) => name));
    expect(names).toEqual(['m', 'm2']);
    const described = await sdk.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
    expect(JSON.parse(described.definition ?? '')).toEqual(passing);
    await execute('one');
    engine.putStateMachine({ arn: machineArn, name: 'm', definition: hanging, roleArn });
    const of = await sdk.send(new DescribeStateMachineForExecutionCommand(one));
    expect(JSON.parse(of.definition ?? '')).toEqual(passing);
  });

  test('stops an execution and redrives it', async () => {
    let isBroken = true;
    const { sdk, execute, ended } = await start(machine({ Work: task('work') }), {
      work: () => (isBroken ? new Promise(() => undefined) : 'mended'),
    });
    await execute('one');
    const { stopDate } = await sdk.send(new StopExecutionCommand({ ...one, error: 'Enough', cause: 'by hand' }));
    expect(stopDate).toBeInstanceOf(Date);
    expect(await ended('one')).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'by hand' });
    isBroken = false;
    const { redriveDate } = await sdk.send(new RedriveExecutionCommand(one));
    expect(redriveDate).toBeInstanceOf(Date);
    await ended('one');
    expect(await sdk.send(new DescribeExecutionCommand(one))).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  });

  test('answers a token: heartbeat, then success', async () => {
    const { sdk, ended, taskToken } = await startAsking();
    await sdk.send(new SendTaskHeartbeatCommand({ taskToken }));
    await sdk.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":1}' }));
    expect(await ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '{"done":1}' });
    for (const command of [
      new SendTaskSuccessCommand({ taskToken, output: '1' }),
      new SendTaskFailureCommand({ taskToken }),
      new SendTaskHeartbeatCommand({ taskToken }),
    ])
      await expect(sdk.send(command as SendTaskHeartbeatCommand)).rejects.toThrow(TaskTimedOut);
  });

  test('answers a token: failure', async () => {
    const { sdk, ended, taskToken } = await startAsking();
    await sdk.send(new SendTaskFailureCommand({ taskToken, error: 'HostRefused', cause: 'no entry' }));
    expect(await ended('one')).toMatchObject({ status: 'FAILED', error: 'HostRefused', cause: 'no entry' });
  });

  test('validates a definition', async () => {
    const { sdk } = await start(passing);
    const validate = (definition: object) =>
      sdk.send(new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(definition) }));
    expect(await validate(passing)).toMatchObject({ result: 'OK', diagnostics: [] });
    const bad = machine({ A: { Type: 'Pass', Output: '{% $eval("1") %}', End: true }, B: { Type: 'Succeed' } });
    expect(await validate(bad)).toMatchObject({
      result: 'FAIL',
      diagnostics: [
        { severity: 'ERROR', code: 'INVALID_JSONATA', location: '/States/A/Output' },
        { severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', location: '/States/B' },
      ],
    });
  });
});

test('a failing execution tells error and cause in its description and its history', async () => {
  const { sdk, ended, execute } = await start(machine({ Work: task('work') }), { work: () => failing('Sad', 'why') });
  await execute('one');
  await ended('one');
  const { error, cause } = await sdk.send(new DescribeExecutionCommand(one));
  const { events = [] } = await sdk.send(new GetExecutionHistoryCommand({ ...one, reverseOrder: true, maxResults: 2 }));
  expect(error).toBe('Sad');
  expect(JSON.parse(cause ?? '')).toEqual({ errorType: 'Sad', errorMessage: 'why' });
  expect(events[0]?.executionFailedEventDetails).toEqual({ error, cause });
  expect(events[1]?.lambdaFunctionFailedEventDetails).toEqual({ error, cause });
});
