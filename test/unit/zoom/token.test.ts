import { expect, test } from '@jest/globals';
import type { Rest } from '../../../core/rest/rest.ts';
import { zoomToken, type Credentials } from '../../../core/zoom/token.ts';

const old: Credentials = { accountId: 'account', clientId: 'client', clientSecret: 'the old secret' };
const corrected: Credentials = { ...old, clientSecret: 'the corrected secret' };

/** Zoom that knows one secret, and a cache in front of the stored credentials. */
const setUp = (stored: Credentials, right: Credentials) => {
  const asked: string[] = [];
  const http: Rest = async ({ headers }) => {
    const basic = String(headers?.['authorization']).replace('Basic ', '');
    const secret = Buffer.from(basic, 'base64').toString().split(':')[1] ?? '';
    asked.push(secret);
    if (secret === right.clientSecret)
      return { status: 200, headers: {}, data: JSON.stringify({ access_token: 'an access token', expires_in: 3600 }) };
    const data = '{"reason":"Invalid client_id or client_secret","error":"invalid_client"}';
    return { status: 401, headers: {}, data };
  };
  const credentials = async (how?: { afresh: boolean }) => (how?.afresh ? stored : old);
  const now = () => new Date('2026-01-12T16:00:00Z');
  return { asked, tokens: zoomToken({ http, oauthUrl: 'https://zoom.us/oauth/token', credentials, now }) };
};

test('credentials that were corrected since they were read are used at once', async () => {
  const { asked, tokens } = setUp(corrected, corrected);
  expect(await tokens.get()).toBe('an access token');
  expect(asked).toEqual([old.clientSecret, corrected.clientSecret]);
});

test('credentials that are stored as they were read are not sent a second time', async () => {
  const { asked, tokens } = setUp(old, corrected);
  await expect(tokens.get()).rejects.toThrow('ZOOM_REFUSED: asked for a token, Zoom answered 401');
  expect(asked).toEqual([old.clientSecret]);
});
