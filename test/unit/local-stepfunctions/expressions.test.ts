import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import { machine } from './asl.ts';

const evaluate = async (output: unknown, input: unknown = {}) =>
  createMachine(machine({ Only: { Type: 'Pass', Output: output, End: true } }), {}).run(input);

const place = (text: string, field = 'Output'): string =>
  `An error occurred while executing the state 'Only' (entered at the event id #2). ` +
  `The JSONata expression '${text}' specified for the field '${field}' `;

/** Why the expression failed, without what stands before every such cause. */
const causeOf = async (text: string): Promise<string> => {
  const { error, cause = '' } = await evaluate(`{% ${text} %}`);
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause.startsWith(place(text))).toBe(true);
  return cause.slice(place(text).length);
};

const nothing = 'returned nothing (undefined).';

describe('Expressions', () => {
  test('stand in strings that begin and end with the marks; all else is literal', async () => {
    const template = {
      n: '{% $states.input.a + 1 %}',
      text: ' {% $states.input.a %} ',
      path: '$states.input',
      list: [null, 0, 0.5, true, '{% $states.input.a %}', { deep: '{%$states.input.a%}' }],
    };
    expect((await evaluate(template, { a: 1 })).output).toEqual({
      ...template,
      n: 2,
      list: [null, 0, 0.5, true, 1, { deep: 1 }],
    });
  });

  test('leave lists as they are, of one element too', async () => {
    expect((await evaluate('{% $states.input %}', [1])).output).toEqual([1]);
    expect((await evaluate('{% [$states.input.x] %}', { x: 1 })).output).toEqual([1]);
  });

  test('that pick one element of a list answer it alone, as JSONata does', async () => {
    expect((await evaluate('{% $states.input[x > 1] %}', [{ x: 1 }, { x: 2 }])).output).toEqual({ x: 2 });
    expect((await evaluate('{% $states.input[x > 1][] %}', [{ x: 1 }, { x: 2 }])).output).toEqual([{ x: 2 }]);
  });

  test('write numbers that JSON does not know as words', async () => {
    const output = { up: '{% 1/0 %}', down: '{% -1/0 %}', none: '{% 0/0 %}', deep: '{% [1/0, {"k": 0/0}] %}' };
    expect((await evaluate(output)).output).toEqual({
      up: 'Infinity',
      down: '-Infinity',
      none: 'NaN',
      deep: ['Infinity', { k: 'NaN' }],
    });
  });
});

describe('A failed evaluation', () => {
  test.each([
    ['$states.input.none', nothing],
    ['$none', nothing],
    ['{} + 1', 'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number'],
    [
      '$sqrt(-1)',
      'threw an error during evaluation. D3060: The sqrt function cannot be applied to a negative number: -1',
    ],
    [
      '$parse(null)',
      'threw an error during evaluation. T0410: Argument 1 of function "parse" does not match function signature',
    ],
    ['$error("mine")', 'threw an error during evaluation. D3137: mine'],
    ['function($x) { $x }', 'threw an error during evaluation: the result holds a function'],
    ['[$sum]', 'threw an error during evaluation: the result holds a function'],
  ])('of %s tells why, as AWS words it', async (text, cause) => {
    expect(await causeOf(text)).toBe(cause);
  });

  test.each([
    [{ v: '{% $states.input.missing %}' }, 'Output/v'],
    [{ a: { b: '{% $states.input.missing %}' } }, 'Output/a/b'],
    [{ values: ['{% $states.input.missing %}', 1] }, 'Output/values[0]'],
    [{ a: { b: [[1, '{% $states.input.missing %}']] } }, 'Output/a/b[0][1]'],
  ])('in %j names the field, in the cause and in its event', async (output, field) => {
    const result = await evaluate(output);
    expect(result.cause).toBe(place('$states.input.missing', field) + nothing);
    expect(result.history.at(-2)).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: {
        error: 'States.QueryEvaluationError',
        cause: result.cause,
        location: field,
        state: 'Only',
      },
    });
  });

  test('tells the type that was expected, and the one there was', async () => {
    const state = { Type: 'Map', Items: '{% $states.input %}', End: true };
    const inner = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
    const result = await createMachine(machine({ Only: { ...state, ItemProcessor: inner } }), {}).run({ a: 1 });
    expect(result.cause).toBe(
      `${place('$states.input', 'Items')}returned an unexpected result type. ` +
        `Expected 'array', but was 'object' for value: {"a":1}`,
    );
  });
});

