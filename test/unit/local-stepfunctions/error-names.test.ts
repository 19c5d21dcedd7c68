import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import type { FakeFunction } from '../../fakes/machine.ts';
import { createFixture } from './engine-fixture.ts';
import { failing, machine, task } from './asl.ts';

const run = (definition: object, input: unknown = {}, functions: Record<string, FakeFunction> = {}) =>
  createMachine(definition, functions).run(input);

const end = { Type: 'Succeed' };

describe('Error names', () => {
  const catching = (names: string[], rest: object = {}): object =>
    machine({
      Work: task('work', { Catch: [{ ErrorEquals: names, Output: 'caught', Next: 'End' }], ...rest }),
      End: end,
    });

  test('States.TaskFailed matches what a function fails with', async () => {
    const result = await run(catching(['States.TaskFailed']), {}, { work: () => failing('Anything') });
    expect(result.output).toBe('caught');
  });

  test('one catcher takes several names', async () => {
    for (const name of ['A', 'B'])
      expect((await run(catching(['A', 'B']), {}, { work: () => failing(name) })).output).toBe('caught');
    expect((await run(catching(['A', 'B']), {}, { work: () => failing('C') })).error).toBe('C');
  });

  test('States.NoChoiceMatched of a branch can be caught outside it', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Never' }] };
    const inner = { StartAt: 'Which', States: { Which: choice, Never: end } };
    const catcher = [
      { ErrorEquals: ['States.NoChoiceMatched'], Output: '{% $states.errorOutput.Error %}', Next: 'End' },
    ];
    const state = { Type: 'Parallel', Branches: [inner], Catch: catcher, End: true };
    expect((await run(machine({ Both: state, End: end }))).output).toBe('States.NoChoiceMatched');
  });

  test('States.Runtime is never caught, by its name neither', async () => {
    const integration = {
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: '{% {"FunctionName": 5} %}',
    };
    for (const name of ['States.ALL', 'States.Runtime', 'States.TaskFailed']) {
      const result = await run(catching([name], integration));
      expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    }
  });

  test('Lambda.Unknown is a failure without a type', async () => {
    const outcome = { functionError: 'Unhandled', payload: { errorType: '', errorMessage: 'gone' } } as const;
    const fixture = createFixture(catching(['Lambda.Unknown']), {}, { invokeFunction: async () => outcome });
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '"caught"' });
  });
});
