import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import nodemailer from 'nodemailer';
import PostalMime from 'postal-mime';
import { isMailAddress } from '../../../core/mail/address.ts';
import { summaryMail } from '../../../core/mail/summary-mail.ts';
import { cases, enormous, job, type MailCase } from './cases.ts';

const mailOf = ({ recorded, reader }: MailCase) => summaryMail(recorded, reader);

/** `npm run mail:fixtures` writes them anew; look at the difference before it is committed. */
const kept = (name: string): string => readFileSync(`test/fixtures/mail/${name}`, 'utf8');

/** What a person reads of the HTML, in the order of the page. */
const readable = (html: string): string[] =>
  html
    .replace(/<!--[^]*?-->/g, '')
    .replace(/<(style|title)\b[^]*?<\/\1>/g, '')
    .replace(/<div style="display:none[^]*?<\/div>/, '')
    .replace(/<[^>]+>/g, '\n')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && line !== '·');

const changed = (one: MailCase | undefined, told: Partial<MailCase['recorded']>): MailCase => {
  if (!one) throw new Error('there is no such case');
  return { ...one, recorded: { ...one.recorded, ...told } };
};

describe.each(Object.entries(cases))('The mail of the meeting "%s"', (name, meeting) => {
  const mail = mailOf(meeting);

  test('is the one that is kept', () => {
    expect(mail.html).toBe(kept(`${name}.html`));
    expect(`Subject: ${mail.subject}\n\n${mail.text}`).toBe(kept(`${name}.txt`));
  });

  test('says in its text part whatever its HTML says', () => {
    const text = mail.text.toLowerCase();
    expect(readable(mail.html).length).toBeGreaterThan(3);
    for (const line of readable(mail.html)) expect(text).toContain(line.toLowerCase());
  });

  test('arrives as it was written', async () => {
    const { message } = await nodemailer
      .createTransport({ streamTransport: true, buffer: true })
      .sendMail({ from: 'rapporteur@example.org', to: 'ada@example.org', ...mail });
    const read = await PostalMime.parse(message as Buffer);
    expect(read.subject).toBe(mail.subject);
    expect(read.to?.map(({ address }) => address)).toEqual(['ada@example.org']);
    expect([read.cc, read.bcc]).toEqual([undefined, undefined]);
    expect(read.text?.replace(/\r\n/g, '\n').trim()).toBe(mail.text.trim());
    expect(read.html?.replace(/\r\n/g, '\n').trim()).toBe(mail.html.trim());
    expect(read.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  });

  test('is built for every reader', () => {
    expect(mail.html).toMatch(/^<!doctype html>\s*<html lang="en" dir="ltr"/);
    expect(mail.html.match(/<h1\b/g)).toHaveLength(1);
    expect(mail.html.match(/<table\b/g)?.length).toBe(mail.html.match(/<table\b[^>]* role="presentation"/g)?.length);
    expect(mail.html).toContain('prefers-color-scheme: dark');
    expect(mail.html).not.toMatch(/<(?:script|img|iframe|form|object|link)\b|url\(|@import/i);
    expect(mail.html + mail.text + mail.subject).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);

    expect(mail.subject).not.toMatch(/[\u0000-\u001F\u007F]/);
    expect(mail.subject.length).toBeLessThan(160);
    expect(mail.html.match(/(?:href|src)="[^"]*"/g)?.every((one) => one.startsWith('href="https://')) ?? true).toBe(
      true,
    );
    expect(Buffer.byteLength(mail.html)).toBeLessThan(90_000);
  });
});

describe('The mail', () => {
  const full = mailOf(cases.full as MailCase);

  test('names topic and date in the subject, in the time zone of the meeting', () => {
    expect(full.subject).toBe('Summary: Reading room launch – 12 Jan 2026');
    expect(full.text).toContain('Monday, 12 January 2026, 15:59 (Europe/Stockholm) · 1 h 3 min');
    const late = changed(cases['no-summary'], {
      job: job({ startTime: '2026-01-12T23:30:00Z', timezone: 'Asia/Tokyo' }),
    });
    expect(mailOf(late).subject).toBe('Recording ready: Reading room launch – 13 Jan 2026');
  });

  test('shows what awaits the reader before it is opened', () => {
    expect(full.html).toContain('2 action items, 1 follow-up, 1 decision, 2 questions, 1 h 3 min</div>');
    expect(mailOf(cases['no-summary'] as MailCase).html).toContain('3 files (795 MB), 1 h 3 min</div>');
  });

  test('links to the moment where there is a page, and nowhere else', () => {
    const page = 'https://recordings.example.org/r/zoom-0123456789abcdef01234567?k=1.thd7c0..';
    expect(full.html).toMatch(/href="https:\/\/recordings\.example\.org\/r\/zoom-[0-9a-f]{24}\?k=[^"]+&amp;t=32"/);
    expect(full.text).toMatch(/Watch the recording:\nhttps:\S+\n\nRead the transcript:\nhttps:\S+#transcript\n/);
    expect(full.text.split(page).length).toBeGreaterThan(10);
    expect(mailOf(cases['right-to-left'] as MailCase).html).not.toContain('href=');
    expect(full.html).not.toMatch(/amazonaws|X-Amz/);
  });

  test('tells files with their sizes, what was made of them, and why one is missing', () => {
    expect(full.text).toContain(
      '- Shared screen with speaker view\n  000-shared_screen_with_speaker_view.mp4 · 734 MB',
    );
    expect(full.text).toContain('MADE OF THESE FILES\n- All voices in one sound track\n  mixed.m4a');
    expect(full.text).toContain('- Gallery view, all parts in one\n  joined-gallery_view.mp4');
    expect(full.text).toContain('FILES THAT COULD NOT BE ARCHIVED\n- Chat file\n  Zoom no longer has this file.');
  });

  test('tells chapters and who spoke how long', () => {
    expect(full.text).toContain('CHAPTERS\n- [00:00] The launch plan');
    expect(full.text).toContain('- Bob Chen\n  26 min · 61 %');
    expect(full.text).toContain('- Ada Lovelace\n  42 s · 2 %');
  });

  test('tells what happens next, here, at Zoom and to its links', () => {
    expect(full.text).toContain('in the folder 84412345678/1768229998/. They stay there until somebody deletes them.');
    expect(full.text).toContain("30 days from now the copy at Zoom goes to Zoom's trash");
    expect(full.text).toContain('The links in this mail work until 12 April 2026.');
    expect(mailOf(cases['no-summary'] as MailCase).text).toContain('The copy at Zoom is left as it is.');
    expect(mailOf(cases.empty as MailCase).text).not.toContain('WHAT HAPPENS NEXT');
  });

  test('tells why there is no summary', () => {
    const { text } = mailOf(cases['no-summary'] as MailCase);
    expect(text).toContain('There is no summary, because there is no transcript');
    expect(text).not.toContain('Read the transcript');
    const quiet = mailOf(changed(cases['no-summary'], { hasTranscript: true })).text;
    expect(quiet).toContain('There is a transcript of this meeting, but no summary of it.');
    expect(quiet).toContain('Read the transcript');
  });

  test('that comes a second time, after a late transcript, says so', () => {
    const late = mailOf(cases['non-english'] as MailCase);
    expect(late.subject).toMatch(/^Update: summary: Haushaltsplan/);
    expect(late.text).toContain('The transcript of this meeting came late.');
    expect(late.headers['X-Rapporteur-Mail']).toMatch(/-update$/);
  });

  test('says that software made it, and from what', () => {
    expect(full.text).toContain('Made by software');
    expect(full.text).toContain('because you hosted this meeting');
    expect(mailOf(cases['no-summary'] as MailCase).text).not.toContain('Made by software');
    expect(full.text).toContain('Engine: extractive.');
    expect(mailOf(cases['non-english'] as MailCase).text).toContain('Engine: bedrock, model eu.example.model-v1:0.');
  });

  test('tells each reader why it came', () => {
    expect(mailOf(cases['non-english'] as MailCase).text).toContain('has put your address on its list');
  });

  test('counts what it leaves out', () => {
    const { text } = mailOf(cases['200-actions'] as MailCase);
    expect(text).toMatch(/and 160 more/);
    expect(text).toMatch(/and 20 more/);
  });

  test('stays below 90 kB, whatever the meeting was', () => {
    const mail = mailOf(enormous());
    expect(Buffer.byteLength(mail.html)).toBeLessThan(90_000);
    expect(mail.text).toMatch(/and 49\d more/);
  });

  test('offers to unsubscribe only where there is a way', () => {
    expect(full.headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'X-Rapporteur-Mail': 'zoom-0123456789abcdef01234567-summary',
      'List-Unsubscribe': expect.stringMatching(
        /^<https:\/\/recordings\.example\.org\/unsubscribe\?[^>]+>$/,
      ) as unknown,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    expect(full.text).toMatch(/Stop these mails:\nhttps:\S+\/unsubscribe\?/);
    const none = mailOf(cases['right-to-left'] as MailCase);
    expect(none.headers).not.toHaveProperty('List-Unsubscribe');
    expect(none.text).not.toContain('Stop these mails');
  });

  test('is made from the template as it stands', () => {
    // Fails with what to run.
    execFileSync(process.execPath, ['core/mail/template/compile.mjs', '--check'], { stdio: 'pipe' });
  });
});

describe('An address', () => {
  test.each(['ada@example.org', 'ada.l+zoom@mail.example.co.uk', "o'neill@example.org", 'ada@bücher.example'])(
    '%s is one',
    (text) => {
      expect(isMailAddress(text)).toBe(true);
    },
  );

  test.each([
    '',
    'ada',
    'ada@example',
    'a@b@example.org',
    'Ada <ada@example.org>',
    'ada@example.org, eve@example.org',
    'ada@example.org\r\nBcc: x@example.org',
    'ada@example.org\n',
    `${'a'.repeat(65)}@example.org`,
  ])('%j is none', (text) => {
    expect(isMailAddress(text)).toBe(false);
  });
});
