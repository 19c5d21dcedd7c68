import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import type { FakeFunction, MachineResult } from '../../fakes/machine.ts';
import { lambda, machine } from './asl.ts';

const one = (state: object, rest: Record<string, object> = {}): object => machine({ Only: state, ...rest });

const run = (definition: object, input: unknown = {}, functions: Record<string, FakeFunction> = {}) =>
  createMachine(definition, functions).run(input);

const types = ({ history }: MachineResult): string[] => history.map(({ type }) => type);

describe('Pass', () => {
  test('hands its input on when it has no Output', async () => {
    const result = await run(one({ Type: 'Pass', End: true }), { a: 1 });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 }, visited: ['Only'] });
    expect(types(result)).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    expect(result.history.map(({ previousEventId }) => previousEventId)).toEqual([0, 0, 2, 3]);
  });

  test('evaluates Output and Assign with the variables as they were', async () => {
    const definition = machine({
      First: { Type: 'Pass', Assign: { n: 1 }, Next: 'Second' },
      Second: { Type: 'Pass', Assign: { n: '{% $n + 1 %}', m: '{% $n %}' }, Output: '{% $n %}', Next: 'Third' },
      Third: { Type: 'Pass', Output: { n: '{% $n %}', m: '{% $m %}', input: '{% $states.input %}' }, End: true },
    });
    const result = await run(definition);
    expect(result.output).toEqual({ n: 2, m: 1, input: 1 });
    expect(result.history[2]?.stateExitedEventDetails).toMatchObject({ assignedVariables: { n: '1' } });
  });
});

describe('Choice', () => {
  const definition = one(
    {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Assign: { size: 'large' }, Output: 'big', Next: 'Tell' },
        { Condition: '{% $states.input.n > 5 %}', Assign: { size: 'medium' }, Next: 'Tell' },
      ],
      Default: 'Other',
    },
    {
      Tell: { Type: 'Pass', Output: { size: '{% $size %}', input: '{% $states.input %}' }, End: true },
      Other: { Type: 'Succeed', Output: 'small' },
    },
  );

  test('takes the first rule that is met, with its Assign and Output', async () => {
    expect((await run(definition, { n: 11 })).output).toEqual({ size: 'large', input: 'big' });
    expect((await run(definition, { n: 6 })).output).toEqual({ size: 'medium', input: { n: 6 } });
  });

  test('takes Default when no rule is met', async () => {
    expect(await run(definition, { n: 1 })).toMatchObject({ output: 'small', visited: ['Only', 'Other'] });
  });

  test('without Default fails as States.NoChoiceMatched', async () => {
    const state = { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n = 1 %}', Next: 'End' }] };
    const result = await run(one(state, { End: { Type: 'Succeed' } }), { n: 2 });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  test('a condition that is not a boolean is a failed evaluation', async () => {
    const state = { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n %}', Next: 'End' }] };
    const result = await run(one(state, { End: { Type: 'Succeed' } }), { n: 2 });
    expect(result.error).toBe('States.QueryEvaluationError');
    expect(types(result).slice(-2)).toEqual(['EvaluationFailed', 'ExecutionFailed']);
    expect(result.history.at(-2)?.evaluationFailedEventDetails).toMatchObject({
      state: 'Only',
      location: 'Choices[0]/Condition',
    });
  });
});

describe('Wait', () => {
  test('waits for Seconds, given or computed', async () => {
    expect((await run(one({ Type: 'Wait', Seconds: 90, End: true }))).seconds).toBe(90);
    const computed = one({ Type: 'Wait', Seconds: '{% $states.input.s * 2 %}', End: true });
    expect((await run(computed, { s: 4000 })).seconds).toBe(8000);
  });

  test('waits until Timestamp, and not at all when it has passed', async () => {
    const definition = one({ Type: 'Wait', Timestamp: '{% $states.input.at %}', End: true });
    expect((await run(definition, { at: '2026-01-01T01:00:00Z' })).seconds).toBe(3600);
    expect((await run(definition, { at: '2025-01-01T01:00:00+02:00' })).seconds).toBe(0);
  });

  test.each([
    ['Seconds', -1],
    ['Seconds', '5'],
    ['Timestamp', 'tomorrow'],
  ])('refuses a computed %s of %p', async (field, value) => {
    const result = await run(one({ Type: 'Wait', [field]: '{% $states.input.v %}', End: true }), { v: value });
    expect(result.error).toBe('States.QueryEvaluationError');
  });

  test('a wait of more than 25 days does not overflow the timer', async () => {
    expect((await run(one({ Type: 'Wait', Seconds: 40 * 86_400, End: true }))).seconds).toBe(40 * 86_400);
  });
});

