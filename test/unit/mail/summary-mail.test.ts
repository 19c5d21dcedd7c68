import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import nodemailer from 'nodemailer';
import PostalMime from 'postal-mime';
import { isMailAddress } from '../../../core/mail/address.ts';
import { summaryMail } from '../../../core/mail/summary-mail.ts';
import { cases, enormous, file, job, type MailCase } from './cases.ts';

const mailOf = ({ job, files, insights, settings }: MailCase) => summaryMail(job, files, insights, settings);

/** `UPDATE_MAILS=1 npm test -- test/unit/mail` writes them anew; look at the difference before it is committed. */
const expectKept = (name: string, text: string): void => {
  const path = `test/fixtures/mail/${name}`;
  if (process.env.UPDATE_MAILS) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
};

/** What a person reads of the HTML, in the order of the page. */
const readable = (html: string): string[] =>
  html
    .replace(/<(style|title)>[^]*?<\/\1>/g, '')
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

describe.each(Object.entries(cases))('The mail of the meeting "%s"', (name, meeting) => {
  const mail = mailOf(meeting);

  test('is the one that is kept', () => {
    expectKept(`${name}.html`, mail.html);
    expectKept(`${name}.txt`, `Subject: ${mail.subject}\n\n${mail.text}`);
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
    expect(mail.html).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(mail.html.match(/<h1\b/g)).toHaveLength(1);
    expect(mail.html.match(/<table\b/g)?.length).toBe(mail.html.match(/<table\s+role="presentation"/g)?.length);
    expect(mail.html).toContain('prefers-color-scheme: dark');
    expect(mail.html).not.toMatch(/<(?:script|img|iframe|form|object|link)\b/i);
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
    const late = summaryMail(job({ startTime: '2026-01-12T23:30:00Z', timezone: 'Asia/Tokyo' }), [], undefined, {});
    expect(late.subject).toBe('Recording ready: Reading room launch – 13 Jan 2026');
  });

  test('shows what awaits the reader before it is opened', () => {
    expect(full.html).toContain('2 action items, 1 follow-up, 1 decision, 2 questions, 1 h 3 min</div>');
    expect(mailOf(cases['no-summary'] as MailCase).html).toContain('3 files (795 MB), 1 h 3 min</div>');
  });

  test('links to the moment where there is a page, and nowhere else', () => {
    expect(full.html).toContain('href="https://recordings.example.org/r/zoom-0123456789abcdef01234567?t=32"');
    expect(full.text).toContain('https://recordings.example.org/r/zoom-0123456789abcdef01234567?t=3725');
    expect(mailOf({ ...(cases.full as MailCase), settings: {} }).html).not.toContain('href=');
  });

  test('tells files with their sizes, and why one is missing', () => {
    expect(full.text).toContain(
      '- Shared screen with speaker view\n  000-shared_screen_with_speaker_view.mp4 · 734 MB',
    );
    expect(full.text).toContain('FILES THAT COULD NOT BE ARCHIVED\n- Chat file\n  Zoom no longer has this file.');
  });

  test('says that software made it, and from what', () => {
    expect(full.text).toContain('Made by software');
    expect(full.text).toContain('because you hosted this meeting');
    expect(mailOf(cases['no-summary'] as MailCase).text).not.toContain('Made by software');
  });

  test('counts what it leaves out', () => {
    const { text } = mailOf(cases['200-actions'] as MailCase);
    expect(text).toMatch(/and 160 more/);
    expect(text).toMatch(/and 20 more/);
  });

  test('stays below 90 kB, whatever the meeting was', () => {
    const mail = mailOf(enormous());
    expect(Buffer.byteLength(mail.html)).toBeLessThan(90_000);
    expect(mail.text).toContain('and 495 more');
  });

  test('offers to unsubscribe only where there is a way', () => {
    expect(full.headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'X-Rapporteur-Mail': 'zoom-0123456789abcdef01234567-summary',
    });
    expect(
      summaryMail(job(), [file()], undefined, { unsubscribeUrl: 'https://example.org/u/1' }).headers,
    ).toMatchObject({
      'List-Unsubscribe': '<https://example.org/u/1>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
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
