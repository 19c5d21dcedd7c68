import { describe, expect, test } from '@jest/globals';
import { createEngine } from '../../../local/stepfunctions/engine.ts';
import { AwsError } from '../../../local/gateway/aws-error.ts';
import { createMachine } from '../../fakes/machine.ts';
import type { Call, FakeFunction, MachineResult } from '../../fakes/machine.ts';
import { createFixture, executionArn } from './engine-fixture.ts';
import { failing, machine, task } from './asl.ts';

const run = (definition: object, functions: Record<string, FakeFunction> = {}, input: unknown = {}) =>
  createMachine(definition, functions).run(input);

const types = ({ history }: MachineResult): string[] => history.map(({ type }) => type);

/** Fails the first times, then answers how often it was called. */
const failingFirst = (times: number, name = 'TransientError'): FakeFunction => {
  let count = 0;
  return () => (++count <= times ? failing(name) : count);
};

describe('Retry', () => {
  test('waits longer from attempt to attempt, up to MaxDelaySeconds', async () => {
    const retry = {
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: 2,
      BackoffRate: 3,
      MaxAttempts: 5,
      MaxDelaySeconds: 20,
    };
    const result = await run(machine({ Work: task('work', { Retry: [retry] }) }), { work: failingFirst(4) });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 5, seconds: 2 + 6 + 18 + 20 });
    expect(types(result).filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
    expect(types(result).filter((type) => type === 'LambdaFunctionScheduled')).toHaveLength(5);
  });

  test('gives up after MaxAttempts, three unless told otherwise', async () => {
    const result = await run(machine({ Work: task('work', { Retry: [{ ErrorEquals: ['States.ALL'] }] }) }), {
      work: () => failing('Again'),
    });
    expect(result).toMatchObject({ status: 'FAILED', error: 'Again', seconds: 1 + 2 + 4 });
    expect(result.calls.work).toHaveLength(4);
  });

  test('the first retrier that matches decides: MaxAttempts 0 means not again', async () => {
    const retry = [{ ErrorEquals: ['PermanentError'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    const result = await run(machine({ Work: task('work', { Retry: retry }) }), {
      work: () => failing('PermanentError'),
    });
    expect(result).toMatchObject({ error: 'PermanentError', seconds: 0 });
    expect(result.calls.work).toHaveLength(1);
  });

  test('each retrier counts for itself', async () => {
    const names = ['A', 'B', 'A', 'B', 'A'];
    const retry = [
      { ErrorEquals: ['A'], MaxAttempts: 2 },
      { ErrorEquals: ['B'], MaxAttempts: 2 },
    ];
    const result = await run(machine({ Work: task('work', { Retry: retry }) }), {
      work: () => failing(names.shift() ?? 'none'),
    });
    expect(result).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(names).toEqual([]);
  });

  test.each([0, 0.25, 0.999])('full jitter takes between nothing and the whole delay (%p)', async (part) => {
    const retry = { ErrorEquals: ['States.ALL'], IntervalSeconds: 100, MaxAttempts: 1, JitterStrategy: 'FULL' };
    const fixture = createFixture(
      machine({ Work: task('work', { Retry: [retry] }) }),
      { work: () => failing('Again') },
      { random: () => part },
    );
    const from = fixture.clock.now();
    await fixture.start('one');
    await fixture.ended('one');
    expect(fixture.clock.now() - from).toBeCloseTo(part * 100_000, 0);
  });

  test('a Map that is retried starts over with all its iterations', async () => {
    const map = {
      Type: 'Map',
      Items: [1, 2],
      ItemProcessor: { StartAt: 'Work', States: { Work: task('work') } },
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
      End: true,
    };
    let isBroken = true;
    const work = (n: number): number => {
      if (n === 2 && isBroken) {
        isBroken = false;
        return failing('Once');
      }
      return n;
    };
    const result = await run(machine({ Each: map }), { work });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: [1, 2] });
    expect(result.calls.work).toEqual([1, 2, 1, 2]);
  });

  test('the context tells how often the state was retried', async () => {
    const state = task('work', {
      Arguments: '{% $states.context.State.RetryCount %}',
      Retry: [{ ErrorEquals: ['States.ALL'] }],
    });
    expect((await run(machine({ Work: state }), { work: failingFirst(2) })).calls.work).toEqual([0, 1, 2]);
  });
});

