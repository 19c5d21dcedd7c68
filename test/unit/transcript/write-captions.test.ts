import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readZoomVtt } from '../../../core/transcript/read-zoom-vtt.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';
import { writeSrt } from '../../../core/transcript/write-srt.ts';
import { writeText } from '../../../core/transcript/write-text.ts';
import { writeVtt } from '../../../core/transcript/write-vtt.ts';
import { readStrictVtt } from './valid-vtt.ts';

const sample: Transcript = {
  origin: 'zoom-vtt',
  durationMs: 3_725_000,
  speakers: [
    { id: 's1', name: 'Ada <Lovelace> & Co' },
    { id: 's2', name: 'Bob' },
  ],
  segments: [
    { id: '1', startMs: 0, endMs: 1_000, speaker: 's1', text: 'R&D --> <b>bold</b>' },
    { id: '2', startMs: 1_000, endMs: 1_000, speaker: 's1', text: 'Again.' },
    { id: '3', startMs: 3_723_004, endMs: 3_725_000, speaker: 's2', text: 'Bye.' },
    { id: '4', startMs: 3_724_000, endMs: 3_725_000, text: 'Somebody.' },
  ],
};

/** Text as any source may have it, with what is special in captions. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '-->',
        '<v X>',
        '&amp;',
        '&',
        '<',
        '>',
        '\n\n',
        '\r',
        'NOTE',
        '1',
        '00:01.000 --> 00:02.000',
        'word',
        ':',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(' '));
const speakers = fc
  .array(text, { maxLength: 3 })
  .map((names) => names.map((name, index) => ({ id: `s${index}`, name })));
const anyTranscript: fc.Arbitrary<Transcript> = speakers.chain((known) =>
  fc
    .array(
      fc.record(
        {
          startMs: fc.integer({ min: -5_000, max: 500_000_000 }),
          endMs: fc.integer({ min: -5_000, max: 500_000_000 }),
          text,
          speaker: fc.constantFrom('nobody', ...known.map(({ id }) => id)),
        },
        { requiredKeys: ['startMs', 'endMs', 'text'] },
      ),
      { maxLength: 8 },
    )
    .map((segments) => ({
      origin: 'zoom-vtt' as const,
      durationMs: 0,
      speakers: known,
      segments: segments.map(({ speaker, ...one }, index) => ({
        id: String(index),
        ...one,
        ...(speaker && { speaker }),
      })),
    })),
);

const words = (line: string): string[] => line.match(/[\p{L}\p{N}]+/gu) ?? [];

describe('Captions', () => {
  test('WebVTT names the voice and escapes what would be markup', () => {
    expect(writeVtt(sample)).toBe(
      `WEBVTT

1
00:00:00.000 --> 00:00:01.000
<v Ada &lt;Lovelace&gt; &amp; Co>R&amp;D --&gt; &lt;b&gt;bold&lt;/b&gt;

2
00:00:01.000 --> 00:00:01.001
<v Ada &lt;Lovelace&gt; &amp; Co>Again.

3
01:02:03.004 --> 01:02:05.000
<v Bob>Bye.

4
01:02:04.000 --> 01:02:05.000
Somebody.
`,
    );
  });

  test('SRT names who speaks where the speaker changes, and holds no markup', () => {
    expect(writeSrt(sample)).toBe(
      `1
00:00:00,000 --> 00:00:01,000
Ada ‹Lovelace› & Co: R&D → ‹b›bold‹/b›

2
00:00:01,000 --> 00:00:01,001
Again.

3
01:02:03,004 --> 01:02:05,000
Bob: Bye.

4
01:02:04,000 --> 01:02:05,000
Somebody.
`,
    );
  });

  test('the text has a paragraph a turn', () => {
    expect(writeText(sample)).toBe(
      `[00:00] Ada <Lovelace> & Co: R&D --> <b>bold</b> Again.

[1:02:03] Bob: Bye.

[1:02:04] Somebody.
`,
    );
  });

  test('whatever the transcript, the WebVTT is valid and the SRT has as many cues', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const cues = readStrictVtt(writeVtt(transcript));
        const times = writeSrt(transcript).match(/^\d\d+:\d\d:\d\d,\d{3} --> \d\d+:\d\d:\d\d,\d{3}$/gm) ?? [];
        expect(times).toHaveLength(cues.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('no word is lost between writing and reading WebVTT', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const before = [...transcript.segments]
          .sort((a, b) => Math.max(0, a.startMs) - Math.max(0, b.startMs))
          .map((one) => words(one.text))
          .flat();
        const read = readZoomVtt(writeVtt(transcript));
        const names = new Map(read.speakers.map(({ id, name }) => [id, name]));
        // Without voice tags in the file, `Name: text` is read as Zoom means it: the word is then in the name.
        const tagged = writeVtt(transcript).includes('<v ');
        const after = read.segments.flatMap((one) => [
          ...(tagged ? [] : words((one.speaker && names.get(one.speaker)) ?? '')),
          ...words(one.text),
        ]);
        if (tagged) expect(after).toEqual(before);
        else for (const word of before) expect(after).toContain(word);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a colon that stands alone is a word, not the end of a name', () => {
    const vtt = 'WEBVTT\n\n00:00.000 --> 00:01.000\n" :\n\n00:01.000 --> 00:02.000\n1 :\n';
    expect(readZoomVtt(vtt).segments.map(({ text }) => text)).toEqual(['" :', '1 :']);
  });
});
