import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

import { afterEach, describe, expect, test } from '@jest/globals';

import { AwsError } from '../../../local/gateway/aws-error.ts';
import { startHttpApi } from '../../../local/http/http-api.ts';
import type { HttpApi, HttpApiOptions } from '../../../local/http/http-api.ts';
import type { InvokeFunction } from '../../../local/lambda-outcome.ts';

interface ApiEvent {
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Record<string, string>;
  readonly queryStringParameters?: Record<string, string>;
  readonly pathParameters?: Record<string, string>;
  readonly requestContext: Record<string, unknown> & { http: Record<string, string> };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const open: HttpApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});

const routes = [
  { method: 'POST', path: '/zoom/webhook', functionArn: 'webhook' },
  { method: 'GET', path: '/jobs/{id}', functionArn: 'job' },
  { method: 'GET', path: '/jobs/latest', functionArn: 'latest' },
  { method: 'ANY', path: '/jobs/latest', functionArn: 'anyLatest' },
  { method: 'GET', path: '/r/{proxy+}', functionArn: 'rest' },
  { method: 'GET', path: '/slow', functionArn: 'slow', timeoutMs: 50 },
];

const start = async (options: Partial<HttpApiOptions> = {}) => {
  const calls: { fn: string; event: ApiEvent }[] = [];
  const api = await startHttpApi({
    port: 0,
    routes,
    invoke: async (fn, event) => {
      calls.push({ fn, event: event as ApiEvent });
      return { payload: { statusCode: 204 } };
    },
    ...options,
  });
  open.push(api);
  const send = (
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string | string[]> | string[]; body?: Buffer | string } = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: api.port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  const sendRaw = (text: string, { hangUp = false } = {}) =>
    new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(api.port, '127.0.0.1', () => (hangUp ? socket.end(text) : socket.write(text)));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
  return { api, calls, send, sendRaw };
};

const answering = (payload: unknown): Partial<HttpApiOptions> => ({ invoke: async () => ({ payload }) });

describe('an event of payload format 2.0', () => {
  test('tells the request whole', async () => {
    const { send, calls, api } = await start({
      now: () => Date.UTC(2026, 10, 21, 13, 50, 21),
      requestContext: { accountId: '000000000000', apiId: 'abcdefghij' },
    });
    await send('POST', '/zoom/webhook?a=1&a=2&b=%C3%BC%20x', {
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Zoom',
        Cookie: 'one=1; two=2',
        'X-Zm-Signature': 'v0=ab',
      },
      body: '{"topic":"Prüfung 😀"}',
    });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      fn: 'webhook',
      event: {
        version: '2.0',
        routeKey: 'POST /zoom/webhook',
        rawPath: '/zoom/webhook',
        rawQueryString: 'a=1&a=2&b=%C3%BC%20x',
        cookies: ['one=1', 'two=2'],
        queryStringParameters: { a: '1,2', b: 'ü x' },
        body: '{"topic":"Prüfung 😀"}',
        isBase64Encoded: false,
        requestContext: {
          accountId: '000000000000',
          apiId: 'abcdefghij',
          domainName: `127.0.0.1:${api.port}`,
          http: {
            method: 'POST',
            path: '/zoom/webhook',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'Zoom',
          },
          routeKey: 'POST /zoom/webhook',
          stage: '$default',
          time: '21/Nov/2026:13:50:21 +0000',
          timeEpoch: Date.UTC(2026, 10, 21, 13, 50, 21),
        },
      },
    });
    const { headers, requestContext } = calls[0]?.event as ApiEvent;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-zm-signature': 'v0=ab',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(headers).not.toHaveProperty('cookie');
    expect(requestContext['requestId']).toEqual(expect.any(String));
  });

  test('leaves out what the request does not have', async () => {
    const { send, calls } = await start();
    await send('GET', '/jobs/latest');
    const event = calls[0]?.event;
    for (const name of ['cookies', 'queryStringParameters', 'pathParameters', 'body'])
      expect(event).not.toHaveProperty(name);
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
  });

  test('joins repeated headers by commas', async () => {
    const { send, calls } = await start();
    await send('GET', '/jobs/1', {
      headers: ['Host', 'example.org', 'X-Many', 'one', 'x-many', 'two', 'X-MANY', 'three'],
    });
    expect(calls[0]?.event.headers).toMatchObject({ 'x-many': 'one,two,three', host: 'example.org' });
  });

  test.each([
    ['application/json; charset=utf-8', false],
    ['text/vtt', false],
    ['application/xml', false],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/vnd.api+json', true],
    [undefined, true],
  ])('carries a body of type %s as base64: %s', async (type, isBase64Encoded) => {
    const { send, calls } = await start();
    const body = 'topic=Prüfung';
    await send('POST', '/zoom/webhook', { headers: type === undefined ? {} : { 'content-type': type }, body });
    expect(calls[0]?.event).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    });
  });

  test('keeps every byte of a binary body', async () => {
    const { send, calls } = await start();
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
    await send('POST', '/zoom/webhook', { headers: { 'content-type': 'video/mp4' }, body });
    expect(Buffer.from(calls[0]?.event.body ?? '', 'base64').equals(body)).toBe(true);
  });
});

