import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import type { FakeFunction, MachineResult } from '../../fakes/machine.ts';
import { lambda, machine } from './asl.ts';

const one = (state: object, rest: Record<string, object> = {}): object => machine({ Only: state, ...rest });

const run = (definition: object, input: unknown = {}, functions: Record<string, FakeFunction> = {}) =>
  createMachine(definition, functions).run(input);

const types = ({ history }: MachineResult): string[] => history.map(({ type }) => type);

describe('Parallel', () => {
  const branches = [
    { StartAt: 'A', States: { A: { Type: 'Task', Resource: lambda('a'), End: true } } },
    {
      StartAt: 'B',
      States: {
        B: { Type: 'Pass', Assign: { inner: 5 }, Next: 'C' },
        C: { Type: 'Pass', Output: '{% $inner + $outer %}', End: true },
      },
    },
  ];
  const definition = machine({
    Before: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: branches,
      Arguments: { x: 1 },
      Assign: { all: '{% $states.result %}' },
      Next: 'After',
    },
    After: { Type: 'Pass', Output: '{% $all %}', End: true },
  });

  test('answers the outputs in order; branches read outer variables and keep their own', async () => {
    const result = await run(definition, {}, { a: ({ x }: { x: number }) => x });
    expect(result.output).toEqual([1, 6]);
    expect(types(result)).toContain('ParallelStateSucceeded');
  });

  test('one failing branch stops the others and fails the state', async () => {
    const slow = { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 1000, End: true } } };
    const bad = { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Bad' } } };
    const result = await run(one({ Type: 'Parallel', Branches: [slow, bad], End: true }));
    expect(result).toMatchObject({ status: 'FAILED', error: 'Bad', seconds: 0 });
    expect(types(result).slice(-3)).toEqual(['WaitStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
  });
});

describe('Map', () => {
  const map = (state: object, body: object = { Type: 'Task', Resource: lambda('work'), End: true }): object =>
    one({
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Work', States: { Work: body } },
      End: true,
      ...state,
    });

  test('runs one iteration for each item and answers their outputs in order', async () => {
    const work = async (n: number, call: { sleep(s: number): Promise<void> }): Promise<number> => {
      await call.sleep(10 - n);
      return n * n;
    };
    const result = await run(map({}), { items: [1, 2, 3] }, { work });
    expect(result.output).toEqual([1, 4, 9]);
    expect(types(result).slice(1, 6)).toEqual([
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'MapIterationStarted',
      'MapIterationStarted',
    ]);
    expect(result.seconds).toBe(9);
  });

  test('MaxConcurrency bounds how many run at a time', async () => {
    let running = 0;
    let most = 0;
    const work = async (_: never, call: { sleep(s: number): Promise<void> }): Promise<void> => {
      most = Math.max(most, ++running);
      await call.sleep(1);
      running -= 1;
    };
    await run(map({ MaxConcurrency: 2 }), { items: [1, 2, 3, 4, 5] }, { work });
    expect(most).toBe(2);
  });

  test('ItemSelector sees the item, and the iteration sees it in the context', async () => {
    const selector = {
      i: '{% $states.context.Map.Item.Index %}',
      v: '{% $states.context.Map.Item.Value %}',
      all: '{% $states.input.k %}',
    };
    const body = {
      Type: 'Pass',
      Output: { in: '{% $states.input %}', item: '{% $states.context.Map.Item %}' },
      End: true,
    };
    const result = await run(map({ ItemSelector: selector }, body), { items: ['x'], k: 3 });
    expect(result.output).toEqual([{ in: { i: 0, v: 'x', all: 3 }, item: { Index: 0, Value: 'x' } }]);
  });

  test('an empty list succeeds with an empty list', async () => {
    expect(await run(map({}), { items: [] })).toMatchObject({ status: 'SUCCEEDED', output: [] });
  });

  test('Items that are no list are a failed evaluation', async () => {
    expect((await run(map({}), { items: 5 })).error).toBe('States.QueryEvaluationError');
  });

  test('a failed iteration aborts the others and fails the state, in the order AWS tells it', async () => {
    const work = (n: number, call: { hang(): Promise<never> }): unknown => {
      if (n > 0) return call.hang();
      throw new Error('first fails');
    };
    const result = await run(map({}), { items: [0, 1, 2] }, { work });
    expect(types(result).slice(-8)).toEqual(
      [
        'LambdaFunctionFailed',
        'MapIterationFailed',
        'TaskStateAborted',
        'MapIterationAborted',
        'TaskStateAborted',
        'MapIterationAborted',
        'TaskStateAborted',
        'MapStateFailed',
        'ExecutionFailed',
      ].slice(1),
    );
    const failure = result.history.find(({ type }) => type === 'LambdaFunctionFailed');
    expect(result.history.at(-2)?.previousEventId).toBe(failure?.id);
  });
});
