import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import type { FakeFunction, MachineResult } from '../../fakes/machine.ts';
import { failing, lambda, machine, task } from './asl.ts';

const run = (definition: object, input: unknown = {}, functions: Record<string, FakeFunction> = {}) =>
  createMachine(definition, functions).run(input);

const types = ({ history }: MachineResult): string[] => history.map(({ type }) => type);

const block = (key: string, state: object): object => ({ StartAt: key, States: { [key]: state } });
const end = { Type: 'Succeed' };
const tell = { Type: 'Pass', Output: { a: '{% $a %}', input: '{% $states.input %}' }, End: true };

describe('Assign and Output', () => {
  test.each([
    ['Task', { ...task('work'), End: undefined }, 5],
    ['Parallel', { Type: 'Parallel', Branches: [block('In', { Type: 'Pass', Output: 5, End: true })] }, [5]],
    ['Map', { Type: 'Map', Items: [5], ItemProcessor: block('In', { Type: 'Pass', End: true }) }, [5]],
  ])('of a %s see its result', async (_, state, result) => {
    const outcome = { Assign: { a: '{% $states.result %}' }, Output: { got: '{% $states.result %}' }, Next: 'Tell' };
    const { output } = await run(machine({ Only: { ...state, ...outcome }, Tell: tell }), 1, { work: () => 5 });
    expect(output).toEqual({ a: result, input: { got: result } });
  });

  test.each([
    ['Pass', { Type: 'Pass' }],
    ['Wait', { Type: 'Wait', Seconds: 1 }],
  ])('of a %s see its input', async (_, state) => {
    const outcome = { Assign: { a: '{% $states.input + 1 %}' }, Output: '{% $states.input + 2 %}', Next: 'Tell' };
    expect((await run(machine({ Only: { ...state, ...outcome }, Tell: tell }), 1)).output).toEqual({ a: 2, input: 3 });
  });

  test('of a Choice itself belong to its Default, those of a rule to the rule', async () => {
    const state = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input = 1 %}', Assign: { a: 'rule' }, Output: 'of the rule', Next: 'Tell' }],
      Assign: { a: 'choice' },
      Output: 'of the choice',
      Default: 'Tell',
    };
    const definition = machine({ Only: state, Tell: tell });
    expect((await run(definition, 1)).output).toEqual({ a: 'rule', input: 'of the rule' });
    expect((await run(definition, 2)).output).toEqual({ a: 'choice', input: 'of the choice' });
  });

  test('write what they write together: both see the variables as they were', async () => {
    const states = {
      First: { Type: 'Pass', Assign: { a: 1 }, Next: 'Second' },
      Second: { Type: 'Pass', Assign: { a: 2, b: '{% $a %}' }, Output: '{% $a %}', Next: 'Third' },
      Third: { Type: 'Pass', Output: ['{% $a %}', '{% $b %}', '{% $states.input %}'], End: true },
    };
    expect((await run(machine(states))).output).toEqual([2, 1, 1]);
  });

  test('all variables of one Assign share 256 KiB', async () => {
    const text = '{% $pad("x", 150000, "x") %}';
    const one = machine({ Only: { Type: 'Pass', Assign: { a: text }, Output: 1, End: true } });
    expect((await run(one)).status).toBe('SUCCEEDED');
    const two = machine({ Only: { Type: 'Pass', Assign: { a: text, b: text }, Output: 1, End: true } });
    expect((await run(two)).error).toBe('States.DataLimitExceeded');
  });

  test('all variables together hold 10 MiB', async () => {
    const count = 45;
    const states = Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `S${n}`,
        {
          Type: 'Pass',
          Assign: { [`v${n}`]: '{% $pad("x", 250000, "x") %}' },
          ...(n === count - 1 ? { End: true } : { Next: `S${n + 1}` }),
        },
      ]),
    );
    const result = await run(machine(states));
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(result.visited).toHaveLength(42);
  });
});

