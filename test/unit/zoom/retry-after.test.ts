import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeRetryAfter, retryAfterSeconds } from '../../../core/zoom/retry-after.ts';

const now = new Date('2026-01-12T12:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['12', 12],
    ['2026', 2026],
    [3, 3],
    ['1.2', 2],
    [' 5 ', 5],
    ['Mon, 12 Jan 2026 12:00:30 GMT', 30],
    ['2026-01-12T12:01:00Z', 60],
    ['2026-01-12T13:00:00+01:00', 0],
    ['2026-01-12T11:00:00Z', 0],
  ])('%s is %d seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });

  test.each([undefined, null, '', 'soon', '-3', 'Infinity', ['1', '2']])('%p says nothing', (header) => {
    expect(retryAfterSeconds(header, now)).toBeUndefined();
    expect(describeRetryAfter(header, now)).toBe('');
  });

  test('of any text is a whole number of seconds or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const seconds = retryAfterSeconds(header, now);
        expect(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0)).toBe(true);
      }),
    );
  });
});
