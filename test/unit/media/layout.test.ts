import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesOf,
  bytesPerWorker,
  missingRuns,
  oneWorkersBytes,
  partBytesOf,
  partCount,
  partsOf,
  workersFor,
} from '../../../core/media/layout.ts';

const MiB = 1_048_576;
const GiB = 1_024 * MiB;
const TiB = 1_024 * GiB;

describe('the parts of a large file', () => {
  test.each([
    [6 * GiB, 32 * MiB, 2],
    [40 * GiB, 32 * MiB, 10],
    [312 * GiB, 32 * MiB, 78],
    [400 * GiB, 41 * MiB, 100],
    [5 * TiB, 525 * MiB, 600],
  ])('of %d bytes are of %d bytes, and %d workers share them', (bytes, partBytes, workers) => {
    expect(partBytesOf(bytes)).toBe(partBytes);
    expect(workersFor(bytes, bytes)).toBe(workers);
  });

  test('are never more than S3 takes, whatever the length, nor larger than it takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 48 * TiB }), (bytes) => {
        const partBytes = partBytesOf(bytes);
        expect(partCount(bytes, partBytes)).toBeLessThanOrEqual(10_000);
        expect(partBytes).toBeLessThanOrEqual(5 * GiB);
      }),
    );
  });

  test('of all files of a plan are divided among as many workers as a state can name', () => {
    const files = Array.from({ length: 500 }, () => 100 * GiB);
    const all = files.reduce((sum, bytes) => sum + bytes, 0);
    const workers = files.reduce((sum, bytes) => sum + workersFor(bytes, all), 0);
    expect(workers).toBeLessThanOrEqual(1_100);
  });

  test('of one worker are what it can read in one go at a third of the speed of Lambda', () => {
    expect(bytesPerWorker).toBeLessThan(oneWorkersBytes);
  });

  test('are each the work of exactly one worker, and hold each byte once', () => {
    const some = fc.record({ bytes: fc.integer({ min: 1, max: 500 }), partBytes: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(some, fc.nat(), ({ bytes, partBytes }, chance) => {
        const count = partCount(bytes, partBytes);
        const workers = 1 + (chance % count);
        const layout = { expectedBytes: bytes, partBytes };
        const shares = Array.from({ length: workers }, (_, worker) => partsOf(worker, workers, count));
        let next = 0;
        for (const share of shares) {
          const { from, to } = bytesOf(share, layout);
          expect(from).toBe(next);
          expect(to).toBeGreaterThanOrEqual(from);
          next = to + 1;
        }
        expect(next).toBe(bytes);
      }),
    );
  });

  test('that are missing are asked for in runs, and only they', () => {
    const layout = { expectedBytes: 95, partBytes: 10 };
    const all = { first: 1, last: 10 };
    const whole = Array.from({ length: 10 }, (_, index) => ({ number: index + 1, bytes: index === 9 ? 5 : 10 }));
    expect(missingRuns(all, layout, whole)).toEqual([]);
    expect(missingRuns(all, layout, [])).toEqual([all]);
    const some = whole.filter(({ number }) => ![3, 4, 10].includes(number));
    expect(missingRuns(all, layout, some)).toEqual([
      { first: 3, last: 4 },
      { first: 10, last: 10 },
    ]);
    expect(missingRuns({ first: 4, last: 9 }, layout, some)).toEqual([{ first: 4, last: 4 }]);
    // A part of another size is none of this layout's.
    expect(missingRuns(all, layout, [...some, { number: 10, bytes: 10 }])).toContainEqual({ first: 10, last: 10 });
  });
});
