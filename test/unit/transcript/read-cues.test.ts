import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCues } from '../../../core/transcript/read-cues.ts';
import { cpuMillis } from '../../fakes/cpu.ts';

const textOf = (vtt: string): string[] => readCues(vtt).map(({ lines }) => lines.join(' | '));

describe('Cues are read from WebVTT as it occurs', () => {
  test('a file as Zoom writes it', () => {
    const cues = readCues('WEBVTT\r\n\r\n1\r\n00:00:01.500 --> 00:00:03.250\r\nAda: Hello\r\n');
    expect(cues).toEqual([{ startMs: 1_500, endMs: 3_250, lines: ['Ada: Hello'] }]);
  });

  test.each([
    ['a byte order mark', '\uFEFFWEBVTT\n\n00:01.000 --> 00:02.000\nHi'],
    ['no header', '00:01.000 --> 00:02.000\nHi'],
    ['no ids and short times', 'WEBVTT\n\n00:01.000 --> 00:02.000\nHi'],
    ['old line ends', 'WEBVTT\r\r1\r00:00:01.000 --> 00:00:02.000\rHi\r'],
    ['commas, as in SRT', '1\n00:00:01,000 --> 00:00:02,000\nHi'],
    ['no spaces around the arrow', 'WEBVTT\n\n00:01.000-->00:02.000\nHi'],
    ['settings after the times', 'WEBVTT\n\n00:01.000 --> 00:02.000 align:start position:10%\nHi'],
    ['a header with text', 'WEBVTT - recorded\nKind: captions\n\n00:01.000 --> 00:02.000\nHi'],
    [
      'blocks that are no cues',
      'WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:05.000 --> 00:06.000\nNo\n\n00:01.000 --> 00:02.000\nHi\n\nREGION\nid:a',
    ],
    ['no full seconds', 'WEBVTT\n\n00:00:01 --> 00:00:02\nHi'],
    ['reversed times', 'WEBVTT\n\n00:02.000 --> 00:01.000\nHi'],
    ['no length', 'WEBVTT\n\n00:01.000 --> 00:01.000\nHi'],
    [
      'a missing empty line before the next cue',
      'WEBVTT\n\n1\n00:01.000 --> 00:02.000\nHi\n2\n00:03.000 --> 00:04.000\n',
    ],
  ])('with %s', (_what, vtt) => {
    expect(readCues(vtt)).toEqual([{ startMs: 1_000, endMs: 2_000, lines: ['Hi'] }]);
  });

  test('hours beyond 99 and minutes beyond 59 count on', () => {
    expect(readCues('100:00:00.000 --> 100:75:00.000\nHi')[0]).toMatchObject({
      startMs: 360_000_000,
      endMs: 364_500_000,
    });
  });

  test('tags go, their words stay; other angle brackets are text', () => {
    expect(
      textOf('00:01.000 --> 00:02.000\n<i>Big</i> <c.red>news</c> <00:01.500>now: 3 < 4 and <3 and 5 > 4 <unknown>'),
    ).toEqual(['Big news now: 3 < 4 and <3 and 5 > 4 <unknown>']);
  });

  test('a cue of two voices becomes two', () => {
    expect(readCues('00:01.000 --> 00:02.000\n<v.loud Ada Lovelace>Hi</v> there <v Bob>Yo')).toEqual([
      { startMs: 1_000, endMs: 2_000, voice: 'Ada Lovelace', lines: ['Hi'] },
      { startMs: 1_000, endMs: 2_000, lines: ['there'] },
      { startMs: 1_000, endMs: 2_000, voice: 'Bob', lines: ['Yo'] },
    ]);
  });

  test('entities are decoded once', () => {
    expect(textOf('00:01.000 --> 00:02.000\nR&amp;D &lt;b&gt; &amp;lt; &#39;x&#x27; &unknown; A&nbsp;B')).toEqual([
      "R&D <b> &lt; 'x' &unknown; A B",
    ]);
  });

  test('empty cues are dropped', () => {
    expect(readCues('WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\n<i></i>\n')).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['a sign-in page', '<!doctype html><html><body>Sign in: now</body></html>'],
    ['an error', '{"errorCode":124,"errorMessage":"Forbidden"}'],
    ['binary', '\u0000\u0001\uFFFD ftypmp42'],
    ['a header alone', 'WEBVTT'],
  ])('there is nothing in %s', (_what, text) => {
    expect(readCues(text)).toEqual([]);
  });

  test('no text makes the reader throw', () => {
    const piece = fc.constantFrom(
      '-->',
      '00:01',
      ':',
      '.000',
      '\n',
      '\r\n',
      '<v ',
      '>',
      '&#x',
      ';',
      'NOTE',
      'WEBVTT',
      ' ',
      '\uD800',
      'a',
    );
    const vttLike = fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(vttLike, (text) => {
        for (const { startMs, endMs, lines } of readCues(text)) {
          expect(endMs).toBeGreaterThan(startMs);
          expect(lines.every((line) => line.length > 0 && !/[\r\n]/.test(line))).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['<', '<v ', '<v a>b', '&#', '-->', '\n', '1:', ' ', '00:01 --> 00:02\na\n\n', 'a: b\n'])(
    'two million characters of %j are read in a moment',
    (piece) => {
      const payload = piece.repeat(2_000_000 / piece.length);
      const start = cpuMillis();
      expect(readCues(`WEBVTT\n\n00:01 --> 00:02\n${payload}`).length).toBeLessThanOrEqual(100_001);
      // A quadratic reader takes minutes; the bound leaves room for a busy machine.
      expect(cpuMillis() - start).toBeLessThan(5_000);
    },
  );
});
