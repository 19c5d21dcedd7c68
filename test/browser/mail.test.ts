import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { failedMail, skippedMail } from '../../core/mail/notice-mail.ts';
import { explain } from '../../core/step/failures.ts';
import { show } from '../../functions/http/unsubscribe/page.ts';
import { job } from '../unit/mail/cases.ts';
import { axeFindings } from './axe.ts';
import { describeInChromium, launchChromium, observePage } from './chromium.ts';

jest.setTimeout(120_000);

/** Those of the kept mails that differ in what a browser makes of them. */
const kept = ['full', 'no-summary', 'right-to-left', 'script-topic', 'very-long-topic'].map(
  (name) => [name, readFileSync(`test/fixtures/mail/${name}.html`, 'utf8')] as const,
);
const stop = { stop: 'https://recordings.example.org/unsubscribe?j=1&k=2' };
const failure = explain('RECORDING_NOT_FOUND', 'Zoom lists no recording of the meeting');
const place = { execution: 'zoom-1-1', link: 'https://eu-central-1.console.aws.amazon.com/states/home' };
const pages: (readonly [string, string])[] = [
  ...kept,
  ['needs you, host', failedMail(job(), failure, place, { role: 'host', links: stop }).html],
  ['needs you, operator', failedMail(job(), failure, place, { role: 'operator', links: {} }).html],
  ['skipped', skippedMail(job({ reason: 'The meeting took 2 minutes.' }), { role: 'host', links: stop }).html],
  ['the page that stops mails', String(show('ask').content)],
];

describeInChromium('mails, in Chromium,', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test.each(pages)('%s: can be read by everybody, in light, and in dark on a telephone', async (_name, html) => {
    for (const [colorScheme, width] of [
      ['light', 800],
      ['dark', 360],
    ] as const) {
      const observed = await observePage(browser, { colorScheme, viewport: { width, height: 900 } });
      await observed.page.setContent(html);
      expect(await axeFindings(observed.page)).toEqual([]);
      // Nothing to scroll sideways for, whatever word is in it.
      const over = await observed.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(over).toBeLessThanOrEqual(0);
      expect([...observed.hosts]).toEqual([]);
      await observed.close();
    }
  });

  test('a mail in dark colours has no light patch', async () => {
    const observed = await observePage(browser, { colorScheme: 'dark', viewport: { width: 800, height: 900 } });
    await observed.page.setContent(kept.find(([name]) => name === 'full')?.[1] ?? '');
    const light = await observed.page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .map((one) => getComputedStyle(one).backgroundColor)
        .filter((colour) => /rgb\((2[0-9]{2}), /.test(colour)),
    );
    expect(light).toEqual([]);
    await observed.close();
  });
});
