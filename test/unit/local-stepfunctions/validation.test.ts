import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { createFixture } from './engine-fixture.ts';
import { lambda, machine, task } from './asl.ts';

// The package has no types.
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  readonly errorsText: (separator: string) => string;
};

const pass = { Type: 'Pass', End: true };
const mapOf = (body: object, rest: object = {}): object =>
  machine({ Each: { Type: 'Map', ItemProcessor: { StartAt: 'In', States: { In: body } }, End: true, ...rest } });

const problems = (definition: unknown): string => {
  try {
    createFixture(definition, {});
    return '';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const refusals: [name: string, definition: unknown, told: string][] = [
  ['text that is not JSON', '{', 'INVALID_JSON_DESCRIPTION'],
  ['a machine that is not JSONata', { StartAt: 'A', States: { A: pass } }, '/States/A/QueryLanguage must be JSONata'],
  [
    'a state in JSONPath',
    machine({ A: { ...pass, QueryLanguage: 'JSONPath' } }),
    '/States/A/QueryLanguage must be JSONata',
  ],
  ['a JSONPath field', machine({ A: { ...pass, ResultPath: '$.x' } }), '/States/A/ResultPath belongs to JSONPath'],
  ['a Result', machine({ A: { ...pass, Result: 1 } }), '/States/A/Result belongs to JSONPath'],
  ['an unknown field', machine({ A: { ...pass, Outputs: 1 } }), '/States/A/Outputs is not a field'],
  ['an unknown type', machine({ A: { Type: 'Loop' } }), "/States/A/Type is not a type of state: 'Loop'"],
  ['no StartAt', { QueryLanguage: 'JSONata', States: { A: pass } }, '/StartAt must be a string'],
  ['no states', { QueryLanguage: 'JSONata', StartAt: 'A', States: {} }, '/States must be an object of states'],
  ['a start that is no state', machine({ A: pass }, { StartAt: 'B' }), "/StartAt names no state: 'B'"],
  ['a Next that is no state', machine({ A: { Type: 'Pass', Next: 'B' } }), "/States/A/Next names no state: 'B'"],
  ['a state that nothing leads to', machine({ A: pass, B: pass }), '/States/B is reached by no state'],
  ['a circle without an end', machine({ A: { Type: 'Pass', Next: 'A' } }), '/States has no state that ends it'],
  ['Next beside End', machine({ A: { ...pass, Next: 'A' } }), '/States/A must have either Next or End'],
  ['neither Next nor End', machine({ A: { Type: 'Pass' } }), '/States/A must have either Next or End'],
  ['a long name', machine({ ['x'.repeat(81)]: pass }), 'has a name of more than 80 characters'],
  [
    'an integration',
    machine({ A: { ...task('a'), Resource: 'arn:aws:states:::sqs:sendMessage' } }),
    "'arn:aws:states:::sqs:sendMessage'",
  ],
  [
    'an activity',
    machine({ A: { ...task('a'), Resource: 'arn:aws:states:us-east-1:000000000000:activity:a' } }),
    '/States/A/Resource',
  ],
  [
    'an SDK call',
    machine({ A: { ...task('a'), Resource: 'arn:aws:states:::aws-sdk:s3:getObject' } }),
    '/States/A/Resource',
  ],
  [
    'the Lambda integration without a function',
    machine({ A: { ...task('a'), Resource: 'arn:aws:states:::lambda:invoke' } }),
    '/States/A/Arguments',
  ],
  [
    'an argument of the Lambda integration that nothing here answers',
    machine({
      A: {
        ...task('a'),
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'f', InvocationType: 'Event' },
      },
    }),
    '/States/A/Arguments/InvocationType',
  ],
  [
    'a token that is not passed on',
    machine({
      A: {
        ...task('a'),
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'f' },
      },
    }),
    'must pass on $states.context.Task.Token',
  ],
  ['Credentials', machine({ A: task('a', { Credentials: {} }) }), '/States/A/Credentials is not supported'],
  ['a heartbeat without a token', machine({ A: task('a', { HeartbeatSeconds: 5 }) }), '/States/A/HeartbeatSeconds'],
  [
    'a heartbeat as long as the time limit',
    machine({ A: task('a', { TimeoutSeconds: 5, HeartbeatSeconds: 5 }) }),
    'must be smaller than TimeoutSeconds',
  ],
  [
    'a time limit of nothing',
    machine({ A: task('a', { TimeoutSeconds: 0 }) }),
    '/States/A/TimeoutSeconds must be a whole number',
  ],
  [
    'a distributed Map',
    mapOf(pass, { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'In', States: { In: pass } } }),
    'does not support the distributed Map',
  ],
  ['an ItemReader', mapOf(pass, { ItemReader: {} }), '/States/Each/ItemReader belongs to the distributed Map'],
  ['tolerated failures', mapOf(pass, { ToleratedFailureCount: 1 }), '/States/Each/ToleratedFailureCount'],
  ['an Iterator', machine({ A: { Type: 'Map', Iterator: {}, End: true } }), '/States/A/Iterator'],
  [
    'a mistake inside a Map',
    mapOf({ Type: 'Pass', Next: 'None' }),
    "/States/Each/ItemProcessor/States/In/Next names no state: 'None'",
  ],
  ['a Parallel without branches', machine({ A: { Type: 'Parallel', Branches: [], End: true } }), '/States/A/Branches'],
  [
    'the name of a state twice',
    mapOf(pass, { ItemProcessor: { StartAt: 'Each', States: { Each: pass } } }),
    'has the name of another state',
  ],
  ['a Wait without a time', machine({ A: { Type: 'Wait', End: true } }), 'must have either Seconds or Timestamp'],
  [
    'a Choice without choices',
    machine({ A: { Type: 'Choice', Choices: [], Default: 'B' }, B: pass }),
    '/States/A/Choices',
  ],
  [
    'a choice in JSONPath',
    machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B' }] }, B: pass }),
    '/States/A/Choices[0]/Variable belongs to JSONPath',
  ],
  [
    'States.ALL beside another name',
    machine({ A: task('a', { Retry: [{ ErrorEquals: ['States.ALL', 'B'] }] }) }),
    'must hold States.ALL alone',
  ],
  [
    'States.ALL before another one',
    machine({ A: task('a', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['B'] }] }) }),
    'is not the last one',
  ],
  ['a retrier without names', machine({ A: task('a', { Retry: [{}] }) }), '/States/A/Retry[0]/ErrorEquals'],
  [
    'a backoff that shrinks',
    machine({ A: task('a', { Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }] }) }),
    '/BackoffRate',
  ],
  [
    'a delay limit under the interval',
    machine({ A: task('a', { Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 9, MaxDelaySeconds: 9 }] }) }),
    '/MaxDelaySeconds must be greater',
  ],
  [
    'an unknown jitter',
    machine({ A: task('a', { Retry: [{ ErrorEquals: ['E'], JitterStrategy: 'HALF' }] }) }),
    '/JitterStrategy',
  ],
  [
    'a catcher that leads nowhere',
    machine({ A: task('a', { Catch: [{ ErrorEquals: ['E'] }] }) }),
    '/States/A/Catch[0]/Next',
  ],
  [
    'a reserved variable',
    machine({ A: { ...pass, Assign: { states: 1 } } }),
    '/States/A/Assign/states is a reserved name',
  ],
  ['a variable that is no name', machine({ A: { ...pass, Assign: { 'a-b': 1 } } }), '/States/A/Assign/a-b'],
  [
    'an outer variable assigned inside',
    mapOf({ ...pass, Assign: { x: 1 } }, { Assign: { x: 2 } }),
    "assigns the variable 'x' of an outer scope",
  ],
  [
    'an expression that is not closed',
    machine({ A: { ...pass, Output: '{% 1' } }),
    "/States/A/Output must begin with '{%' and end with '%}'",
  ],
  [
    'an expression with a mistake',
    machine({ A: { ...pass, Output: { deep: ['{% 1 + %}'] } } }),
    '/States/A/Output/deep[0] is not valid JSONata',
  ],
  ...(
    [
      ['a bare name', 'name', "the bare name 'name'"],
      ['a bare name deep inside', '$sum([1, (2 + total)])', "the bare name 'total'"],
      ['the input document', '$.a', "'$' without a value before it"],
      ['the root document', '$$.a', "'$$'"],
      ['a wildcard at the start', '*.a', 'a wildcard'],
      ['$eval', "$eval('1')", "'$eval'"],
      ['an assignment to $states', '($states := 1; $states)', "an assignment to '$states'"],
    ] as const
  ).map(([name, text, told]): [string, unknown, string] => [
    name,
    machine({ A: { ...pass, Output: `{% ${text} %}` } }),
    told,
  ]),
];

describe('A machine is refused, by state and field, for', () => {
  test.each(refusals)('%s', (_, definition, told) => {
    const found = problems(definition);
    expect(found).toMatch(/^InvalidDefinition: Invalid State Machine Definition: '/);
    expect(found).toContain(told);
  });
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
