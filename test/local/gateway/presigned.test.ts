import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';

let now = Date.now();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    port: 0,
    clock: { now: () => now },
    services: {
      s3: async (_request, response) => {
        response.end('object');
      },
    },
  });
});
beforeEach(() => {
  now = Date.now();
});
afterAll(() => gateway.close());

/** Presigns with the signer that the SDK's own S3 client is configured with. */
const presign = async (options: { expiresIn?: number; method?: string } = {}): Promise<URL> => {
  const client = new S3Client({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  const signerOf = client.config.signer as unknown as (scheme: object) => Promise<{
    presign(request: object, options: object): Promise<{ query: Record<string, string> }>;
  }>;
  const signer = await signerOf({ name: 'sigv4', signingName: 's3', signingRegion: localRegion, properties: {} });
  const host = new URL(gateway.url).host;
  const path = '/bucket/a%20key%2B';
  const signed = await signer.presign(
    {
      method: options.method ?? 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      query: { 'x-id': 'GetObject' },
    },
    { expiresIn: options.expiresIn ?? 60, signingDate: new Date(now) },
  );
  const url = new URL(gateway.url + path);
  for (const [name, value] of Object.entries(signed.query)) url.searchParams.append(name, value);
  return new URL(url.href.replace(/\+/g, '%20'));
};

const get = async (url: URL | string, init?: RequestInit): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url, init);
  return { status: answer.status, text: await answer.text() };
};

describe('a presigned URL', () => {
  test('of the SDK is accepted', async () => {
    expect(await get(await presign())).toEqual({ status: 200, text: 'object' });
  });

  test('is refused once it has expired', async () => {
    const url = await presign({ expiresIn: 60 });
    now += 59_000;
    expect((await get(url)).status).toBe(200);
    now += 2_000;
    const { status, text } = await get(url);
    expect(status).toBe(403);
    expect(text).toContain(
      '<Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>',
    );
  });

  test('lives a week at most', async () => {
    const url = await presign();
    url.searchParams.set('X-Amz-Expires', '604801');
    expect((await get(url)).text).toContain('<Code>AuthorizationQueryParametersError</Code>');
  });

  test.each([
    'X-Amz-Expires',
    'X-Amz-Date',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'X-Amz-Content-Sha256',
    'x-id',
    'X-Amz-SignedHeaders',
  ])('is refused when its %s was changed', async (name) => {
    const url = await presign();
    const value = url.searchParams.get(name) ?? '';
    const changed: Record<string, string> = {
      'X-Amz-Expires': '61',
      'X-Amz-Credential': value.replace('us-east-1', 'eu-west-1'),
      'X-Amz-Content-Sha256': 'e3b0',
    };
    url.searchParams.set(
      name,
      changed[name] ?? value.replace(/[0-9a-z](?=.?$)/i, (char) => (char === '1' ? '2' : '1')),
    );
    expect((await get(url)).status).toBeGreaterThanOrEqual(400);
  });

  test.each([
    ['another path', (url: URL) => (url.pathname = '/bucket/other')],
    ['another parameter', (url: URL) => url.searchParams.set('versionId', '1')],
    ['a parameter doubled', (url: URL) => url.searchParams.append('x-id', 'PutObject')],
  ])('is refused with %s', async (_, change) => {
    const url = await presign();
    change(url);
    const { status, text } = await get(url);
    expect(status).toBe(403);
    expect(text).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  test('is refused with another method', async () => {
    const url = await presign();
    expect((await get(url, { method: 'PUT', body: 'x' })).text).toContain('SignatureDoesNotMatch');
    expect((await get(url, { method: 'HEAD' })).status).toBe(403);
  });

  test('is refused with an x-amz- header that was not signed', async () => {
    expect((await get(await presign(), { headers: { 'x-amz-acl': 'public-read' } })).text).toContain('not signed');
  });

  test('does not go with an Authorization header', async () => {
    expect((await get(await presign(), { headers: { authorization: 'AWS4-HMAC-SHA256 x' } })).status).toBe(400);
  });

  test('of the signature before the present one is refused in a sentence that names the present one', async () => {
    const query = `AWSAccessKeyId=${localCredentials.accessKeyId}&Signature=BBUuBezbX%2FsHTamIyy3o%2Fa6WBQU%3D&Expires=4102444800`;
    const sentence =
      '<Code>InvalidRequest</Code><Message>The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.</Message>';
    const presigned = await get(`${gateway.url}/bucket/key?${query}`);
    expect(presigned).toEqual({ status: 400, text: expect.stringContaining(sentence) });
    const authorization = `AWS ${localCredentials.accessKeyId}:BBUuBezbX/sHTamIyy3o/a6WBQU=`;
    const signed = await get(`${gateway.url}/bucket/key`, { headers: { authorization } });
    expect(signed).toEqual({ status: 400, text: expect.stringContaining(sentence) });
  });
});
