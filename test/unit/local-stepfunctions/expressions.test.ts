import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import { machine } from './asl.ts';

const evaluate = async (output: unknown, input: unknown = {}) =>
  createMachine(machine({ Only: { Type: 'Pass', Output: output, End: true } }), {}).run(input);

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

  test.each([
    ['{% $states.input.none %}', /returned nothing/],
    ['{% $none %}', /returned nothing/],
    ['{% $states.input + 1 %}', /threw an error/],
    ['{% function($x) { $x } %}', /function/],
    ['{% [$sum] %}', /function/],
  ])('%s is a failed evaluation', async (expression, cause) => {
    const result = await evaluate({ at: expression });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(result.cause).toMatch(cause);
    expect(result.cause).toMatch(/executing the state 'Only' \(entered at the event id #2\)/);
    expect(result.history.at(-2)?.evaluationFailedEventDetails).toMatchObject({ location: 'Output/at', state: 'Only' });
  });

  test('have the functions that AWS adds', async () => {
    const result = await evaluate({
      partition: '{% $partition([1..5], 2) %}',
      range: '{% $range(1, 10, 3) %}',
      down: '{% $range(3, 1, -1) %}',
      hash: "{% $hash('a', 'MD5') %}",
      sha: "{% $hash('a') %}",
      same: '{% $random(7) = $random(7) %}',
      random: '{% $random() >= 0 and $random() < 2 %}',
      uuid: '{% $uuid() %}',
      parsed: `{% $parse('{"a":[1]}').a %}`,
      now: '{% $now() %}',
      millis: '{% $millis() %}',
      day: "{% $now('[Y]-[M01]') %}",
    });
    expect(result.output).toEqual({
      partition: [[1, 2], [3, 4], [5]],
      range: [1, 4, 7, 10],
      down: [3, 2, 1],
      hash: '0cc175b9c0f1b6a831c399e269772661',
      sha: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
      same: true,
      random: true,
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      parsed: [1],
      now: '2026-01-01T00:00:00.000Z',
      millis: Date.parse('2026-01-01T00:00:00Z'),
      day: '2026-01',
    });
  });

  test.each(['{% $hash("a", "CRC") %}', '{% $partition([1], 0) %}', '{% $range(1, 2, 0) %}', "{% $parse('{') %}"])(
    '%s fails',
    async (expression) => {
      expect((await evaluate(expression)).error).toBe('States.QueryEvaluationError');
    },
  );
});
