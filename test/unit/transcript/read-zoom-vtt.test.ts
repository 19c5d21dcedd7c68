import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readCues } from '../../../core/transcript/read-cues.ts';
import { readZoomVtt, toTranscript } from '../../../core/transcript/read-zoom-vtt.ts';
import { speakerNames, transcript } from '../../../core/transcript/transcript.ts';

/** Cues of two seconds, one after the other. */
const vtt = (...payloads: string[]): string =>
  [
    'WEBVTT',
    ...payloads.map(
      (text, index) =>
        `00:${String(index * 2).padStart(2, '0')}.000 --> 00:${String(index * 2 + 2).padStart(2, '0')}.000\n${text}`,
    ),
  ].join('\n\n');

const said = (text: string, participants?: string[]): string[] => {
  const read = readZoomVtt(text, participants);
  const names = speakerNames(read);
  return read.segments.map((one) => `${one.speaker ? `[${names.get(one.speaker)}] ` : ''}${one.text}`);
};

describe("Zoom's transcript", () => {
  test('names each speaker once, in the order in which they first speak', () => {
    const read = readZoomVtt(vtt('Bob Chen: One.', 'Ada: Two.', 'Bob Chen: Three.'));
    expect(read.speakers).toEqual([
      { id: 's1', name: 'Bob Chen' },
      { id: 's2', name: 'Ada' },
    ]);
    expect(read.segments.map(({ id, speaker }) => [id, speaker])).toEqual([
      ['1', 's1'],
      ['2', 's2'],
      ['3', 's1'],
    ]);
    expect(read.durationMs).toBe(6_000);
    expect(() => transcript.parse(read)).not.toThrow();
  });

  test('a colon in a sentence is no name', () => {
    expect(
      said(
        vtt(
          'Ada: We meet at 10:30 today.',
          'Ada: See https://example.org/a: it is there.',
          'Ada: There is one rule: no rules.',
        ),
      ),
    ).toEqual([
      '[Ada] We meet at 10:30 today.',
      '[Ada] See https://example.org/a: it is there.',
      '[Ada] There is one rule: no rules.',
    ]);
  });

  test('a sentence with a colon in captions without names stays a sentence', () => {
    expect(said(vtt('the agenda: first the budget', 'and then the plan', 'One thing: cake'))).toEqual([
      'the agenda: first the budget',
      'and then the plan',
      'One thing: cake',
    ]);
  });

  test.each([
    'Dr. Ada Lovelace',
    'Lovelace, Ada',
    'ada.l',
    'Ada | Room 12',
    'Åsa Öberg (she/her)',
    '山田太郎',
    'iPhone',
    "O'Neill-Smith",
  ])('%s is a name', (name) => {
    expect(said(vtt(`${name}: Yes.`, `${name}: No.`))).toEqual([`[${name}] Yes.`, `[${name}] No.`]);
  });

  test.each(['Wait. The plan', 'Why? Because', 'x'.repeat(65)])('%s is no name, however often it comes', (start) => {
    expect(said(vtt(`${start}: a`, `${start}: a`))).toEqual([`${start}: a`, `${start}: a`]);
  });

  test('who spoke once is known by the list of participants', () => {
    const text = vtt('ada: hello', 'so it is', 'well', 'yes');
    expect(said(text)[0]).toBe('ada: hello');
    expect(said(text, ['ada'])[0]).toBe('[ada] hello');
  });

  test('who spoke once is known where every cue has a name', () => {
    expect(said(vtt('Ada: Hello.', 'Bob: Hi.', 'Carla: Hey.'))).toEqual(['[Ada] Hello.', '[Bob] Hi.', '[Carla] Hey.']);
  });

  test('a cue without a name belongs to the voice before, unless that was silent for long', () => {
    const text =
      'WEBVTT\n\n00:00.000 --> 00:02.000\nAda: One\n\n00:02.000 --> 00:04.000\nAda: Two\n\n00:06.000 --> 00:08.000\nthree\n\n00:20.000 --> 00:22.000\nfour';
    expect(said(text)).toEqual(['[Ada] One', '[Ada] Two', '[Ada] three', 'four']);
  });

  test('one cue may hold two speakers, and a name may stand on a line of its own', () => {
    expect(said(vtt('Ada: One\nBob: Two', 'Bob:\nThree\nand four', 'Ada: Five'))).toEqual([
      '[Ada] One',
      '[Bob] Two',
      '[Bob] Three and four',
      '[Ada] Five',
    ]);
  });

  test('voice tags name without doubt, and colons are then only colons', () => {
    expect(said(vtt('<v Ada>Note: one', '<v Ada>Note: two', 'Note: three'))).toEqual([
      '[Ada] Note: one',
      '[Ada] Note: two',
      'Note: three',
    ]);
  });

  test('cues in the wrong order are put right, overlapping ones stay', () => {
    const read = readZoomVtt('00:05.000 --> 00:09.000\nb\n\n00:01.000 --> 00:06.000\na');
    expect(read.segments).toEqual([
      { id: '1', startMs: 1_000, endMs: 6_000, text: 'a' },
      { id: '2', startMs: 5_000, endMs: 9_000, text: 'b' },
    ]);
  });

  test('files of several segments become one transcript', () => {
    const cues = [...readCues(vtt('Ada: One'), 0), ...readCues(vtt('Ada: Two'), 60_000)];
    const read = toTranscript(cues);
    expect(read.speakers).toEqual([{ id: 's1', name: 'Ada' }]);
    expect(read.segments.map(({ startMs, text }) => [startMs, text])).toEqual([
      [0, 'One'],
      [60_000, 'Two'],
    ]);
  });

  test('a transcript of a whole meeting', () => {
    const read = readZoomVtt(readFileSync('test/fixtures/transcript/reading-room.vtt', 'utf8'));
    expect(read.speakers.map(({ name }) => name)).toEqual(['Ada Lovelace', 'Bob Chen', 'Carla Ruiz', 'Dr. Mei Tanaka']);
    expect(read.segments.every(({ speaker }) => speaker)).toBe(true);
    expect(read.segments).toHaveLength(24);
  });
});
