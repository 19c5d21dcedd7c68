import { describe, expect, test } from '@jest/globals';
import { PermanentError, toStepError, TransientError } from '../../../core/step/errors.ts';
import { keepOutOfLogs } from '../../../core/step/log.ts';

describe('an error that leaves a function', () => {
  test('is one of the two names that the machine knows', () => {
    expect(toStepError(new PermanentError('BAD_INPUT', 'index: missing'))).toMatchObject({
      name: 'PermanentError',
      code: 'BAD_INPUT',
      message: 'BAD_INPUT: index: missing',
    });
    expect(toStepError(new TransientError('later')).name).toBe('TransientError');
    expect(toStepError(new TypeError('x is not a function'))).toMatchObject({
      name: 'TransientError',
      message: 'TypeError: x is not a function',
    });
  });

  test.each([['a text'], [undefined], [null], [42], [{ message: 'not an error' }], [Symbol('s')]])(
    'is transient when %p was thrown, and does not quote it',
    (thrown) => {
      const error = toStepError(thrown);
      expect(error.name).toBe('TransientError');
      expect(error.message).toBe(`a value that is not an error was thrown: ${typeof thrown}`);
    },
  );

  test('keeps what it was caused by', () => {
    const cause = new RangeError('too far');
    expect(toStepError(cause).cause).toBe(cause);
  });

  test('holds no secret in message or stack', () => {
    keepOutOfLogs('canary-value-1');
    const leaks = [
      new PermanentError('ZOOM_REFUSED', 'canary-value-1 at https://zoom.us/x?sig=canary-2 for eve@example.org'),
      new TransientError('Bearer canary-3'),
      new Error('connect https://user:canary-4@zoom.us/rec?token=canary-5'),
    ].map(toStepError);
    for (const { message, stack } of leaks) {
      expect(`${message} ${stack}`).not.toMatch(/canary|eve@/);
    }
    expect(leaks[0]?.message).toBe('ZOOM_REFUSED: [redacted] at https://zoom.us/x?[redacted] for [address]');
  });
});
