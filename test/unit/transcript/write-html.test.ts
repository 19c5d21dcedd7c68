import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeHtml } from '../../../core/transcript/write-html.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';

const said = (text: string, about: Partial<Transcript> = {}): Transcript => ({
  origin: 'zoom-vtt',
  durationMs: 2_000,
  speakers: [{ id: 's1', name: 'Ada <script>alert(1)</script> "L" \u202Eevil' }],
  segments: [{ id: '1', startMs: 754_000, endMs: 755_000, speaker: 's1', text }],
  ...about,
});

const tagsOf = (page: string): string[] => [...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = '']) => name);

describe('the transcript as a page', () => {
  test('has a paragraph a turn, with its moment, its speaker and a place to link to', () => {
    const page = writeHtml(said('Shall we?', { language: 'en-GB' }), 'Reading room');
    expect(page).toContain('<html lang="en-GB">');
    expect(page).toContain('<title>Reading room</title>');
    expect(page).toContain('<p dir="auto" id="t=754"><time>12:34</time> <b><bdi>Ada &lt;script&gt;');
    expect(page).toContain('</bdi>:</b> Shall we?</p>');
  });

  test('runs nothing and loads nothing', () => {
    const page = writeHtml(said('<img src=x onerror=alert(1)>'), '</title><script>alert(1)</script>');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<img|<link|url\(|@import/i);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  test('keeps names that turn text around in their place', () => {
    expect(writeHtml(said('ok'))).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    const arabic = writeHtml(said('مرحبا بكم', { speakers: [{ id: 's1', name: 'سارة' }] }));
    expect(arabic).toContain('<bdi>سارة</bdi>:</b> مرحبا بكم</p>');
  });

  test('gives each second one place, and an unknown language none', () => {
    const segments = ['s1', 's2'].map((speaker, index) => ({ id: String(index), startMs: 500 + index, endMs: 900, speaker, text: 'Hi.' })); // prettier-ignore
    const speakers = [
      { id: 's1', name: 'Ada' },
      { id: 's2', name: 'Bob' },
    ];
    const page = writeHtml(said('', { segments, speakers, language: '" onload="x' }));
    expect([...page.matchAll(/id="t=0"/g)]).toHaveLength(1);
    expect(page).toContain('<html lang="">');
  });

  test('has our own tags alone, whatever was said', () => {
    const plain = tagsOf(writeHtml(said('word')));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (text, title) => {
        const tags = tagsOf(writeHtml(said(`x${text}`), title));
        expect(tags).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });
});
