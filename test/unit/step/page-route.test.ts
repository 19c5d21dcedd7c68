import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { pageRoute } from '../../../core/step/page-route.ts';
import type { Answer } from '../../../core/step/route.ts';
import { lambdaContext } from '../../fakes/lambda.ts';

type Reply = { statusCode: number; headers: Record<string, string>; body: string; isBase64Encoded?: boolean };
const send = (answer: Answer, headers: Record<string, string> = {}): Promise<Reply> =>
  (
    pageRoute({ name: 'page', run: async () => answer, broken: () => ({ status: 500 }) }) as unknown as (
      event: object,
      context: object,
    ) => Promise<Reply>
  )({ routeKey: 'GET /', headers }, lambdaContext());

const html = { 'content-type': 'text/html; charset=utf-8' };
const long = 'Grüße '.repeat(1_000);

describe('a page', () => {
  test('is sent compressed to whoever takes it so', async () => {
    const reply = await send({ status: 200, content: long, headers: html }, { 'Accept-Encoding': 'br, gzip' });
    expect(reply).toMatchObject({
      isBase64Encoded: true,
      headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' },
    });
    expect(gunzipSync(Buffer.from(reply.body, 'base64')).toString()).toBe(long);
    expect(reply.body.length).toBeLessThan(500);
  });

  test.each(['', 'br', 'identity', 'gzip;q=0', 'gzip; q=0.0, br'])(
    'is sent as it is where %j is taken',
    async (accepted) => {
      const reply = await send({ status: 200, content: long, headers: html }, { 'accept-encoding': accepted });
      expect([reply.body, reply.headers['content-encoding'], reply.headers.vary]).toEqual([
        long,
        undefined,
        'accept-encoding',
      ]);
    },
  );

  test('is left alone where it is short, or no text, or nothing', async () => {
    const gzip = { 'accept-encoding': 'gzip' };
    expect((await send({ status: 200, content: 'short', headers: html }, gzip)).body).toBe('short');
    const picture = Buffer.alloc(5_000, 7);
    const reply = await send({ status: 200, content: picture, headers: { 'content-type': 'image/png' } }, gzip);
    expect([reply.body, reply.headers['content-encoding']]).toEqual([picture.toString('base64'), undefined]);
    expect(await send({ status: 302, headers: { location: 'https://example.org/' } }, gzip)).toEqual({
      statusCode: 302,
      headers: { location: 'https://example.org/' },
    });
  });
});
