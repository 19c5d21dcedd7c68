import { readFile } from 'node:fs/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { pageLink } from '../../local/page-link.ts';
import { fullMeeting, SEGMENTS } from '../../local/zoom/full-meeting.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { smallMeeting } from '../fakes/meetings.ts';
import { axeFindings } from './axe.ts';
import { describeInChromium, launchChromium, observePage, type Observed } from './chromium.ts';

jest.setTimeout(120_000);

/** What a person waits for before they complain; everything that is loaded comes before pictures and sound. */
const mostBytes = 60_000;
const topic = 'Status <script>alert(1)</script> مراجعة "المشروع" 🎥';

const video = 'video';
const currentTime = (page: Page): Promise<number> =>
  page.locator(video).evaluate((one: HTMLVideoElement) => one.currentTime);
/** Until the player is past a moment of the film. */
const past = (page: Page, seconds: number) =>
  page.waitForFunction((moment) => {
    const player = document.querySelector('video');
    return player !== null && !player.seeking && player.currentTime > moment;
  }, seconds);
const isReady = (page: Page) => page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
const saidAt = (page: Page, line: number) => page.locator('.lines li').nth(line);

describeInChromium('the page of a recording, in Chromium,', () => {
  let local: LocalCloud;
  let browser: Browser;
  let jobId: string;
  let link: (seconds?: number) => string;
  let api: string;
  let bucket: string;
  let open: (address: string, options?: BrowserContextOptions) => Promise<Observed>;
  let opened: Observed[] = [];

  beforeAll(async () => {
    [local, browser] = await Promise.all([bootLocalCloud(), launchChromium()]);
    const meeting = local.record(topic);
    jobId = meeting.jobId;
    await meeting.announce('recording.completed');
    await meeting.announce('recording.transcript_completed');
    await until(async () => (await local.files(jobId)).includes('audio_transcript: archived'));
    await until(async () => (await local.job(jobId))?.status === 'done');
    link = await pageLink(local.cloud, jobId);
    api = new URL(local.cloud.api.url).host;
    bucket = new URL(local.cloud.gateway.url).host;
    open = async (address, options) => {
      const observed = await observePage(browser, options);
      opened.push(observed);
      await observed.page.goto(address);
      return observed;
    };
  });
  beforeEach(() => void (opened = []));
  afterEach(async () => {
    for (const { close } of opened) await close();
  });
  afterAll(async () => {
    await browser?.close();
    await local?.close();
    local?.remove();
  });

  test('shows title, summary and every line, and asks nobody but the API and the bucket', async () => {
    const { page, hosts, complaints } = await open(link());
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(topic);
    expect(await page.title()).toContain(topic);
    await page.getByRole('heading', { name: 'Summary' }).waitFor();
    await page.getByRole('heading', { name: 'Action items' }).waitFor();
    expect(await page.locator('.lines li').count()).toBeGreaterThan(50);
    await isReady(page);
    expect([...hosts].sort()).toEqual([api, bucket].sort());
    expect(complaints).toEqual([]);
  });

  test('plays the film with captions from the line that is clicked, and marks what is said', async () => {
    const { page, complaints } = await open(link());
    await saidAt(page, 20).click();
    const start = await saidAt(page, 20).getByRole('link').getAttribute('href');
    const moment = Number(new URL(start ?? '', link()).searchParams.get('t'));
    expect(moment).toBeGreaterThan(60);
    await past(page, moment + 0.5);
    expect(await currentTime(page)).toBeLessThan(moment + 30);
    await page.waitForFunction(() => {
      const [track] = document.querySelector('video')?.textTracks ?? [];
      return track?.mode === 'showing' && (track.activeCues?.length ?? 0) > 0;
    });
    const cue = await page.evaluate(() => {
      const [track] = document.querySelector('video')?.textTracks ?? [];
      return (track?.activeCues?.[0] as VTTCue).getCueAsHTML().textContent;
    });
    const line = await saidAt(page, 20).locator('.said').textContent();
    expect(line).toContain((cue ?? 'nothing').split(/\s+/).slice(0, 3).join(' '));
    expect(await saidAt(page, 20).getAttribute('aria-current')).toBe('true');
    expect(complaints).toEqual([]);
  });

  test('opens at the moment that the link names, without playing by itself', async () => {
    const { page } = await open(link(605));
    await isReady(page);
    await page.waitForFunction(() => document.querySelector('li[aria-current]') !== null);
    expect(Math.abs((await currentTime(page)) - 605)).toBeLessThan(0.5);
    expect(await page.locator(video).evaluate((one: HTMLVideoElement) => one.paused)).toBe(true);
    const panel = await page.locator('.lines').boundingBox();
    const marked = await page.locator('li[aria-current]').boundingBox();
    expect(marked?.y).toBeGreaterThanOrEqual(panel?.y ?? Infinity);
    expect(marked?.y).toBeLessThan((panel?.y ?? 0) + (panel?.height ?? 0));
  });

  test('goes to the moment of an action item, and from view to view without losing it', async () => {
    const { page } = await open(link());
    await isReady(page);
    const item = page.locator('.items li').nth(3).getByRole('link');
    const moment = Number(new URL((await item.getAttribute('href')) ?? '', link()).searchParams.get('t'));
    await item.click();
    await past(page, moment);
    const before = await page.locator(video).getAttribute('src');
    await page.getByLabel('View').selectOption('Gallery view');
    await page.waitForFunction((src) => document.querySelector('video')?.getAttribute('src') !== src, before);
    await past(page, moment);
    expect(await currentTime(page)).toBeLessThan(moment + 60);
  });

  test('finds words in the transcript, whatever their case', async () => {
    const { page } = await open(link());
    const search = page.getByRole('searchbox', { name: 'Search in the transcript' });
    await search.fill('DASHBOARD');
    await page
      .getByRole('status')
      .filter({ hasText: /^\d+ of \d+ lines$/ })
      .waitFor();
    const found = await page.locator('.lines li').count();
    expect(found).toBeGreaterThan(1);
    expect(found).toBeLessThan(20);
    expect((await page.locator('.lines mark').first().textContent())?.toLowerCase()).toBe('dashboard');
    await search.fill('');
    expect(await page.locator('.lines li').count()).toBeGreaterThan(50);
  });

  test('is used by the keyboard alone: one stop for all lines, arrows from line to line', async () => {
    const { page } = await open(link());
    await isReady(page);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the transcript');
    await page.keyboard.press('Enter');
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.getAttribute('href') ?? undefined);
    const stops: (string | undefined)[] = [];
    // Follow, search, the panel, and then the lines as one.
    for (let press = 0; press < 4; press += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    const first = await saidAt(page, 0).getByRole('link').getAttribute('href');
    expect(stops.at(-1)).toBe(first);
    for (let press = 0; press < 10; press += 1) await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe(await saidAt(page, 10).getByRole('link').getAttribute('href'));
    await page.keyboard.press('Enter');
    await past(page, Number(new URL((await focused()) ?? '', link()).searchParams.get('t')));
  });

  test('saves a file under its own name, whole', async () => {
    const { page } = await open(link());
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('row', { name: /^Transcript TXT/ })
        .getByRole('link')
        .click(),
    ]);
    expect(download.suggestedFilename()).toBe('transcript.txt');
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('Ada Lindqvist');
  });

  test('goes on when the address of the film has become too old', async () => {
    const { page } = await open(link());
    const fault = local.s3Faults.inject({
      operation: 'GetObject',
      effect: { kind: 'slowDown' },
      keyEnd: 'gallery_view.mp4',
      times: 1,
    });
    await saidAt(page, 20).click();
    await past(page, 61);
    await page.getByLabel('View').selectOption('Gallery view');
    await page.waitForFunction(() => document.querySelector('video')?.getAttribute('src')?.includes('gallery_view'));
    await past(page, 61);
    expect(fault.hits).toBe(1);
    fault.remove();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('plays on over a pause, from one file to the next, on the clock of the whole meeting', async () => {
    const meeting = local.recordThis(fullMeeting({ uuid: 'two-stretches==', accountId: local.cloud.zoomAccountId }));
    await meeting.announce('recording.completed');
    await meeting.announce('recording.transcript_completed');
    await until(async () => (await local.files(meeting.jobId)).includes('audio_transcript: archived'));
    await until(async () => (await local.job(meeting.jobId))?.status === 'done');
    const [, second] = SEGMENTS;
    const { page } = await open((await pageLink(local.cloud, meeting.jobId))(second.from + 2));
    await isReady(page);
    const film = (): Promise<string | null> => page.locator(video).getAttribute('src');
    const secondFilm = await film();
    expect(Math.abs((await currentTime(page)) - 2)).toBeLessThan(0.5);

    await saidAt(page, 0).click();
    await page.waitForFunction((src) => document.querySelector('video')?.getAttribute('src') !== src, secondFilm);
    await past(page, 1);
    expect(await currentTime(page)).toBeLessThan(10);
    // Near the end of the first one; what follows comes by itself.
    await page.locator(video).evaluate((one: HTMLVideoElement) => {
      one.currentTime = one.duration - 0.5;
    });
    await page.waitForFunction(
      (path) => {
        const player = document.querySelector('video');
        return new URL(player?.src ?? '').pathname === path && player?.paused === false && player.currentTime > 0.2;
      },
      new URL(secondFilm ?? '').pathname,
    );
    expect(await currentTime(page)).toBeLessThan(second.to - second.from);
  });

  test(`needs at most ${mostBytes / 1_000} kB until it can be read`, async () => {
    const { page, weight } = await open(link());
    await isReady(page);
    const loaded = await weight(api);
    expect([...loaded.keys()].some((path) => path.endsWith('/data'))).toBe(true);
    const bytes = [...loaded.values()].reduce((sum, one) => sum + one, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(mostBytes);
  });

  const looks: [string, BrowserContextOptions][] = [
    ['in daylight', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['with colours that are forced', { forcedColors: 'active' }],
    ['on a telephone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ];
  test.each(looks)('%s axe finds nothing, and nothing sticks out', async (_name, options) => {
    const { page } = await open(link(605), options);
    await isReady(page);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  test('says so where there is neither film nor transcript', async () => {
    const meeting = local.record('Chat alone');
    await meeting.announce('recording.completed');
    const { folder = '' } = await local.closed(meeting.jobId);
    // As it is when somebody made room in the archive.
    for (const Key of (await local.look.keys(folder)).filter((key) => !key.endsWith('chat_file.txt')))
      await local.look.s3.send(new DeleteObjectCommand({ Bucket: local.look.bucket, Key }));
    const { page, complaints } = await open((await pageLink(local.cloud, meeting.jobId))());
    await page.getByText('There is no film and no sound.').waitFor();
    await page.getByText('There is no transcript of this recording.').waitFor();
    await page.getByRole('row', { name: /TXT/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('shows what is there while a recording is still being worked on', async () => {
    const meeting = local.recordThis(smallMeeting('Not done yet', { accountId: local.cloud.zoomAccountId }));
    const gate = local.hold(meeting.jobId, 'findInsights', 'before');
    await meeting.announce('recording.completed');
    await gate.reached;
    const { page } = await open((await pageLink(local.cloud, meeting.jobId))());
    await page.getByText('This recording is still being worked on.').waitFor();
    await page.getByRole('region', { name: 'Player' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    gate.open();
    await local.closed(meeting.jobId);
  });

  test('tells whoever has a wrong or an old link what to do, and nothing about the recording', async () => {
    const old = (await pageLink(local.cloud, jobId, { days: 1, now: () => new Date(Date.now() - 2 * 86_400_000) }))();
    const cut = link().slice(0, -3);
    const bare = link().replace(/\?.*/, '');
    const unknown = link().replace(jobId, 'zoom-000000000000000000000000');
    for (const [address, status, says] of [
      [old, 410, 'This link is too old'],
      [cut, 403, 'This link is not valid'],
      [unknown, 403, 'This link is not valid'],
      [bare, 403, 'This link is not complete'],
    ] as const) {
      const { page } = await open(address);
      const response = await page.reload();
      expect([says, response?.status()]).toEqual([says, status]);
      await page.getByRole('heading', { name: says }).waitFor();
      expect(await page.textContent('body')).not.toContain('Status');
      expect(await axeFindings(page)).toEqual([]);
    }
  });
});