describe('a route', () => {
  test.each([
    ['GET', '/jobs/42', 'job', 'GET /jobs/{id}', { id: '42' }],
    ['GET', '/jobs/a%2Bb%20%C3%BC', 'job', 'GET /jobs/{id}', { id: 'a+b ü' }],
    ['GET', '/jobs/latest', 'latest', 'GET /jobs/latest', undefined],
    ['PUT', '/jobs/latest', 'anyLatest', 'ANY /jobs/latest', undefined],
    ['GET', '/r/a/b/c', 'rest', 'GET /r/{proxy+}', { proxy: 'a/b/c' }],
  ])('%s %s leads to %s', async (method, path, fn, routeKey, pathParameters) => {
    const { send, calls } = await start();
    expect((await send(method, path)).status).toBe(204);
    expect(calls[0]).toMatchObject({ fn, event: { routeKey } });
    expect(calls[0]?.event.pathParameters).toEqual(pathParameters);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/zoom/webhook'],
    ['GET', '/jobs'],
    ['GET', '/jobs/'],
    ['GET', '/jobs/1/2'],
    ['GET', '/r/'],
    ['POST', '/jobs/42'],
    ['OPTIONS', '/jobs/42'],
  ])('does not exist for %s %s', async (method, path) => {
    const { send, calls } = await start();
    const { status, body } = await send(method, path);
    expect([status, JSON.parse(body.toString())]).toEqual([404, { message: 'Not Found' }]);
    expect(calls).toHaveLength(0);
  });

  test('called $default takes what no other takes', async () => {
    const { send, calls } = await start({
      routes: [{ method: '$default', path: '', functionArn: 'fallback' }, ...routes],
    });
    await send('GET', '/somewhere/else');
    await send('GET', '/jobs/1');
    expect(calls.map(({ fn, event }) => [fn, event.routeKey])).toEqual([
      ['fallback', '$default'],
      ['job', 'GET /jobs/{id}'],
    ]);
  });
});