describe('Catch', () => {
  const after = { Type: 'Pass', Output: { input: '{% $states.input %}', why: '{% $why %}' }, End: true };

  test('goes on with Output and Assign that see the error', async () => {
    const catcher = {
      ErrorEquals: ['States.ALL'],
      Next: 'After',
      Assign: { why: '{% $states.errorOutput.Error %}' },
      Output: { told: '{% $parse($states.errorOutput.Cause).errorMessage %}', was: '{% $states.input %}' },
    };
    const result = await run(
      machine({ Work: task('work', { Catch: [catcher] }), After: after }),
      { work: () => failing('Sad', 'no luck') },
      5,
    );
    expect(result.output).toEqual({ input: { told: 'no luck', was: 5 }, why: 'Sad' });
    expect(result.visited).toEqual(['Work', 'After']);
    expect(types(result)).toContain('TaskStateExited');
  });

  test('without Output hands on the error', async () => {
    const states = { Work: task('work', { Catch: [{ ErrorEquals: ['Sad'], Next: 'End' }] }), End: { Type: 'Succeed' } };
    const result = await run(machine(states), { work: () => failing('Sad') });
    expect(result.output).toMatchObject({ Error: 'Sad', Cause: expect.stringContaining('errorMessage') });
  });

  test('comes after Retry has given up', async () => {
    const state = task('work', {
      Retry: [{ ErrorEquals: ['Sad'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'End', Output: 'caught' }],
    });
    const result = await run(machine({ Work: state, End: { Type: 'Succeed' } }), { work: () => failing('Sad') });
    expect(result).toMatchObject({ output: 'caught', calls: { work: [{}, {}] } });
  });

  test('catches what a Map or a Parallel fails with', async () => {
    const inner = { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Bad', Cause: 'inside' } } };
    const catcher = [{ ErrorEquals: ['Bad'], Next: 'End' }];
    for (const state of [
      { Type: 'Map', Items: [1], ItemProcessor: inner, Catch: catcher, End: true },
      { Type: 'Parallel', Branches: [inner], Catch: catcher, End: true },
    ])
      expect((await run(machine({ Out: state, End: { Type: 'Succeed' } }))).output).toEqual({
        Error: 'Bad',
        Cause: 'inside',
      });
  });

  test('catches an expression of the state that fails', async () => {
    const state = task('work', {
      Output: '{% $states.result.none %}',
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'End', Output: 'caught' }],
    });
    const result = await run(machine({ Work: state, End: { Type: 'Succeed' } }), { work: () => ({}) });
    expect(result.output).toBe('caught');
    expect(types(result)).toContain('EvaluationFailed');
  });
});

describe('Time limits', () => {
  const hang = (_: never, call: Call): Promise<never> => call.hang();

  test('a task that takes too long fails as States.Timeout', async () => {
    const result = await run(machine({ Work: task('work', { TimeoutSeconds: 30 }) }), { work: hang });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined, seconds: 30 });
    expect(types(result).slice(-2)).toEqual(['LambdaFunctionTimedOut', 'ExecutionFailed']);
    expect(result.history[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({ timeoutInSeconds: 30 });
  });

  test('States.TaskFailed does not match a time-out, States.Timeout does', async () => {
    const state = task('work', {
      TimeoutSeconds: '{% $states.input.limit %}',
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], Next: 'End', Output: 'failed' },
        { ErrorEquals: ['States.Timeout'], Next: 'End', Output: 'late' },
      ],
    });
    const definition = machine({ Work: state, End: { Type: 'Succeed' } });
    expect(await run(definition, { work: hang }, { limit: 5 })).toMatchObject({ output: 'late', seconds: 5 });
  });

  test('a task that was late is tried again, and its function is told to stop', async () => {
    let aborted = 0;
    const work = async (_: never, call: Call): Promise<string> => {
      if (aborted > 0) return 'in time';
      call.signal.addEventListener('abort', () => aborted++);
      return call.hang();
    };
    const state = task('work', { TimeoutSeconds: 9, Retry: [{ ErrorEquals: ['States.Timeout'] }] });
    expect(await run(machine({ Work: state }), { work })).toMatchObject({ output: 'in time', seconds: 10 });
    expect(aborted).toBe(1);
  });

  test('an execution that takes too long ends as TIMED_OUT', async () => {
    const result = await run(machine({ Work: task('work') }, { TimeoutSeconds: 60 }), { work: hang });
    expect(result).toMatchObject({ status: 'TIMED_OUT', error: undefined, seconds: 60 });
    expect(types(result).at(-1)).toBe('ExecutionTimedOut');
  });
});

