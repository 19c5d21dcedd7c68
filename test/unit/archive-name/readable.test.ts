import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cut, readable } from '../../../core/archive-name/readable.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('a', '.', '/', '-', '_', '\u0301', '\u202e', '\ud83d', '👩‍💻', 'が'),
    maxLength: 40,
  }),
);

describe('a name made of text that anybody may have written', () => {
  test.each([
    ['Reading room', 'Reading_room'],
    ['Analysis II: Übung 3', 'Analysis_II_Übung_3'],
    ['Cafe\u0301', 'Café'],
    ['量子力学 第3回', '量子力学_第3回'],
    ['مقدمة في الفيزياء', 'مقدمة_في_الفيزياء'],
    ['हिन्दी कक्षा', 'हिन्दी_कक्षा'],
    ['Party 🎉🇩🇪', 'Party_🎉🇩🇪'],
    ['C++ (advanced)', 'C++_(advanced)'],
    ['Ada@Example.org', 'Ada@Example.org'],
    ['../../etc/passwd', 'etc_passwd'],
    ['a/../b', 'a_._b'],
    ['..', 'unnamed'],
    ['.hidden', 'hidden'],
    ['--delete', 'delete'],
    ['C:\\temp\\x', 'C_temp_x'],
    [`"quoted" 'it' \`now\``, 'quoted_it_now'],
    ['nul\0byte', 'nul_byte'],
    ['two\r\nlines', 'two_lines'],
    ['evil\u202egnp.exe', 'evilgnp.exe'],
    ['\u200f\u200eright\ufeff', 'right'],
    ['\u3164', 'unnamed'],
    ['half \ud83d pair', 'half_pair'],
    ['\u0301accent first', 'accent_first'],
    ['ends. ', 'ends'],
    ['<b>&amp;</b>?*|', 'b_amp_b'],
    ['   ', 'unnamed'],
    ['', 'unnamed'],
    [undefined, 'unnamed'],
  ])('%j becomes %j', (text, name) => {
    expect(readable(text, 200)).toBe(name);
  });

  test('is cut between what a reader sees as characters', () => {
    expect(readable('äöü', 5)).toBe('äö');
    expect(readable('가나다', 7)).toBe('가나');
    expect(readable('ok👍🏽👍🏽', 12)).toBe('ok👍🏽');
    expect(readable('🇩🇪🇫🇷', 15)).toBe('🇩🇪');
    expect(readable('ab  cd', 3)).toBe('ab');
  });

  test('of a letter with more accents than fit keeps as many as fit', () => {
    expect(readable(`q${'\u0301'.repeat(500)}`, 9)).toBe(`q${'\u0301'.repeat(4)}`);
  });

  test('holds nothing that could lead elsewhere, hide or mislead, and is never longer than it may be', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 200 }), (text, most) => {
        const name = readable(text, most);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(most);
        expect(name).not.toMatch(/[\p{C}\p{Z}/\\"'`<>|:*?#%&;$~!^[\]{}]|\.\.|^[.-]|\.$/u);
        expect(Buffer.from(name, 'utf8').toString('utf8')).toBe(name);
        expect(name.normalize('NFC')).toBe(name);
        expect(readable(name, most)).toBe(name);
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes no longer for hostile text than for any other', () => {
    for (const text of ['-'.repeat(1e6), '._-'.repeat(3e5), 'q\u0301'.repeat(5e5), '👩‍💻'.repeat(2e5)])
      expect(Buffer.byteLength(readable(text, 100))).toBeLessThanOrEqual(100);
    expect(cut('short', 100)).toBe('short');
  });
});
