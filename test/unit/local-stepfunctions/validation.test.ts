import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { createFixture } from './engine-fixture.ts';
import { lambda, machine } from './asl.ts';
import { pass, refusals } from './refusals.ts';

// The package has no types.
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  readonly errorsText: (separator: string) => string;
};

const problems = (definition: unknown): string => {
  try {
    createFixture(definition, {});
    return '';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

describe('A machine is refused, by state and field, for', () => {
  test.each([...refusals])('%s', (_, definition, told) => {
    const found = problems(definition);
    expect(found).toMatch(/^InvalidDefinition: Invalid State Machine Definition: '/);
    expect(found).toContain(told);
  });
});

test.each([
  '$exists($states.input.a) ? $states.input.a : 1',
  '($f := function($x, $y)<nn?:n>{ $x + $y }; $g := $f(?, 1); $g(2))',
  '$states.input.list@$item#$at.{"i": $at, "x": $item.x}',
  '$map($states.input.list, function($v, $i, $a) { $v.x & $string($i) })',
  '$states.input.list ~> $sort(function($l, $r) { $l.x > $r.x }) ~> $reverse',
  '$states.input ~> |list|{"seen": true}|',
  '$states.input.list{x: $sum(y)}',
  '$states.input.**.x[0]',
])('JSONata that AWS runs is accepted: %s', (text) => {
  expect(problems(machine({ A: { ...pass, Output: `{% ${text} %}` } }))).toBe('');
});

test('all that is wrong is told at once', () => {
  const found = problems(machine({ A: { ...pass, ResultPath: '$', Output: '{% name %}' } }));
  expect(found).toContain('/States/A/ResultPath');
  expect(found).toContain('/States/A/Output');
});

describe('A machine is accepted, by the independent validator too,', () => {
  const everything = machine(
    {
      Start: { Type: 'Pass', Comment: 'c', Assign: { a: '{% $states.input.list[x > 1].{"k": $.x} %}' }, Next: 'Wait' },
      Wait: { Type: 'Wait', Timestamp: '{% $now() %}', Next: 'Choose' },
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% $exists($a) %}', Next: 'Work' }], Default: 'Stop' },
      Work: {
        Type: 'Task',
        Resource: lambda('work'),
        Arguments: { a: '{% $map($a, function($v) { $v.k }) %}' },
        TimeoutSeconds: 60,
        Retry: [
          { ErrorEquals: ['PermanentError'], MaxAttempts: 0 },
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 1,
            BackoffRate: 2,
            MaxAttempts: 4,
            MaxDelaySeconds: 60,
            JitterStrategy: 'FULL',
          },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Stop' }],
        Next: 'Each',
      },
      Each: {
        Type: 'Map',
        Items: '{% $a %}',
        ItemSelector: { v: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: 3,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'One', States: { One: { Type: 'Succeed' } } },
        Next: 'Both',
      },
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'L', States: { L: pass } }], Next: 'Done' },
      Done: { Type: 'Succeed', Output: '{% $states.input^(>x) %}' },
      Stop: { Type: 'Fail', Error: 'E', Cause: '{% $states.input.Cause %}' },
    },
    { TimeoutSeconds: 3600, Comment: 'c', Version: '1.0' },
  );

  test('with every kind of state', () => {
    expect(problems(everything)).toBe('');
    const { isValid, errorsText } = aslValidator(everything);
    expect(isValid ? '' : errorsText('\n')).toBe('');
  });

  test('and ValidateStateMachineDefinition says so', async () => {
    const { call } = createFixture(undefined, {});
    const validate = (definition: object) =>
      call('ValidateStateMachineDefinition', { definition: JSON.stringify(definition) });
    expect(await validate(everything)).toEqual({ result: 'OK', diagnostics: [], truncated: false });
    expect(await validate(machine({ A: { ...pass, Parameters: {} } }))).toEqual({
      result: 'FAIL',
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          location: '/States/A/Parameters',
          message: 'belongs to JSONPath; machines here are written in JSONata',
        },
      ],
      truncated: false,
    });
  });
});
