import { describe, expect, test } from '@jest/globals';
import { createFixture, executionArn, machineArn, roleArn } from './engine-fixture.ts';
import { failing, machine, task } from './asl.ts';

const waiting = machine({ Sleep: { Type: 'Wait', Seconds: 1000, End: true } });
const passing = machine({ Only: { Type: 'Pass', End: true } });

describe('StartExecution', () => {
  const request = { stateMachineArn: machineArn, name: 'one', input: '{"a":1}' };

  test('answers the same execution to the same name and input while it runs', async () => {
    const { call } = createFixture(waiting, {});
    const first = await call('StartExecution', request);
    expect(first).toEqual({ executionArn: executionArn('one'), startDate: Date.parse('2026-01-01T00:00:00Z') / 1000 });
    expect(await call('StartExecution', request)).toEqual(first);
  });

  test('refuses a known name with another input', async () => {
    const { call } = createFixture(waiting, {});
    await call('StartExecution', request);
    await expect(call('StartExecution', { ...request, input: '{"a":2}' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
  });

  test('refuses a known name once the execution has ended', async () => {
    const { call, ended } = createFixture(passing, {});
    await call('StartExecution', request);
    await ended('one');
    await expect(call('StartExecution', request)).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });

  test('makes up a name and an empty input', async () => {
    const { call } = createFixture(waiting, {});
    const { executionArn: arn } = await call<{ executionArn: string }>('StartExecution', {
      stateMachineArn: machineArn,
    });
    expect(await call('DescribeExecution', { executionArn: arn })).toMatchObject({ input: '{}' });
  });

  test.each([
    ['InvalidName', { name: 'with blank' }],
    ['InvalidName', { name: 'x'.repeat(81) }],
    ['InvalidName', { name: '' }],
    ['InvalidName', { name: 'slash/slash' }],
    ['InvalidExecutionInput', { input: 'not json' }],
    ['InvalidExecutionInput', { input: '' }],
    ['ValidationException', { input: JSON.stringify('x'.repeat(262_145)) }],
    ['ValidationException', { input: 5 }],
    ['StateMachineDoesNotExist', { stateMachineArn: `${machineArn}-else` }],
    ['InvalidArn', { stateMachineArn: 'nonsense' }],
    ['InvalidArn', { stateMachineArn: executionArn('x') }],
    ['NotSupportedByLocalCloud', { traceHeader: 'Root=1' }],
  ])('refuses as %s: %j', async (code, change) => {
    const { call } = createFixture(waiting, {});
    await expect(call('StartExecution', { ...request, ...change })).rejects.toMatchObject({ code });
  });
});

describe('DescribeExecution, GetExecutionHistory and ListExecutions', () => {
  test('tell an execution as AWS does', async () => {
    const { call, ended, start } = createFixture(machine({ Work: task('work') }), {
      work: () => failing('Sad', 'why'),
    });
    await start('one', { a: 1 });
    expect(await ended('one')).toEqual({
      executionArn: executionArn('one'),
      stateMachineArn: machineArn,
      name: 'one',
      status: 'FAILED',
      startDate: 1767225600,
      stopDate: 1767225600,
      redriveCount: 0,
      input: '{"a":1}',
      inputDetails: { included: true },
      error: 'Sad',
      cause: '{"errorType":"Sad","errorMessage":"why"}',
      redriveStatus: 'REDRIVABLE',
    });
    expect(await call('DescribeExecution', { executionArn: executionArn('one') })).toMatchObject({ status: 'FAILED' });
  });

  test('page through the history, in both orders, with and without data', async () => {
    const { call, ended, start } = createFixture(passing, {});
    await start('one', 'secret');
    await ended('one');
    const seen: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page: { events: { id: number }[]; nextToken?: string } = await call('GetExecutionHistory', {
        executionArn: executionArn('one'),
        maxResults: 3,
        ...(nextToken && { nextToken }),
      });
      seen.push(page.events.map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen).toEqual([[1, 2, 3], [4]]);
    const request = { executionArn: executionArn('one'), reverseOrder: true, includeExecutionData: false };
    const { events } = await call<{ events: { id: number }[] }>('GetExecutionHistory', request);
    expect(events.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('list the newest first, by status', async () => {
    const { call, clock, ended, start } = createFixture(passing, {});
    for (const name of ['one', 'two', 'three']) {
      await start(name);
      await ended(name);
      await clock.sleep(1000, new AbortController().signal);
    }
    const list = async (change: object): Promise<string[]> => {
      const request = { stateMachineArn: machineArn, ...change };
      const { executions } = await call<{ executions: { name: string }[] }>('ListExecutions', request);
      return executions.map(({ name }) => name);
    };
    expect(await list({})).toEqual(['three', 'two', 'one']);
    expect(await list({ statusFilter: 'FAILED' })).toEqual([]);
    expect(await list({ statusFilter: 'SUCCEEDED', maxResults: 2 })).toEqual(['three', 'two']);
    await expect(list({ nextToken: 'nonsense' })).rejects.toMatchObject({ code: 'InvalidToken' });
    await expect(list({ mapRunArn: 'x' })).rejects.toMatchObject({ code: 'NotSupportedByLocalCloud' });
  });

  test('refuse an execution that does not exist', async () => {
    const { call } = createFixture(passing, {});
    for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'RedriveExecution'])
      await expect(call(operation, { executionArn: executionArn('none') })).rejects.toMatchObject({
        code: 'ExecutionDoesNotExist',
        message: `Execution Does Not Exist: '${executionArn('none')}'`,
      });
  });
});

test('the state machines are listed and described', async () => {
  const { call } = createFixture(passing, {});
  expect(await call('ListStateMachines', {})).toEqual({
    stateMachines: [{ stateMachineArn: machineArn, name: 'm', type: 'STANDARD', creationDate: 1767225600 }],
  });
  const described = await call<{ definition: string }>('DescribeStateMachine', { stateMachineArn: machineArn });
  expect(described).toMatchObject({ roleArn, status: 'ACTIVE', type: 'STANDARD' });
  expect(JSON.parse(described.definition)).toEqual(passing);
  await expect(call('DescribeStateMachine', { stateMachineArn: `${machineArn}x` })).rejects.toMatchObject({
    code: 'StateMachineDoesNotExist',
  });
});

test('a running execution keeps the definition it was started with', async () => {
  const fixture = createFixture(waiting, {});
  await fixture.start('one');
  fixture.engine.putStateMachine({ arn: machineArn, name: 'm', definition: passing, roleArn });
  await fixture.ended('one');
  expect((await fixture.history('one')).map(({ type }) => type)).toContain('WaitStateExited');
  const { definition } = await fixture.call<{ definition: string }>('DescribeStateMachineForExecution', {
    executionArn: executionArn('one'),
  });
  expect(JSON.parse(definition)).toEqual(waiting);
});

describe('StopExecution', () => {
  test('aborts, tells the function, and leaves the execution redrivable', async () => {
    let isAborted = false;
    const { call, clock, ended, history, start } = createFixture(
      machine({ Work: task('work') }),
      {},
      {
        invokeFunction: (_, __, signal) =>
          new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => {
              isAborted = true;
              reject(new Error('aborted'));
            }),
          ),
      },
    );
    await start('one');
    await clock.sleep(1, new AbortController().signal);
    expect(
      await call('StopExecution', { executionArn: executionArn('one'), error: 'Enough', cause: 'by hand' }),
    ).toEqual({
      stopDate: clock.now() / 1000,
    });
    expect(await ended('one')).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'by hand',
      redriveStatus: 'REDRIVABLE',
    });
    expect(isAborted).toBe(true);
    expect((await history('one')).at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 });
  });

  test('says when an execution that has ended did so', async () => {
    const { call, clock, ended, start } = createFixture(passing, {});
    await start('one');
    await ended('one');
    await clock.sleep(5000, new AbortController().signal);
    expect(await call('StopExecution', { executionArn: executionArn('one') })).toEqual({ stopDate: 1767225600 });
  });
});

describe('Status changes', () => {
  test('are told in order, with the fields of the event', async () => {
    const { changes, ended, start } = createFixture(machine({ Only: { Type: 'Fail', Error: 'E', Cause: 'C' } }), {});
    await start('one', { a: 1 });
    await ended('one');
    expect(changes.map(({ status }) => status)).toEqual(['RUNNING', 'FAILED']);
    expect(changes[0]).toMatchObject({ stopDate: null, output: null, outputDetails: null, error: null, cause: null });
    expect(changes[1]).toEqual({
      executionArn: executionArn('one'),
      stateMachineArn: machineArn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: 'one',
      status: 'FAILED',
      startDate: Date.parse('2026-01-01T00:00:00Z'),
      stopDate: Date.parse('2026-01-01T00:00:00Z'),
      input: '{"a":1}',
      output: null,
      error: 'E',
      cause: 'C',
      inputDetails: { included: true },
      outputDetails: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'REDRIVABLE',
      redriveStatusReason: null,
    });
  });
});