describe('Variables', () => {
  test('of an iteration or a branch are not seen outside, nor by its siblings', async () => {
    const inner = {
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { own: '{% $states.input %}' }, Next: 'Get' },
        Get: { Type: 'Pass', Output: '{% $own + $outer %}', End: true },
      },
    };
    const states = {
      First: { Type: 'Pass', Assign: { outer: 10 }, Next: 'Each' },
      Each: { Type: 'Map', Items: [1, 2], ItemProcessor: inner, Next: 'After' },
      After: { Type: 'Pass', Output: { list: '{% $states.input %}', seen: '{% $exists($own) %}' }, End: true },
    };
    expect((await run(machine(states))).output).toEqual({ list: [11, 12], seen: false });
  });

  test('are given on by a Catch, and kept over a Retry', async () => {
    let calls = 0;
    const states = {
      First: { Type: 'Pass', Assign: { a: 1 }, Next: 'Work' },
      Work: task('work', {
        Arguments: '{% $a %}',
        Retry: [{ ErrorEquals: ['Sad'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { b: '{% $a + 1 %}' }, Next: 'Tell' }],
      }),
      Tell: { Type: 'Pass', Output: ['{% $a %}', '{% $b %}'], End: true },
    };
    const work = (): never => {
      calls += 1;
      return failing('Sad');
    };
    const result = await run(machine(states), {}, { work });
    expect(result.output).toEqual([1, 2]);
    expect(result.calls.work).toEqual([1, 1]);
    expect(calls).toBe(2);
  });
});

describe('Map', () => {
  const map = (rest: object, state: object = { Type: 'Pass', End: true }): object =>
    machine({ Each: { Type: 'Map', ItemProcessor: block('In', state), End: true, ...rest } });

  test('without Items takes its input', async () => {
    expect((await run(map({}), [1, 2])).output).toEqual([1, 2]);
  });

  test('takes Items as a list with expressions in it', async () => {
    expect((await run(map({ Items: [1, '{% $states.input %}'] }), 2)).output).toEqual([1, 2]);
  });

  test('takes MaxConcurrency from an expression', async () => {
    let running = 0;
    let most = 0;
    const work = async (_: never, call: { sleep(s: number): Promise<void> }): Promise<void> => {
      most = Math.max(most, ++running);
      await call.sleep(1);
      running -= 1;
    };
    await run(
      map({ Items: [1, 2, 3, 4], MaxConcurrency: '{% $states.input.most %}' }, task('work')),
      { most: 3 },
      { work },
    );
    expect(most).toBe(3);
    const wrong = await run(map({ Items: [1], MaxConcurrency: '{% -1 %}' }));
    expect(wrong.error).toBe('States.QueryEvaluationError');
  });

  test('runs at most 40 iterations at a time', async () => {
    let running = 0;
    let most = 0;
    const work = async (_: never, call: { sleep(s: number): Promise<void> }): Promise<void> => {
      most = Math.max(most, ++running);
      await call.sleep(1);
      running -= 1;
    };
    await run(map({ Items: '{% [1..100] %}' }, task('work')), {}, { work });
    expect(most).toBe(40);
  });

  test('in a Map tells each its own item', async () => {
    const inner = {
      Type: 'Map',
      Items: '{% $states.context.Map.Item.Value %}',
      ItemSelector: ['{% $states.input[0] %}', '{% $states.context.Map.Item.Value %}'],
      ItemProcessor: block('Deep', {
        Type: 'Pass',
        Output: ['{% $states.input %}', '{% $states.context.Map.Item.Index %}'],
        End: true,
      }),
      End: true,
    };
    expect((await run(map({ Items: [[1, 2], [3]] }, inner))).output).toEqual([
      [
        [[1, 1], 0],
        [[1, 2], 1],
      ],
      [[[3, 3], 0]],
    ]);
  });

  test('goes on to Next with its Output', async () => {
    const states = {
      Each: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: block('In', { Type: 'Pass', End: true }),
        Output: 'o',
        Next: 'End',
      },
      End: end,
    };
    expect(await run(machine(states))).toMatchObject({ output: 'o', visited: ['Each', 'In', 'End'] });
  });
});

