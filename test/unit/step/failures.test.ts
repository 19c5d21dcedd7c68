import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failures, readFailure } from '../../../core/step/failures.ts';

const lambdaCause = (errorMessage: string) =>
  JSON.stringify({ errorType: 'PermanentError', errorMessage, trace: ['PermanentError: …', '    at handler'] });

describe('a failure', () => {
  test.each(Object.entries(failures))('%s has a sentence and an action for a person', (code, { sentence, action }) => {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(action).toMatch(/^[A-Z].*\.$/);
  });

  test.each(Object.keys(failures))('%s is read back from what Lambda makes of the error', (code) => {
    expect(readFailure('PermanentError', lambdaCause(`${code}: the detail: with colons\nand lines`))).toEqual({
      code,
      detail: 'the detail: with colons\nand lines',
      ...failures[code as keyof typeof failures],
    });
  });

  test('is explained as a time-out when a step or its function took too long', () => {
    expect(readFailure('States.Timeout', undefined).code).toBe('TOOK_TOO_LONG');
    const killed = JSON.stringify({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 60.00 seconds',
    });
    expect(readFailure('Sandbox.Timedout', killed)).toMatchObject({
      code: 'TOOK_TOO_LONG',
      detail: 'Task timed out after 60.00 seconds',
    });
  });

  test.each([
    ['nothing at all', undefined, undefined, ''],
    ['an error without a cause', 'States.Runtime', undefined, 'States.Runtime'],
    ['plain text', 'States.Runtime', 'An error occurred while…', 'States.Runtime: An error occurred while…'],
    [
      'a mistake of ours',
      'TransientError',
      lambdaCause('TypeError: x is undefined'),
      'TransientError: TypeError: x is undefined',
    ],
    ['a code that nobody knows', 'E', lambdaCause('NO_SUCH_CODE: x'), 'E: NO_SUCH_CODE: x'],
    ['the name of a property of all objects', 'E', 'constructor: x', 'E: constructor: x'],
    ['JSON that is no cause', 'E', '[1,2]', 'E: [1,2]'],
    ['null', 'E', 'null', 'E: null'],
    ['a message that is no text', 'E', '{"errorMessage":7}', 'E: {"errorMessage":7}'],
  ])('that is %s stays unexplained, with what is known of it', (_, error, cause, detail) => {
    expect(readFailure(error, cause)).toMatchObject({ code: 'UNEXPLAINED', detail });
  });

  test('is that of a service where what passes by itself did not pass', () => {
    expect(readFailure('TransientError', lambdaCause('Zoom answered 503'))).toEqual({
      code: 'STILL_FAILING',
      detail: 'Zoom answered 503',
      ...failures.STILL_FAILING,
    });
  });

  test('has a detail of bounded length', () => {
    for (const [error, cause] of [
      ['PermanentError', lambdaCause(`ZOOM_CHANGED: ${'x'.repeat(30_000)}`)],
      ['States.Timeout', 'y'.repeat(30_000)],
      ['E', 'z'.repeat(30_000)],
    ] as const) {
      expect(readFailure(error, cause).detail.length).toBeLessThanOrEqual(1_000);
    }
  });

  test('is told whatever error and cause are', () => {
    const text = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), { nil: undefined });
    const cause = fc.oneof(text, fc.string({ unit: 'binary' }).map(lambdaCause));
    fc.assert(
      fc.property(text, cause, (error, told) => {
        const failure = readFailure(error, told);
        expect(failures[failure.code]).toMatchObject({ sentence: failure.sentence, action: failure.action });
      }),
    );
  });
});
