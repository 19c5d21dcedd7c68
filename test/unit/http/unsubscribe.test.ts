import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { links } from '../../../core/link/links.ts';
import type { StopReason, Stopped } from '../../../core/mail/stop-list.ts';
import { unsubscribe } from '../../../functions/http/unsubscribe/unsubscribe.ts';

const key = 'a1b2c3';
const jobId = 'zoom-0123456789abcdef01234567';
const secret = () => Promise.resolve('a-link-secret-of-more-than-thirty-two-characters');

const setUp = async () => {
  const clock = { ms: Date.parse('2026-01-12T16:00:00Z') };
  const signed = links({ secret, publicUrl: 'https://api.example.org', days: 90, now: () => new Date(clock.ms) });
  const stopped = new Map<string, Stopped>();
  const stopList = {
    find: (of: string) => Promise.resolve(stopped.get(of)),
    stop: (of: string, because: StopReason) => {
      const isNew = !stopped.has(of);
      if (isNew) stopped.set(of, { because, at: '2026-01-12T16:00:00Z' });
      return Promise.resolve(isNew);
    },
    resume: (of: string) => {
      const may = (stopped.get(of)?.because ?? 'unsubscribed') === 'unsubscribed';
      if (may) stopped.delete(of);
      return Promise.resolve(may);
    },
  };
  const token = await signed.token(jobId, 'unsubscribe', key);
  const run = unsubscribe({ readLink: signed.read, stopList });
  const ask = async (method: 'GET' | 'POST', body = '', query: Record<string, string> = { j: jobId, k: token }) => {
    const request = { routeKey: `${method} /unsubscribe`, headers: {}, path: {}, query, body: Buffer.from(body) };
    const { status, content, headers = {} } = await run(request);
    return { status, html: String(content), headers };
  };
  return { ask, stopped, signed, clock, token };
};

describe('the link that stops mails', () => {
  test('changes nothing when it is only followed, as scanners do, and shows a button', async () => {
    const { ask, stopped } = await setUp();
    const { status, html } = await ask('GET');
    expect(status).toBe(200);
    expect(html).toContain('<form method="post">');
    expect(html).toContain('Stop these mails?');
    expect(stopped.size).toBe(0);
  });

  test.each([
    ['a mail program', 'List-Unsubscribe=One-Click'],
    ['the button', 'stop=1'],
    [
      'a mail program that sends a form of many parts',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--',
    ],
    ['somebody who says nothing', ''],
  ])('stops them when %s posts to it, once and for all', async (_who, body) => {
    const { ask, stopped } = await setUp();
    for (const _ of [1, 2]) expect(await ask('POST', body)).toMatchObject({ status: 200 });
    expect([...stopped]).toEqual([[key, expect.objectContaining({ because: 'unsubscribed' })]]);
    expect((await ask('GET')).html).toContain('These mails are stopped');
  });

  test('takes it back where the same person asks', async () => {
    const { ask, stopped } = await setUp();
    await ask('POST', 'stop=1');
    expect((await ask('POST', 'again=1')).html).toContain('These mails come again');
    expect(stopped.size).toBe(0);
  });

  test('does not take back what the mail service said', async () => {
    const { ask, stopped } = await setUp();
    stopped.set(key, { because: 'complained', at: '2026-01-12T16:00:00Z' });
    const { html } = await ask('POST', 'again=1');
    expect(html).toContain('The people who run this service can lift that.');
    expect(html).not.toContain('<form');
    expect(stopped.size).toBe(1);
  });

  test('still works when the mail is years old', async () => {
    const { ask, stopped, clock } = await setUp();
    clock.ms += 3 * 365 * 86_400_000;
    expect((await ask('POST', 'stop=1')).status).toBe(200);
    expect(stopped.size).toBe(1);
  });

  test('is refused where it was not signed for this: another job, a link to watch, rubbish, nothing', async () => {
    const { ask, stopped, signed, token } = await setUp();
    const watching = await signed.token(jobId, 'watch');
    for (const query of [
      { j: 'zoom-other', k: token },
      { j: jobId, k: watching },
      { j: jobId, k: `${token}x` },
      { j: jobId, k: token.replace(key, 'a1b2c4') },
      { j: jobId },
      {},
    ] as Record<string, string>[])
      for (const method of ['GET', 'POST'] as const)
        expect(await ask(method, 'stop=1', query)).toMatchObject({ status: 403 });
    expect(stopped.size).toBe(0);
  });

  test('shows a page that loads nothing, runs nothing and is kept nowhere', async () => {
    const { ask } = await setUp();
    const { html, headers } = await ask('GET');
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-store' });
    expect(html).not.toMatch(/<script|https?:|url\(/);
  });
});