describe('Limits', () => {
  const text = (bytes: number): string => 'x'.repeat(bytes);

  test('a result of 256 KiB passes, one byte more fails as States.DataLimitExceeded', async () => {
    const limit = 256 * 1024 - 2;
    const definition = machine({ Work: task('work') });
    expect((await run(definition, { work: () => text(limit) })).status).toBe('SUCCEEDED');
    expect((await run(definition, { work: () => text(limit + 1) })).error).toBe('States.DataLimitExceeded');
  });

  test('only its own name catches States.DataLimitExceeded, not the wildcards', async () => {
    const catching = (name: string): object =>
      machine({
        Work: task('work', { Catch: [{ ErrorEquals: [name], Next: 'End', Output: 'caught' }] }),
        End: { Type: 'Succeed' },
      });
    const functions = { work: () => text(300_000) };
    expect((await run(catching('States.ALL'), functions)).status).toBe('FAILED');
    expect((await run(catching('States.TaskFailed'), functions)).status).toBe('FAILED');
    expect((await run(catching('States.DataLimitExceeded'), functions)).output).toBe('caught');
  });

  test('Arguments, Output and variables are measured too', async () => {
    const big = '{% $states.input & $states.input %}';
    for (const state of [
      task('work', { Arguments: big }),
      { Type: 'Pass', Output: big, End: true },
      { Type: 'Pass', Assign: { big }, End: true },
    ])
      expect((await run(machine({ Big: state }), { work: () => 1 }, text(200_000))).error).toBe(
        'States.DataLimitExceeded',
      );
  });

  test('an execution ends at 25,000 events', async () => {
    const states = {
      Ping: { Type: 'Pass', Next: 'Pong' },
      Pong: { Type: 'Choice', Choices: [{ Condition: false, Next: 'End' }], Default: 'Ping' },
      End: { Type: 'Succeed' },
    };
    const fixture = createFixture(machine(states), {});
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution history event limit exceeded',
    });
    const request = { executionArn: executionArn('one'), reverseOrder: true, maxResults: 1 };
    const { events } = await fixture.call<{ events: object[] }>('GetExecutionHistory', request);
    expect(events).toMatchObject([{ id: expect.any(Number), type: 'ExecutionFailed' }]);
  });
});

test('an error of the Lambda service gets its name with the service before it', async () => {
  const ended = new Promise<Record<string, unknown>>((resolve) => {
    const engine = createEngine({
      invokeFunction: () => Promise.reject(new AwsError('TooManyRequestsException', 'Rate Exceeded.')),
      onStatusChange: async (change) => {
        if (change.status !== 'RUNNING') resolve({ ...change });
      },
    });
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
    engine.putStateMachine({ arn, name: 'm', roleArn: 'r', definition: machine({ Work: task('work') }) });
    void engine.operations.StartExecution?.({ stateMachineArn: arn } as never);
  });
  expect(await ended).toMatchObject({ error: 'Lambda.TooManyRequestsException', cause: 'Rate Exceeded.' });
});
