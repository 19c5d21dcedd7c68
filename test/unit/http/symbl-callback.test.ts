import { describe, expect, test } from '@jest/globals';
import { callbackBody, callbackSecretOf, callbackUrlOf, isCallbackSecret } from '../../../core/symbl/callback.ts';
import { symblCallback } from '../../../functions/http/symbl-callback/symbl-callback.ts';

const key = 'k'.repeat(40);
const path = (jobId: string, secret: string) => ({
  path: { jobId, secret },
  input: { jobId: 'j', status: 'completed' },
});
const route = symblCallback({
  key: () => Promise.resolve(key),
  speech: undefined,
  asked: { remove: () => Promise.resolve() },
});

describe('Callbacks of a Symbl-compatible service', () => {
  test('are understood in the form of its documents and in the one that was seen', () => {
    expect(callbackBody.parse({ jobId: 'j', status: 'completed' })).toEqual({ jobId: 'j', status: 'completed' });
    expect(callbackBody.parse({ id: 'j', status: 'failed', more: 1 })).toEqual({ jobId: 'j', status: 'failed' });
    expect(callbackBody.safeParse({ status: 'failed' }).success).toBe(false);
    expect(callbackBody.safeParse({ id: 7, status: 'failed' }).success).toBe(false);
  });

  test('have a secret of their job that opens no other', () => {
    const secret = callbackSecretOf('zoom-1', key);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(isCallbackSecret(secret, 'zoom-1', key)).toBe(true);
    for (const [given, jobId, with_] of [
      [secret, 'zoom-2', key],
      [secret, 'zoom-1', 'x'.repeat(40)],
      [secret.slice(1), 'zoom-1', key],
      ['', 'zoom-1', key],
    ] as const)
      expect(isCallbackSecret(given, jobId, with_)).toBe(false);
    expect(callbackUrlOf('https://api.example.org', 'zoom-1', key)).toBe(
      `https://api.example.org/callbacks/symbl/zoom-1/${secret}`,
    );
  });

  test('are refused without it, and answered where nothing is to be done any more', async () => {
    await expect(route(path('zoom-1', 'guessed'))).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await route(path('zoom-1', callbackSecretOf('zoom-1', key)))).toEqual({ status: 200, body: {} });
  });
});
