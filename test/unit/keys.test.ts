import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { executionNameOf, jobIdOf, jobIdOfExecution, planKeyOf, safeSegment } from '../../core/keys.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('', '.', '..', '../..', '/', '//', 'a/../b', '\0', '\ud800', 'NUL', '%2e%2e%2f', '𝔸'.repeat(500)),
);
/** What S3, browsers, shells and every file system take. */
const expectSafe = (key: string): void => {
  expect(key).toMatch(/^[a-z0-9_/.-]+$/);
  expect(key).not.toMatch(/\.\.|\/\/|^\/|(^|\/)\.|\.(\/|$)/);
  expect(key.length).toBeLessThanOrEqual(200);
};

describe('a part of a key', () => {
  test('is safe and short, whatever it is made of', () => {
    fc.assert(
      fc.property(anyText, (text) => expectSafe(safeSegment(text))),
      { numRuns: 500 },
    );
  });

  test('keeps what is already safe', () => {
    expect(safeSegment('shared_screen_with_speaker_view(CC)')).toBe('shared_screen_with_speaker_view_cc');
    expect(safeSegment('Gallery-View_2')).toBe('gallery-view_2');
    expect(['', '..', '///', '会議'].map(safeSegment)).toEqual(Array(4).fill('unnamed'));
  });
});

/** Half surrogates are one and the same in UTF-8. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

describe('the id of a job', () => {
  test('is the same for the same occurrence, and stays the same from release to release', () => {
    expect(jobIdOf('abcDEF123', 'aDYlohsHRtCd4ii1uC2+hA==')).toBe('zoom-7c41f20be0cf504a2aa2adb4');
    expect(jobIdOfExecution('arn:aws:states:us-east-1:000000000000:execution:m:mine')).toBe(
      'hand-afb1efe91c97dce053eafa26',
    );
  });

  test('fits into addresses, keys and the names of executions', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 1, max: 1_000_000 }), (account, uuid, attempt) => {
        for (const id of [jobIdOf(account, uuid), jobIdOfExecution(uuid)]) {
          expect(encodeURIComponent(id)).toBe(id);
          expect(executionNameOf(id, attempt)).toMatch(/^[a-z]+-[0-9a-f]{24}-\d+$/);
          expect(executionNameOf(id, attempt).length).toBeLessThanOrEqual(80);
          expectSafe(planKeyOf(id, attempt, [uuid]));
        }
      }),
    );
  });

  test('differs between occurrences and accounts, wherever one text ends and the other begins', () => {
    const pair = fc.tuple(anyText, anyText).map(([a, b]) => [wellFormed(a), wellFormed(b)] as const);
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        fc.pre(one[0] !== other[0] || one[1] !== other[1]);
        expect(jobIdOf(...one)).not.toBe(jobIdOf(...other));
      }),
    );
    expect(jobIdOf('ab', 'c')).not.toBe(jobIdOf('a', 'bc'));
    expect(jobIdOf('1:a', '')).not.toBe(jobIdOf('', '1:a'));
  });
});

test('a plan that holds other files has another key', () => {
  expect(planKeyOf('zoom-1', 3, ['a', 'b'])).toMatch(/^jobs\/zoom-1\/plan-3-[0-9a-f]{12}\.json$/);
  const keys = [['a', 'b'], ['ab'], ['a'], [], ['b', 'a']].map((ids) => planKeyOf('zoom-1', 3, ids));
  expect(new Set(keys).size).toBe(5);
});
