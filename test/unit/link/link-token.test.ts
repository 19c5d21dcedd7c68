import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { linkToken, readLinkToken } from '../../../core/link/link-token.ts';
import { links } from '../../../core/link/links.ts';
import { watchLink } from '../../../core/link/watch-link.ts';

const secret = 'a-link-secret-of-more-than-thirty-two-characters';
const jobId = 'zoom-0123456789abcdef01234567';
const now = new Date('2026-11-21T12:00:00Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
const token = linkToken({ jobId, purpose: 'watch', expiresAt: later(60) }, secret);
const read = (given: string | undefined, about: Partial<Parameters<typeof readLinkToken>[1]> = {}, key = secret) =>
  readLinkToken(given, { jobId, purpose: 'watch', now, ...about }, key);

describe('a signed link', () => {
  test('is good for its job and its purpose', () => {
    expect(read(token)).toEqual({ verdict: 'ok', expiresAt: later(60) });
  });

  test('is good until its time is over, and then known as ours but too old', () => {
    expect(read(token, { now: later(59.999) }).verdict).toBe('ok');
    expect(read(token, { now: later(60) })).toEqual({ verdict: 'expired', expiresAt: later(60) });
  });

  test('is no good for another job', () => {
    expect(read(token, { jobId: 'zoom-0123456789abcdef01234568' })).toEqual({ verdict: 'forged' });
  });

  test('is no good for another purpose', () => {
    expect(read(token, { purpose: 'unsubscribe' })).toEqual({ verdict: 'forged' });
  });

  test('is no good under another secret', () => {
    expect(read(token, {}, `${secret}!`)).toEqual({ verdict: 'forged' });
  });

  test('says whom it is about, and of nobody else', () => {
    const about = linkToken({ jobId, purpose: 'unsubscribe', expiresAt: later(60), subject: 'a1b2' }, secret);
    expect(read(about, { purpose: 'unsubscribe' })).toMatchObject({ verdict: 'ok', subject: 'a1b2' });
    expect(read(about.replace('.a1b2.', '.a1b3.'), { purpose: 'unsubscribe' })).toEqual({ verdict: 'forged' });
    expect(read(about.replace('.a1b2.', '..'), { purpose: 'unsubscribe' })).toEqual({ verdict: 'forged' });
  });

  test('takes a digest as its subject, and no address', () => {
    const subject = 'ada@university.edu';
    expect(() => linkToken({ jobId, purpose: 'unsubscribe', expiresAt: now, subject }, secret)).toThrow(/digest/);
  });

  test('whose time was moved is forged, not expired', () => {
    const [version, , subject, signature] = token.split('.');
    for (const seconds of [-3600, 3600])
      expect(
        read([version, Math.floor(later(seconds).getTime() / 1_000).toString(36), subject, signature].join('.')),
      ).toEqual({ verdict: 'forged' });
  });

  test.each([undefined, '', '.', '1...', 'null', token.slice(0, -1), `${token}A`, ` ${token}`, token.toUpperCase()])(
    'is not %j',
    (given) => expect(read(given)).toEqual({ verdict: 'forged' }),
  );

  test('with any one character changed is forged', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'.split('');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...letters), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(read(token.slice(0, at) + letter + token.slice(at + 1)).verdict).toBe('forged');
      }),
      { numRuns: 300 },
    );
  });

  test('is compared in a time that does not tell how much of it was right', async () => {
    // A clock would tell nothing on a busy machine: the source must use the comparison that is made for it.
    const source = await import('node:fs').then(({ readFileSync }) => readFileSync('core/link/link-token.ts', 'utf8'));
    expect(source).toMatch(/timingSafeEqual\(given, expected\)/);
    expect(source).not.toMatch(/signature\s*===|===\s*expected/);
  });
});

describe('the address of a page', () => {
  test('holds the token, and the moment where one is meant', () => {
    const about = { publicUrl: 'https://example.org', jobId, token };
    expect(watchLink(about)).toBe(`https://example.org/r/${jobId}?k=${token}`);
    expect(watchLink({ ...about, seconds: 90.7 })).toBe(`https://example.org/r/${jobId}?k=${token}&t=90`);
    expect(watchLink({ ...about, seconds: 0 })).not.toContain('t=');
  });

  test('lives as many days as it is set to', async () => {
    const made = links({ secret: async () => secret, publicUrl: 'https://example.org', days: 90, now: () => now });
    const at = new URL((await made.watch(jobId))(90)).searchParams.get('k') ?? '';
    expect(await made.read(at, { jobId, purpose: 'watch' })).toEqual({
      verdict: 'ok',
      expiresAt: later(90 * 86_400),
    });
    expect(read(at, { now: later(91 * 86_400) }).verdict).toBe('expired');
  });
});
