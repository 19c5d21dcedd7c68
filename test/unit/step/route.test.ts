import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { PermanentError } from '../../../core/step/errors.ts';
import { jsonRoute, type JsonRequest } from '../../../core/step/json-route.ts';
import { HttpError, route, type Answer, type RawRequest } from '../../../core/step/route.ts';
import { captureLog, lambdaContext, type CapturedLog } from '../../fakes/lambda.ts';
import { cpuMillis } from '../../fakes/cpu.ts';

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

const json = { 'content-type': 'application/json' };
const request = (given: Partial<APIGatewayProxyEventV2>) => ({ headers: {}, ...given }) as APIGatewayProxyEventV2;
type Handler = (event: APIGatewayProxyEventV2, context: ReturnType<typeof lambdaContext>) => Promise<unknown>;
type Reply = { statusCode: number; body?: string; headers?: Record<string, string> };
const send = async (handler: Handler, given: Partial<APIGatewayProxyEventV2>, milliseconds?: number) => {
  const { statusCode, body, headers } = (await handler(request(given), lambdaContext(milliseconds))) as Reply;
  return { status: statusCode, type: headers?.['content-type'], body: body && (JSON.parse(body) as unknown) };
};
const internal = {
  error: { code: 'INTERNAL', message: 'Something broke on our side. Send the request again later.' },
};

describe('an endpoint', () => {
  const handlerOf = (run: (request: RawRequest, signal: AbortSignal) => Promise<Answer>) =>
    route({ name: 'zoomWebhook', run }) as unknown as Handler;

  test('is given the bytes as they came, and headers by their lower-case names', async () => {
    const seen: RawRequest[] = [];
    const handler = handlerOf(async (told) => {
      seen.push(told);
      return { status: 200, body: { ok: 'é' } };
    });
    expect(await send(handler, { body: 'ÿ {"a":1.0}', headers: { 'X-Zm-Signature': 'v0' } })).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { ok: 'é' },
    });
    await send(handler, { body: Buffer.from([0xff, 0x00]).toString('base64'), isBase64Encoded: true });
    await send(handler, {});
    expect(seen.map(({ body }) => body)).toEqual([
      Buffer.from('ÿ {"a":1.0}'),
      Buffer.from([0xff, 0x00]),
      Buffer.alloc(0),
    ]);
    expect(seen[0]?.headers).toEqual({ 'x-zm-signature': 'v0' });
  });

  test('answers without a body where there is nothing to say', async () => {
    expect(await handlerOf(async () => ({ status: 204 }))(request({}), lambdaContext())).toEqual({ statusCode: 204 });
  });

  test('refuses with a code, a sentence and, where there is one, the field', async () => {
    const refuse = (error: Error) =>
      send(
        handlerOf(() => Promise.reject(error)),
        {},
      );
    expect(await refuse(new HttpError(401, 'SIGNATURE_WRONG', 'No.'))).toMatchObject({
      status: 401,
      body: { error: { code: 'SIGNATURE_WRONG', message: 'No.' } },
    });
    expect(await refuse(new HttpError(400, 'BAD_INPUT', 'No.', 'a.b'))).toMatchObject({
      body: { error: { code: 'BAD_INPUT', message: 'No.', field: 'a.b' } },
    });
    expect(captured.entries()[0]).toMatchObject({
      level: 'warn',
      message: 'request refused',
      route: 'zoomWebhook',
      status: 401,
    });
  });

  test('answers 500 to whatever breaks, and tells the log alone why', async () => {
    for (const error of [new Error('canary'), new PermanentError('BAD_CONFIG', 'canary'), 'canary', undefined]) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- libraries do
      const run = () => Promise.reject(error);
      const reply = await send(handlerOf(run), {});
      expect(reply).toEqual({ status: 500, type: 'application/json; charset=utf-8', body: internal });
    }
    expect(captured.entries()[0]).toMatchObject({
      level: 'error',
      message: 'route failed',
      error: { message: 'canary' },
    });
  });

  test('near the end of its time tells its work to stop, and answers 500', async () => {
    let stopped = false;
    const handler = handlerOf((_, signal) => {
      signal.addEventListener('abort', () => (stopped = true));
      return new Promise(() => undefined);
    });
    expect(await send(handler, {}, 501)).toMatchObject({ status: 500, body: internal });
    expect(stopped).toBe(true);
  });
});