describe('Parallel', () => {
  test('without Arguments gives each branch its input', async () => {
    const branches = [block('L', { Type: 'Pass', End: true }), block('R', { Type: 'Pass', Output: 2, End: true })];
    expect((await run(machine({ Both: { Type: 'Parallel', Branches: branches, End: true } }), 1)).output).toEqual([
      1, 2,
    ]);
  });

  test('that is retried starts all branches over', async () => {
    let isBroken = true;
    const bad = (): string => {
      if (!isBroken) return 'bad';
      isBroken = false;
      return failing('Once');
    };
    const state = {
      Type: 'Parallel',
      Branches: [block('Good', task('good')), block('Bad', task('bad'))],
      Retry: [{ ErrorEquals: ['Once'], IntervalSeconds: 7 }],
      End: true,
    };
    const result = await run(machine({ Both: state }), {}, { good: () => 'good', bad });
    expect(result).toMatchObject({ output: ['good', 'bad'], seconds: 7, calls: { good: [{}, {}], bad: [{}, {}] } });
    expect(types(result).filter((type) => type === 'ParallelStateStarted')).toHaveLength(2);
  });

  test('in a Map in a Parallel tells the events of each in order', async () => {
    const map = {
      Type: 'Map',
      Items: [1, 2],
      MaxConcurrency: 1,
      ItemProcessor: block('In', { Type: 'Pass', End: true }),
      End: true,
    };
    const result = await run(machine({ Both: { Type: 'Parallel', Branches: [block('Each', map)], End: true } }));
    expect(types(result)).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'PassStateEntered',
      'PassStateExited',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'PassStateEntered',
      'PassStateExited',
      'MapIterationSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ]);
  });
});

describe('Succeed and Fail', () => {
  test('Succeed without Output hands its input on', async () => {
    expect(await run(machine({ Only: end }), [1])).toMatchObject({ status: 'SUCCEEDED', output: [1] });
  });

  test('Succeed ends its branch alone', async () => {
    const state = { Type: 'Parallel', Branches: [block('In', end)], Next: 'After' };
    const result = await run(machine({ Both: state, After: { Type: 'Pass', End: true } }), 1);
    expect(result.visited).toEqual(['Both', 'In', 'After']);
  });

  test('Fail needs neither Error nor Cause', async () => {
    const result = await run(machine({ Only: { Type: 'Fail' } }));
    expect(result).toMatchObject({ status: 'FAILED', error: undefined, cause: undefined });
  });

  test('a Fail whose Error is no text is a failed evaluation', async () => {
    expect((await run(machine({ Only: { Type: 'Fail', Error: '{% 5 %}' } }))).error).toBe(
      'States.QueryEvaluationError',
    );
  });
});

describe('A task', () => {
  test('takes HeartbeatSeconds and TimeoutSeconds from expressions', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: lambda('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
      TimeoutSeconds: '{% $states.input.t %}',
      HeartbeatSeconds: '{% $states.input.h %}',
      End: true,
    };
    const result = await run(machine({ Ask: state }), { t: 100, h: 20 }, { ask: () => 1 });
    expect(result).toMatchObject({ error: 'States.Timeout', seconds: 20 });
    expect(result.history[2]?.taskScheduledEventDetails).toMatchObject({
      timeoutInSeconds: 100,
      heartbeatInSeconds: 20,
    });
    for (const input of [
      { t: 0, h: 1 },
      { t: 1.5, h: 1 },
      { t: '5', h: 1 },
    ])
      expect((await run(machine({ Ask: state }), input, { ask: () => 1 })).error).toBe('States.QueryEvaluationError');
  });

  test('of the integration is late as States.Timeout, with an event of its own', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: lambda('work') },
      TimeoutSeconds: 3,
      End: true,
    };
    const result = await run(machine({ Work: state }), {}, { work: (_: never, call) => call.hang() });
    expect(result).toMatchObject({ error: 'States.Timeout', seconds: 3 });
    expect(types(result).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });
});