describe('an answer', () => {
  const ask = async (payload: unknown) => (await start(answering(payload))).send('GET', '/jobs/1');

  test('has the status, headers, cookies and body that the function gave', async () => {
    const answer = await ask({
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Count': 3, 'Content-Length': '9999', Connection: 'close' },
      cookies: ['a=1; Secure', 'b=2'],
      body: '<p>ü</p>',
    });
    expect(answer).toMatchObject({
      status: 201,
      headers: {
        'content-type': 'text/html',
        'x-count': '3',
        'content-length': '9',
        'set-cookie': ['a=1; Secure', 'b=2'],
      },
    });
    expect(answer.body.toString()).toBe('<p>ü</p>');
  });

  test('in base64 is sent as the bytes it stands for', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const answer = await ask({
      statusCode: 200,
      isBase64Encoded: true,
      body: bytes.toString('base64'),
      headers: { 'content-type': 'image/png' },
    });
    expect(answer.body.equals(bytes)).toBe(true);
  });

  test.each([
    ['an object', { ok: true }, '{"ok":true}'],
    ['a text', 'hello', 'hello'],
    ['nothing', null, 'null'],
    ['a list', [1, 2], '[1,2]'],
  ])('without a status is taken as the body: %s', async (_what, payload, body) => {
    const answer = await ask(payload);
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      200,
      'application/json',
      body,
    ]);
  });

  test.each([
    ['a status that is none', { statusCode: 'soon' }],
    ['a status out of range', { statusCode: 99 }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['a header that is no text', { statusCode: 200, headers: { a: ['b'] } }],
    ['a header that HTTP forbids', { statusCode: 200, headers: { c: 'kept', 'bad name': 'b' } }],
    ['a header value with a line break', { statusCode: 200, headers: { a: 'b\r\nc: d' } }],
    ['cookies that are no list', { statusCode: 200, cookies: 'a=1' }],
  ])('with %s becomes an internal error', async (_what, payload) => {
    const { status, body, headers } = await ask(payload);
    expect([status, JSON.parse(body.toString())]).toEqual([500, { message: 'Internal Server Error' }]);
    expect(headers).not.toHaveProperty('c');
  });

  test.each<[string, InvokeFunction]>([
    [
      'fails',
      async () => ({ functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'secret detail' } }),
    ],
    ['does not exist', async () => Promise.reject(new AwsError('ResourceNotFoundException', 'secret detail', 404))],
  ])('of a function that %s is an internal error without details', async (_what, invoke) => {
    const { send } = await start({ invoke });
    const { status, body } = await send('GET', '/jobs/1');
    expect([status, body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  test('that does not come in time is Service Unavailable', async () => {
    const { send } = await start({
      invoke: (_fn, _event, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    const { status, body } = await send('GET', '/slow');
    expect([status, JSON.parse(body.toString())]).toEqual([503, { message: 'Service Unavailable' }]);
  });
});

describe('a request that cannot be served', () => {
  test.each([
    ['with its length told', { 'content-length': String(10 * 1024 * 1024 + 1) }],
    ['sent in chunks', { 'transfer-encoding': 'chunked' }],
  ])('because its body is over 10 MB, %s, hears 413', async (_how, headers) => {
    const { send, calls } = await start();
    const { status, body } = await send('POST', '/zoom/webhook', { headers, body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([status, JSON.parse(body.toString())]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(calls).toHaveLength(0);
  });

  test('because the function would get more than 6 MB hears 413', async () => {
    const { send } = await start({
      invoke: async () => Promise.reject(new AwsError('RequestTooLargeException', 'too large', 413)),
    });
    expect((await send('POST', '/zoom/webhook', { body: 'x' })).status).toBe(413);
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'POST /zoom/webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['an upgrade', 'GET /jobs/1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n'],
  ])('because it is %s hears 400', async (_what, text) => {
    const { sendRaw, calls } = await start();
    expect(await sendRaw(text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(calls).toHaveLength(0);
  });

  test.each(['/jobs/%zz', '/jobs/%ff', '*'])('because its target is %s hears 400', async (path) => {
    const { send, calls } = await start();
    expect((await send('OPTIONS', path)).status).toBe(400);
    expect(calls).toHaveLength(0);
  });

  test('because its headers are too long hears 431', async () => {
    const { sendRaw } = await start();
    expect(await sendRaw(`GET /jobs/1 HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(11_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  test.each([
    ['headers', 'GET /jobs/1 HTTP/1.1\r\nHost: a\r\n'],
    ['body', 'POST /zoom/webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('because its %s never end hears so and is let go', async (_what, text) => {
    const { sendRaw, calls } = await start({ headersTimeoutMs: 100, requestTimeoutMs: 100 });
    expect(await sendRaw(text)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(calls).toHaveLength(0);
  });

  test('because the client hung up in the middle harms nobody else', async () => {
    const { sendRaw, send, calls } = await start();
    await sendRaw('POST /zoom/webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf', { hangUp: true });
    expect((await send('GET', '/jobs/1')).status).toBe(204);
    expect(calls).toHaveLength(1);
  });
});

test('a port that is taken is told in one sentence', async () => {
  const { api } = await start();
  await expect(start({ port: api.port })).rejects.toThrow(`Port ${api.port} on 127.0.0.1 is in use.`);
});