describe('a JSON endpoint', () => {
  const input = z.object({
    topic: z.string(),
    count: z.number().optional(),
    list: z.array(z.object({ id: z.string() })).optional(),
  });
  const seen: JsonRequest<z.output<typeof input>>[] = [];
  const handler = jsonRoute({
    name: 'startJob',
    input,
    run: async (told) => {
      seen.push(told);
      return { status: 201, body: told.input };
    },
  }) as unknown as Handler;
  const refusal = (status: number, code: string, field?: string) => ({
    status,
    type: 'application/json; charset=utf-8',
    body: { error: { code, message: expect.stringMatching(/./), ...(field === undefined ? {} : { field }) } },
  });

  beforeEach(() => {
    seen.length = 0;
  });

  test('is given its input checked and without what it did not ask for, and the parts of the path', async () => {
    const body = '{"topic":"é","count":2,"more":true}';
    const path = { pathParameters: { jobId: 'zoom-1' }, queryStringParameters: { page: '2' } };
    expect(await send(handler, { headers: json, body, ...path })).toMatchObject({
      status: 201,
      body: { topic: 'é', count: 2 },
    });
    expect(seen).toEqual([
      { headers: json, path: { jobId: 'zoom-1' }, query: { page: '2' }, input: { topic: 'é', count: 2 } },
    ]);
  });

  test.each([
    ['application/json; charset=utf-8', 'content-type'],
    ['application/json', 'CONTENT-TYPE'],
    ['application/merge-patch+json', 'Content-Type'],
  ])('takes %s under the header %s', async (type, name) => {
    expect((await send(handler, { headers: { [name]: type }, body: '{"topic":"a"}' })).status).toBe(201);
  });

  test('takes a body in base64', async () => {
    const body = Buffer.from('{"topic":"é"}').toString('base64');
    expect(await send(handler, { headers: json, body, isBase64Encoded: true })).toMatchObject({ body: { topic: 'é' } });
  });

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/jsonx'], [undefined]])(
    'refuses the content type %p with 415',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect(await send(handler, { headers, body: '{"topic":"a"}' })).toEqual(refusal(415, 'UNSUPPORTED_MEDIA_TYPE'));
    },
  );

  test.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['half of JSON', '{"topic":'],
    ['JSON behind a byte order mark', '\ufeff{"topic":"a"}'],
    ['two values', '{} {}'],
  ])('refuses %s with 422', async (_, body) => {
    expect(await send(handler, { headers: json, ...(body === undefined ? {} : { body }) })).toEqual(
      refusal(422, 'NOT_JSON'),
    );
  });

  test('refuses bytes that are not UTF-8 with 422', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]).toString('base64');
    expect(await send(handler, { headers: json, body, isBase64Encoded: true })).toEqual(refusal(422, 'NOT_JSON'));
  });

  test.each([
    ['{"topic":"a","__proto__":{"isAdmin":true}}'],
    ['{"topic":"a","list":[{"id":"1","__proto__":null}]}'],
    ['{"topic":"a","constructor":{"prototype":{"isAdmin":true}}}'],
  ])('refuses the keys of %s with 422', async (body) => {
    expect(await send(handler, { headers: json, body })).toEqual(refusal(422, 'FORBIDDEN_KEY'));
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test.each([
    ['{}', 'topic'],
    ['{"topic":1}', 'topic'],
    ['{"topic":"a","list":[{"id":"1"},{}]}', 'list.1.id'],
  ])('answers 400 to %s and names the field %s', async (body, field) => {
    expect(await send(handler, { headers: json, body })).toEqual(refusal(400, 'BAD_INPUT', field));
  });

  test('answers 400 to JSON of another kind', async () => {
    expect(await send(handler, { headers: json, body: 'null' })).toEqual(refusal(400, 'BAD_INPUT'));
  });

  test.each([
    ['too many bytes', `{"topic":"${'a'.repeat(262_144)}"}`, 413, 'TOO_LARGE'],
    ['too many bytes of few letters', `{"topic":"${'€'.repeat(90_000)}"}`, 413, 'TOO_LARGE'],
    ['too many levels', '['.repeat(200_000), 422, 'NESTED_TOO_DEEP'],
    ['levels that are closed again', `${'{"a":'.repeat(41)}1${'}'.repeat(41)}`, 422, 'NESTED_TOO_DEEP'],
  ])('refuses %s at once', async (_, body, status, code) => {
    const started = cpuMillis();
    expect(await send(handler, { headers: json, body })).toEqual(refusal(status, code));
    expect(cpuMillis() - started).toBeLessThan(2_000);
  });

  test('counts brackets in texts as text', async () => {
    const topic = `${'[{'.repeat(100)}\\" ]`;
    expect(await send(handler, { headers: json, body: JSON.stringify({ topic }) })).toMatchObject({ body: { topic } });
  });

  test('answers 500 when its work breaks, and quotes nothing of the request', async () => {
    const broken = jsonRoute({
      name: 'x',
      input,
      run: () => Promise.reject(new Error('broken')),
    }) as unknown as Handler;
    expect(await send(broken, { headers: json, body: '{"topic":"canary"}' })).toMatchObject({
      status: 500,
      body: internal,
    });
    expect(captured.text()).not.toContain('canary');
  });

  test('has an answer to whatever is sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
        fc.constantFrom(json, {}, { 'Content-Type': 'application/json' }),
        fc.boolean(),
        async (body, headers, isBase64Encoded) => {
          const { status } = await send(handler, { headers, body, isBase64Encoded });
          expect([201, 400, 413, 415, 422]).toContain(status);
        },
      ),
    );
  });
});