describe('Fail and Succeed', () => {
  test('Fail evaluates Error and Cause', async () => {
    const state = { Type: 'Fail', Error: '{% $states.input.e %}', Cause: "{% 'why: ' & $states.input.c %}" };
    const result = await run(one(state), { e: 'Broken', c: 'rain' });
    expect(result).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'why: rain' });
    expect(types(result)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  test('Succeed ends the machine with its Output', async () => {
    expect((await run(one({ Type: 'Succeed', Output: '{% $states.input.a %}' }), { a: [1] })).output).toEqual([1]);
  });
});

describe('Task', () => {
  test('calls a function by its ARN with Arguments and answers its result', async () => {
    const state = { Type: 'Task', Resource: lambda('work'), Arguments: { id: '{% $states.input.id %}' }, End: true };
    const result = await run(one(state), { id: 7 }, { work: ({ id }: { id: number }) => ({ got: id }) });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { got: 7 }, calls: { work: [{ id: 7 }] } });
    expect(types(result)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(result.history[2]?.lambdaFunctionScheduledEventDetails).toEqual({
      resource: lambda('work'),
      input: '{"id":7}',
      inputDetails: { truncated: false },
    });
  });

  test('without Arguments gives the function the input of the state', async () => {
    const result = await run(one({ Type: 'Task', Resource: lambda('work'), End: true }), [1], { work: () => 'ok' });
    expect(result.calls).toEqual({ work: [[1]] });
  });

  test('the Lambda integration wraps the answer of the function', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: lambda('work'), Payload: { a: 1 } },
      Output: '{% $states.result.Payload %}',
      End: true,
    };
    const result = await run(one(state), {}, { work: ({ a }: { a: number }) => a + 1 });
    expect(result.output).toBe(2);
    expect(types(result).slice(2, 5)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSucceeded']);
    expect(result.history[2]?.taskScheduledEventDetails).toMatchObject({
      resource: 'invoke',
      resourceType: 'lambda',
      region: 'us-east-1',
    });
  });

  test('a function error fails with its type as error and the whole of it as cause', async () => {
    const boom = (): never => {
      throw Object.assign(new Error('GONE: it is gone'), { name: 'PermanentError' });
    };
    const result = await run(one({ Type: 'Task', Resource: lambda('work'), End: true }), {}, { work: boom });
    expect(result).toMatchObject({ status: 'FAILED', error: 'PermanentError' });
    expect(JSON.parse(result.cause ?? '')).toEqual({
      errorType: 'PermanentError',
      errorMessage: 'GONE: it is gone',
      trace: [],
    });
    expect(types(result).slice(-2)).toEqual(['LambdaFunctionFailed', 'ExecutionFailed']);
  });

  test('a refusal of the Lambda service is an error of its own', async () => {
    const result = await run(one({ Type: 'Task', Resource: lambda('absent'), End: true }));
    expect(result).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/.+/) });
  });
});

describe('The context object', () => {
  test('tells the execution, the machine and the state', async () => {
    const result = await run(one({ Type: 'Pass', Output: '{% $states.context %}', End: true }), { a: 1 });
    expect(result.output).toEqual({
      Execution: {
        Id: 'arn:aws:states:us-east-1:000000000000:execution:machine:run-1',
        Input: { a: 1 },
        Name: 'run-1',
        RoleArn: 'arn:aws:iam::000000000000:role/machine',
        StartTime: '2026-01-01T00:00:00.000Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine', Name: 'machine' },
      State: { Name: 'Only', EnteredTime: '2026-01-01T00:00:00.000Z' },
    });
  });
});
