import { machine, task } from './asl.ts';

export const pass = { Type: 'Pass', End: true };
const mapOf = (body: object, rest: object = {}): object =>
  machine({ Each: { Type: 'Map', ItemProcessor: { StartAt: 'In', States: { In: body } }, End: true, ...rest } });

/** What is refused when a machine is created: what it is, a machine that has it, and a part of what is told. */
export const refusals: readonly (readonly [name: string, definition: unknown, told: string])[] = [
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
  ['Items that are no list', mapOf(pass, { Items: 5 }), '/States/Each/Items must be a list or an expression'],
  [
    'an expression with a blank behind it',
    machine({ A: { ...pass, Output: '{% 1 %} ' } }),
    "/States/A/Output must begin with '{%' and end with '%}'",
  ],
  [
    'the result of a state in its Arguments',
    machine({ A: task('a', { Arguments: '{% $states.result %}' }) }),
    "'$states.result', which is not there",
  ],
  [
    'the result of a state where there is none',
    machine({ A: { ...pass, Output: '{% $states.result %}' } }),
    "'$states.result', which is not there",
  ],
  [
    'the result of a state in its Catch',
    machine({ A: task('a', { Catch: [{ ErrorEquals: ['E'], Next: 'B', Output: '{% $states.result %}' }] }), B: pass }),
    "/States/A/Catch[0]/Output uses '$states.result', which is not there",
  ],
  [
    'an error outside a Catch',
    machine({ A: task('a', { Assign: { e: '{% $states.errorOutput.Error %}' } }) }),
    "'$states.errorOutput', which is not there",
  ],
  [
    'a member of $states that does not exist',
    machine({ A: { ...pass, Output: '{% $states.output %}' } }),
    "'$states.output', which is not there",
  ],
  ...(
    [
      ['an unknown function', '$nosuch(1)', "the unknown function '$nosuch'"],
      ['an unknown function at the end of a chain', "'a' ~> $nosuch", "the unknown function '$nosuch'"],
      ['an unknown function with an argument left open', '$nosuch(?, 1)', "the unknown function '$nosuch'"],
      ['the operator ??', '$states.input.a ?? 1', "the operator '??' or '?:'"],
      ['the operator ?:', '$states.input.a ?: 1', "the operator '??' or '?:'"],
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
