import { accessSync, constants } from 'node:fs';
import { describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const isProgram = (path: string | undefined): path is string => {
  try {
    accessSync(path ?? '', constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Debian's browser, or what stands in its place, or another one that is named; CI does not accept that there is none. */
const findChromium = (): string | undefined => {
  const found = [
    process.env.RAPPORTEUR_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find(isProgram);
  if (!found && process.env.CI) throw new Error('chromium must be installed in CI: apt-get install chromium');
  return found;
};

const executablePath = findChromium();

/** A group of tests that needs a browser. */
export const describeInChromium = (title: string, tests: () => void): void => {
  if (executablePath) return describe(title, tests);
  // On a machine with Node alone; in CI its absence is an error, above.
  process.stderr.write(`Skipped: "${title}", because chromium is not installed (apt-get install it).\n`);
  return describe.skip(title, tests);
};

/** A browser that asks nobody for updates, lists or time. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      // Tests run as root in CI's container, where Chromium's own sandbox cannot be set up.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--mute-audio',
    ],
  });

/** A page with all that it did wrong, or should not have done. */
export type Observed = {
  readonly page: Page;
  /** Hosts that anything was asked of. */
  readonly hosts: ReadonlySet<string>;
  /** What the browser complained of: errors, refused resources, broken policies. */
  readonly complaints: readonly string[];
  /** Bytes that came over the wire from a host, by path. */
  readonly weight: (host: string) => Promise<Map<string, number>>;
  readonly close: () => Promise<void>;
};

export const observePage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Observed> => {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Stockholm', ...options });
  const page = await context.newPage();
  const hosts = new Set<string>();
  const complaints: string[] = [];
  const sizes: Promise<[URL, number]>[] = [];
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfinished', (request) => {
    const size = request
      .sizes()
      .then(({ responseHeadersSize, responseBodySize }) => responseHeadersSize + responseBodySize);
    sizes.push(size.then((bytes) => [new URL(request.url()), bytes]));
  });
  return {
    page,
    hosts,
    complaints,
    weight: async (host) =>
      new Map((await Promise.all(sizes)).flatMap(([url, bytes]) => (url.host === host ? [[url.pathname, bytes]] : []))),
    close: () => context.close(),
  };
};
