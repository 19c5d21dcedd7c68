import { describe, expect, test } from '@jest/globals';
import { failing, lambda, machine, task } from './asl.ts';
import { reachableEvents } from './coverage-events.ts';
import { createFixture, executionArn } from './engine-fixture.ts';
import type { Fixture } from './engine-fixture.ts';
import { problemsOfOutput } from './sdk-model.ts';

const block = (key: string, state: object): object => ({ StartAt: key, States: { [key]: state } });
const wait = { Type: 'Wait', Seconds: 1000, End: true };
const stop = { Type: 'Succeed' };

const integration = (key: string, rest: object = {}): object =>
  task(key, { Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: lambda(key) }, ...rest });

const asking = integration('ask', {
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: lambda('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
});

/** The types of a machine's events, in order; `meanwhile` does something to the execution that was started. */
const typesOf = async (
  definition: object,
  meanwhile: (fixture: Fixture) => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> => {
  const fixture: Fixture = createFixture(definition, {
    good: () => 1,
    bad: () => failing('Bad'),
    slow: (_, clock) => clock.idle(new Promise(() => undefined)),
    ask: ({ token }: { token: string }) =>
      void fixture.clock
        .sleep(1, new AbortController().signal)
        .then(() => fixture.call('SendTaskSuccess', { taskToken: token, output: '1' })),
  });
  await fixture.start('one');
  await meanwhile(fixture);
  await fixture.ended('one');
  return (await fixture.history('one')).map(({ type }) => type);
};

const only = (state: object): object => machine({ Only: state });

/** One branch fails: the others are given up, whatever they are at. */
const abandoned = only({
  Type: 'Parallel',
  Branches: [
    block('Bad', task('bad')),
    block('Sleeping', wait),
    block('Working', task('slow')),
    block('Inner', { Type: 'Parallel', Branches: [block('Deep', wait)], End: true }),
    block('Each', { Type: 'Map', Items: [1], ItemProcessor: block('Deeper', wait), End: true }),
  ],
  End: true,
});

test('every type of event that AWS can tell of what runs here is told, and no other', async () => {
  const abort = (fixture: Fixture) => fixture.call('StopExecution', { executionArn: executionArn('one') });
  const redrive = async (fixture: Fixture): Promise<void> => {
    await fixture.ended('one');
    await fixture.call('RedriveExecution', { executionArn: executionArn('one') });
  };
  const choice = { Type: 'Choice', Choices: [{ Condition: true, Next: 'Stop' }] };
  const found = [
    await typesOf(machine({ Choose: choice, Stop: stop })),
    await typesOf(only({ Type: 'Pass', End: true })),
    await typesOf(only({ Type: 'Fail', Error: 'E' }), redrive),
    await typesOf(only({ ...wait, Seconds: 1 })),
    await typesOf(only(wait), abort),
    await typesOf(machine({ Only: wait }, { TimeoutSeconds: 1 })),
    await typesOf(only(task('good', { Output: '{% $none %}' }))),
    await typesOf(only(task('bad'))),
    await typesOf(only(task('slow', { TimeoutSeconds: 1 }))),
    await typesOf(only(integration('good'))),
    await typesOf(only(integration('bad'))),
    await typesOf(only(integration('slow', { TimeoutSeconds: 1 }))),
    await typesOf(only(asking)),
    await typesOf(abandoned),
    await typesOf(only({ Type: 'Map', Items: [1], ItemProcessor: block('In', task('bad')), End: true })),
    await typesOf(only({ Type: 'Map', Items: [1], ItemProcessor: block('In', stop), End: true })),
    await typesOf(only({ Type: 'Parallel', Branches: [block('In', stop)], End: true })),
  ];
  expect([...new Set(found.flat())].sort()).toEqual([...reachableEvents].sort());
});

test('what a failing branch gives up is told from the innermost outwards', async () => {
  const types = await typesOf(abandoned);
  expect(types.slice(types.indexOf('LambdaFunctionFailed'))).toEqual([
    'LambdaFunctionFailed',
    'TaskStateAborted',
    'WaitStateAborted',
    'TaskStateAborted',
    'WaitStateAborted',
    'ParallelStateAborted',
    'MapIterationAborted',
    'WaitStateAborted',
    'MapStateAborted',
    'ParallelStateFailed',
    'ExecutionFailed',
  ]);
});

describe('The model that the SDK ships', () => {
  const event = { id: 1, previousEventId: 0, timestamp: 1.5, type: 'PassStateEntered' };
  const history = (details: object): readonly string[] =>
    problemsOfOutput('GetExecutionHistory', { events: [{ ...event, ...details }] });

  test('accepts what is right, so that every answer in these tests is held against it', () => {
    expect(
      history({ stateEnteredEventDetails: { name: 'A', input: '1', inputDetails: { truncated: false } } }),
    ).toEqual([]);
  });

  test('refuses what is wrong', () => {
    expect(history({})).toEqual(['PassStateEntered has , not stateEnteredEventDetails']);
    expect(history({ stateEnteredEventDetails: {} })).toEqual([
      'GetExecutionHistory.events[0].stateEnteredEventDetails.name is missing',
    ]);
    expect(history({ type: 'Passed' })).toEqual(['Passed is no type of event']);
    expect(history({ stateEnteredEventDetails: { name: 'A', output: '1' } })).toHaveLength(1);
    expect(problemsOfOutput('StopExecution', { stopDate: 'yesterday' })).toHaveLength(1);
    expect(problemsOfOutput('StopExecution', {})).toEqual(['StopExecution.stopDate is missing']);
  });
});
