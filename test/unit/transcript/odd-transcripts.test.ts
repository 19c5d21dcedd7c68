import { describe, expect, test } from '@jest/globals';
import { readZoomVtt } from '../../../core/transcript/read-zoom-vtt.ts';
import { cueTime } from '../../../core/transcript/times.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';
import { writeHtml } from '../../../core/transcript/write-html.ts';
import { writeSrt } from '../../../core/transcript/write-srt.ts';
import { writeText } from '../../../core/transcript/write-text.ts';
import { writeVtt } from '../../../core/transcript/write-vtt.ts';
import { readStrictVtt } from './valid-vtt.ts';

const vttOf = (cues: readonly [name: string, text: string][], each = 4_000): string =>
  [
    'WEBVTT\n',
    ...cues.map(([name, text], index) => {
      const times = `${cueTime(index * each, '.')} --> ${cueTime((index + 0.9) * each, '.')}`;
      return `${index + 1}\n${times}\n${name}: ${text}\n`;
    }),
  ].join('\n');
const forms = (transcript: Transcript, title?: string) => ({
  vtt: writeVtt(transcript),
  srt: writeSrt(transcript),
  text: writeText(transcript),
  html: writeHtml(transcript, title),
});

describe('a transcript', () => {
  test('of ten hours is read to its end, and every form of it tells its last words', () => {
    const count = 9_000;
    const read = readZoomVtt(
      vttOf(Array.from({ length: count }, (_, index) => [index % 2 ? 'Ada' : 'Ben Ochs', `Sentence number ${index}.`])),
    );
    expect(read.segments).toHaveLength(count);
    expect(read.durationMs).toBeGreaterThan(9.99 * 3_600_000);
    for (const form of Object.values(forms(read))) expect(form).toContain(`Sentence number ${count - 1}.`);
    expect(readStrictVtt(forms(read).vtt)).toHaveLength(count);
    expect(forms(read).text).toMatch(/\[9:59:\d\d\]/);
  });

  test('that is far too long is read as far as anybody could speak, and no further', () => {
    const line = '00:00:01.000 --> 00:00:02.000\nAda: word\n\n';
    const read = readZoomVtt(`WEBVTT\n\n${line.repeat(1_200_000)}`);
    expect(read.segments.length).toBe(100_000);
  });

  test.each([
    ['Japanese', '田中さくら', '会議を始めます。資料は届いていますか？'],
    ['Arabic', 'سارة أحمد', 'نبدأ الاجتماع الآن، هل وصلت الأوراق؟'],
    ['Hebrew with plain marks of direction', 'דנה\u200E לוי', 'בוא נתחיל את הפגישה.'],
    ['with emoji', 'Zoë 🎥', 'Schön, dass ihr da seid 👩‍👩‍👧'],
  ])('in another script (%s) keeps every letter in every form', (_what, name, text) => {
    const read = readZoomVtt(
      vttOf([
        [name, text],
        ['Ada', 'Yes.'],
        [name, text],
      ]),
    );
    expect(read.speakers.map((speaker) => speaker.name)).toEqual([name, 'Ada']);
    for (const form of Object.values(forms(read))) {
      expect(form).toContain(name);
      expect(form).toContain(text);
    }
  });

  test.each([
    '<script>alert(1)</script>',
    '"Ada" & \'Ben\'',
    'Ada\u202Egnp.exe',
    '\u2066Ada',
    'Ada</v><v Ben',
    'Ada --> Ben',
  ])('whose speaker is called %j is valid in every form, and nothing more than text', (name) => {
    const speakers = [{ id: 's1', name }];
    const segments = [1, 2].map((id) => ({ id: String(id), startMs: id * 1_000, endMs: id * 1_000 + 900, speaker: 's1', text: 'Hello.' })); // prettier-ignore
    const { vtt, srt, text, html } = forms({ origin: 'zoom-vtt', durationMs: 3_000, speakers, segments }, name);
    expect(readStrictVtt(vtt)).toHaveLength(2);
    expect(srt.split('\n').filter((line) => line.includes('-->'))).toHaveLength(2);
    expect(html).not.toMatch(/<script|<v /);
    for (const form of [vtt, srt, text, html]) expect(form).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  });

  test('whose speaker has a line break in the name stays one line a cue', () => {
    const speakers = [{ id: 's1', name: 'Ada\r\nBcc: all@example.org\n\n00:00:01.000 --> 00:00:02.000' }];
    const segments = [{ id: '1', startMs: 0, endMs: 1_000, speaker: 's1', text: 'Hello.' }];
    const { vtt, text } = forms({ origin: 'zoom-vtt', durationMs: 1_000, speakers, segments });
    expect(readStrictVtt(vtt)).toHaveLength(1);
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});