describe('The functions that AWS adds', () => {
  // Answers of AWS, recorded by others through its TestState.
  test.each<[string, unknown]>([
    ['$partition([1..5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3])', [[1, 2, 3]]],
    ['$partition([1..5], 2.9)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(10, 0, -2)', [10, 8, 6, 4, 2, 0]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(5, 1, -1.5)', [5, 4, 3, 2, 1]],
    ['$range(3, 3, 1)', 3],
    ['$count($range(1, 360145, 1))', 360145],
    ['$hash("Hello", "MD5")', '8b1a9953c4611296a827abf8c47804d7'],
    ['$hash("Hello", "SHA-1")', 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
    ['$hash("Hello", "SHA-256")', '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
    ['$substring($hash("Hello", "SHA-384"), 0, 8)', '3519fe5a'],
    ['$substring($hash("Hello", "SHA-512"), 0, 8)', '3615f80c'],
    ['$hash("ñ", "MD5")', '94e9342ecbb1458b6043ecd3bfcbc192'],
    ['$random(42)', 0.7275636800328681],
    ['$random(0)', 0.730967787376657],
    ['$random(7)', 0.7306990420600421],
    ['$random(0.9) = $random(0)', true],
    ['$uuid() = $uuid()', false],
    [`$parse('{"a":1,"b":[1,2,3]}')`, { a: 1, b: [1, 2, 3] }],
    [`$parse('{"a":{"x":1},"b":{"x":":"}}').b.x`, ':'],
    [`$exists($parse('null'))`, true],
    [`$map(['{"a":1}', '{"a":2}'], $parse).a`, [1, 2]],
    ['$now()', '2026-01-01T00:00:00.000Z'],
    ["$now('[Y]-[M01]')", '2026-01'],
    ['$millis()', Date.parse('2026-01-01T00:00:00Z')],
  ])('%s', async (text, answer) => {
    expect(await evaluate(`{% ${text} %}`)).toMatchObject({ status: 'SUCCEEDED', output: answer });
  });

  test('$random is below 1, $uuid of version 4', async () => {
    const { output } = await evaluate({ random: '{% $random() >= 0 and $random() < 2 %}', uuid: '{% $uuid() %}' });
    expect(output).toEqual({
      random: true,
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/),
    });
  });

  test.each([
    '$partition([], 2)',
    '$partition([1,2,3], 0)',
    '$partition([1,2,3,4], -0.5)',
    '$range(5, 1, 1)',
    '$range(1, 5, 0)',
    '$range(1, 5)',
    '$hash("Hello")',
    '$parse()',
  ])('%s answers nothing', async (text) => {
    expect(await causeOf(text)).toBe(nothing);
  });

  test.each([
    ['$partition([1,2,3], -1)', 'D3137: Second argument must be zero or greater'],
    ['$hash("Hello", "md5")', 'D3137'],
    ['$hash("Hello", "SHA3-256")', 'D3137'],
    ['$hash(42, "MD5")', 'T0410'],
    ['$hash("a", 5)', 'T0410'],
    ['$range(1)', 'T0410'],
    ['$uuid("seed")', 'T0410'],
    ['$random(1, 2)', 'T0410'],
    ['$parse("{}", "x")', 'T0410'],
    ["$parse('')", 'D3137: Invalid JSON'],
    [`$parse('{"a":1}{"b":2}')`, 'D3137: Invalid JSON'],
    [`$parse('{"a":1,"a":2}')`, 'D3137: Invalid JSON'],
    ["$parse('1e400')", 'D3137: Invalid JSON'],
  ])('%s fails with the code %s', async (text, code) => {
    expect((await causeOf(text)).startsWith(`threw an error during evaluation. ${code}`)).toBe(true);
  });
});

describe('An expression that would never end, or never stop growing,', () => {
  const memory =
    'threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage';
  const time = 'threw an error during evaluation: Expression evaluation timeout: Check for infinite loop';
  const stack =
    'threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';
  const recursion = (times: number): string => `($f := function($x){ $x <= 0 ? 0 : 1 + $f($x-1) }; $f(${times}))`;
  const doubling = (times: number): string =>
    `($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f('x', ${times})))`;

  test('is given up where AWS gives it up: endless calls of itself', async () => {
    expect(await causeOf('($f := function($x){ $f($x+1) }; $f(1))')).toBe(time);
  });

  test('is given up where AWS gives it up: deep calls', async () => {
    expect((await evaluate(`{% ${recursion(31)} %}`)).output).toBe(31);
    expect(await causeOf(recursion(32))).toBe(stack);
  });

  test('is given up where AWS gives it up: long sums and deep brackets', async () => {
    const sum = (terms: number): string => `1${'+1'.repeat(terms - 1)}`;
    const brackets = (depth: number): string => '('.repeat(depth) + '1' + ')'.repeat(depth);
    expect((await evaluate(`{% ${sum(100)} %}`)).output).toBe(100);
    expect((await evaluate(`{% ${brackets(99)} %}`)).output).toBe(1);
    expect(await causeOf(sum(101))).toBe(stack);
    expect(await causeOf(brackets(100))).toBe(stack);
  });

  test('is given up where AWS gives it up: long lists', async () => {
    expect((await evaluate('{% [1..873782] ~> $count() %}')).output).toBe(873_782);
    expect(await causeOf('[1..873783] ~> $count()')).toBe(memory);
    expect(await causeOf('$range(1, 360146, 1)')).toBe(memory);
    expect(await causeOf('$range(1, 1000000000, 1)')).toBe(memory);
  });

  test('is given up where AWS gives it up: a text that doubles', async () => {
    expect((await evaluate(`{% ${doubling(22)} %}`)).output).toBe(2 ** 22);
    expect(await causeOf(doubling(23))).toBe(memory);
  });

  test('is given up: a regular expression that tries everything', async () => {
    expect(await causeOf(`$match('${'a'.repeat(60)}b', /^(a+)+$/)`)).toBe(time);
  });

  test('leaves ordinary regular expressions alone', async () => {
    const output = {
      match: '{% $match("a1b22", /[a-z](\\d+)/).groups %}',
      replace: '{% $replace("a-b-c", /-(.)/, "+$1") %}',
      split: '{% $split("a, b,c", /,\\s*/) %}',
      contains: '{% $contains("ABC", /b/i) %}',
    };
    expect((await evaluate(output)).output).toEqual({
      match: ['1', '22'],
      replace: 'a+b+c',
      split: ['a', 'b', 'c'],
      contains: true,
    });
  });
});
