import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addressesOf, momentIn } from '../../../console/src/address.ts';
import { clock, size, span } from '../../../console/src/clock.ts';
import { findIn, lineAt } from '../../../console/src/lines.ts';
import { placeOf } from '../../../console/src/pieces.ts';
import { createPlayhead } from '../../../console/src/playhead.ts';

describe('the page', () => {
  test.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [605, '10:05'],
    [3_725, '1:02:05'],
    [36_000, '10:00:00'],
  ])('shows the moment %d as %s', (seconds, shown) => expect(clock(seconds)).toBe(shown));

  test.each([
    [12, '12 s'],
    [90, '2 min'],
    [2_460, '41 min'],
    [3_600, '1 h'],
    [3_900, '1 h 5 min'],
  ])('shows %d seconds as %s', (seconds, shown) => expect(span(seconds)).toBe(shown));

  test.each([
    [0, '0 bytes'],
    [295, '295 bytes'],
    [1_490, '1.5 kB'],
    [99_900, '100 kB'],
    [999_600, '1 MB'],
    [6_291_579, '6.3 MB'],
    [4_200_000_000, '4.2 GB'],
  ])('shows %d bytes as %s', (bytes, shown) => expect(size(bytes)).toBe(shown));

  test.each([
    ['90', 90],
    ['90.5', 90.5],
    ['2:03', 123],
    ['1:02:03', 3_723],
    ['1h2m3s', 3_723],
    ['2m', 120],
    ['-5', 0],
    ['soon', 0],
    ['', 0],
    [null, 0],
    ['9'.repeat(40), 0],
  ])('opens ?t=%j at %d seconds', (text, seconds) => expect(momentIn(text)).toBe(seconds));

  test('makes every address beside its own, with its token', () => {
    const to = addressesOf({ pathname: '/r/zoom-1/', search: '?k=1.a.b_-c&t=9' });
    expect(to.data).toBe('/r/zoom-1/data?k=1.a.b_-c');
    expect(to.captions(0)).toBe('/r/zoom-1/captions?k=1.a.b_-c');
    expect(to.captions(8)).toBe('/r/zoom-1/captions?k=1.a.b_-c&from=8');
    expect(to.media('a/b')).toBe('/r/zoom-1/media/a%2Fb?k=1.a.b_-c');
    expect(to.save('x')).toBe('/r/zoom-1/files/x?k=1.a.b_-c');
    expect(to.moment(9.8)).toBe('/r/zoom-1?k=1.a.b_-c&t=9');
    expect(to.start).toBe(9);
  });
});

describe('a moment of the recording', () => {
  const pieces = [
    { file: 'a', fromSeconds: 0, seconds: 600 },
    { file: 'b', fromSeconds: 1_800, seconds: 600 },
  ];
  test.each([
    [0, 0, 0],
    [599, 0, 599],
    // In the pause between the two.
    [700, 1, 0],
    [1_800, 1, 0],
    [2_000, 1, 200],
    [9_999, 1, 8_199],
    [-3, 0, 0],
  ])('%d s is in file %d at %d s', (seconds, index, at) => expect(placeOf(pieces, seconds)).toEqual({ index, at }));

  test('is before the first file where a view began later than the recording', () => {
    expect(placeOf([{ file: 'a', fromSeconds: 300 }], 10)).toEqual({ index: 0, at: 0 });
  });
});

describe('the lines of the transcript', () => {
  const lines = [1_000, 5_000, 5_000, 9_000].map((startMs, at) => ({
    id: `${at}`,
    startMs,
    endMs: startMs + 1,
    text: '',
  }));
  test.each([
    [0, -1],
    [1, 0],
    [4.999, 0],
    [5, 2],
    [60, 3],
  ])('at %d s it is number %d that is said', (seconds, line) => expect(lineAt(lines, seconds)).toBe(line));

  test.each([
    ['The Dashboard, dashboards', 'dashboard', ['The ', 'Dashboard', ', ', 'dashboard', 's']],
    ['Ångström', 'angstrom', ['', 'Ångström', '']],
    ['angstrom', ' Ångström ', ['', 'angstrom', '']],
    ['İstanbul in İstanbul', 'istanbul', ['', 'İstanbul', ' in ', 'İstanbul', '']],
    ['مراجعة المشروع', 'المشروع', ['مراجعة ', 'المشروع', '']],
    ['nothing', 'else', ['nothing']],
    ['nothing', '  ', ['nothing']],
  ])('%j, searched for %j, is %j', (text, query, turns) => expect(findIn(text, query)).toEqual(turns));

  test('are never changed by a search', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 3 }), (text, query) => {
        expect(findIn(text, query).join('')).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

test('whoever follows the player is told where it is, at once and until they stop', () => {
  const playhead = createPlayhead();
  const heard: number[] = [];
  const sought: number[] = [];
  playhead.seek(1);
  playhead.drive((seconds) => void sought.push(seconds));
  const stop = playhead.follow((seconds) => heard.push(seconds));
  playhead.tell(3);
  playhead.seek(7);
  stop();
  playhead.tell(9);
  expect([heard, sought, playhead.now()]).toEqual([[0, 3], [7], 9]);
});
