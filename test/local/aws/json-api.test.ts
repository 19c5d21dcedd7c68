import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jsonApi } from '../../../core/aws/json-api.ts';
import { lightDynamoDb } from '../../../core/aws/webhook.ts';
import { toItem } from '../../../core/job/items.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { newFolder, openTables, removeFolder, type LocalTables } from '../dynamodb/local-tables.ts';

const protocol = { service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' } as const;
const environmentOf = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: localRegion,
  AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
});
const surroundings = (environment: Record<string, string>, pauses: number[] = []) => ({
  environment,
  now: () => new Date(),
  pause: (milliseconds: number) => Promise.resolve(pauses.push(milliseconds)),
});
const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: Error) => error,
  );

describe('a table, without the SDK', () => {
  let folder: string;
  let local: LocalTables;
  let url: string;
  beforeEach(async () => {
    folder = await newFolder();
    local = await openTables(folder);
    const { hostname, port } = await (local.client.config.endpoint?.() ?? Promise.reject(new Error('no endpoint')));
    url = `http://${hostname}:${port}`;
  });
  afterEach(async () => {
    await local.close();
    await removeFolder(folder);
  });

  const TableName = 'jobs';
  const row = { pk: 'a', sk: 'b', topic: 'Ångström 🎥', revision: 3, files: new Set(['x', 'y']) };
  const Key = toItem({ pk: 'a', sk: 'b' });

  test('what is written is what the SDK reads, and the other way round', async () => {
    const light = lightDynamoDb(jsonApi(protocol, surroundings(environmentOf(url))));
    await light.putItem({ TableName, Item: toItem(row) });
    const { Item } = await local.client.send(new GetItemCommand({ TableName, Key }));
    expect(Item).toEqual(toItem(row));
    expect((await light.getItem({ TableName, Key })).Item).toEqual(toItem(row));
    expect((await light.getItem({ TableName, Key: toItem({ pk: 'a', sk: 'none' }) })).Item).toBeUndefined();
  });

  test('a condition that does not hold has the name that the SDK gives it', async () => {
    const light = lightDynamoDb(jsonApi(protocol, surroundings(environmentOf(url))));
    const put = { TableName, Item: toItem(row), ConditionExpression: 'attribute_not_exists(pk)' };
    await light.transactWriteItems({ TransactItems: [{ Put: put }] });
    const { name } = await failureOf(light.putItem(put));
    expect(name).toBe('ConditionalCheckFailedException');
    const cancelled = await failureOf(light.transactWriteItems({ TransactItems: [{ Put: put }] }));
    expect(cancelled.name).toBe('TransactionCanceledException');
  });

  test('a signature with another key is refused, and the refusal is not repeated', async () => {
    const pauses: number[] = [];
    const environment = { ...environmentOf(url), AWS_SECRET_ACCESS_KEY: 'another' };
    const { name } = await failureOf(jsonApi(protocol, surroundings(environment, pauses))('ListTables', {}));
    expect(name).toBe('InvalidSignatureException');
    expect(pauses).toEqual([]);
  });
});

describe('a service in trouble', () => {
  type Reply = { status: number; body: string } | 'hang up';
  const serving = async (replies: Reply[], use: (url: string, seen: Record<string, unknown>[]) => Promise<void>) => {
    const seen: Record<string, unknown>[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      const reply = replies.shift() ?? { status: 200, body: '{"ok":true}' };
      if (reply === 'hang up') return void request.socket.destroy();
      response.writeHead(reply.status).end(reply.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };

  test.each<[string, Reply]>([
    ['an internal error', { status: 500, body: '{"__type":"InternalServerError"}' }],
    ['a page of something in between', { status: 503, body: '<html>' }],
    ['a throttled request', { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}' }],
    ['a connection that ends', 'hang up'],
  ])('%s is asked again', async (_, reply) => {
    await serving([reply, reply], async (url, seen) => {
      const pauses: number[] = [];
      await expect(jsonApi(protocol, surroundings(environmentOf(url), pauses))('X', {})).resolves.toEqual({ ok: true });
      expect(seen).toHaveLength(3);
      expect(pauses.every((pause) => pause <= 400)).toBe(true);
    });
  });

  test('after three attempts the last reason is told', async () => {
    const down: Reply = { status: 500, body: '{"__type":"a#InternalServerError","message":"later"}' };
    await serving([down, down, down], async (url, seen) => {
      const error = await failureOf(jsonApi(protocol, surroundings(environmentOf(url)))('X', {}));
      expect([error.name, error.message]).toEqual(['InternalServerError', 'later']);
      expect(seen).toHaveLength(3);
    });
  });

  test("the session token of Lambda's credentials is sent and signed", async () => {
    await serving([], async (url, seen) => {
      await jsonApi(protocol, surroundings({ ...environmentOf(url), AWS_SESSION_TOKEN: 'session' }))('X', {});
      expect(seen[0]).toMatchObject({
        'x-amz-security-token': 'session',
        authorization: expect.stringContaining('x-amz-date;x-amz-security-token;x-amz-target'),
      });
    });
  });

  test('a missing region is named', async () => {
    const { AWS_REGION: _, ...environment } = environmentOf('http://127.0.0.1:1');
    await expect(jsonApi(protocol, surroundings(environment))('X', {})).rejects.toThrow('AWS_REGION');
  });
});
