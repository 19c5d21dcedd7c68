import { createHash } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local/gateway/aws-error.ts';
import { readBody } from '../../../local/gateway/body.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway, type GatewayOptions } from '../../../local/gateway/gateway.ts';
import { jsonService } from '../../../local/gateway/json-service.ts';
import type { Service } from '../../../local/gateway/service.ts';

const open: Gateway[] = [];
const gateway = async (options: Partial<GatewayOptions>): Promise<Gateway> => {
  const started = await startGateway({ port: 0, services: {}, ...options });
  open.push(started);
  return started;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const config = (endpoint: string) => ({ endpoint, region: localRegion, credentials: localCredentials, maxAttempts: 1 });

const failure = async (
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> => {
  const error = await promise.then(
    () => {
      throw new Error('The request was answered.');
    },
    (caught: unknown) => caught as Error & { $metadata?: { httpStatusCode?: number } },
  );
  return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
};

const tables = jsonService({
  prefix: 'DynamoDB_20120810',
  version: '1.0',
  operations: { ListTables: async (input: { Limit?: number }) => ({ TableNames: [`limit-${input.Limit}`] }) },
});

/** Keeps what it was sent; answers with nothing. */
const recorder = (): { service: Service; seen: { path: string; body: string }[] } => {
  const seen: { path: string; body: string }[] = [];
  const service: Service = async (request, response, url) => {
    seen.push({ path: url.pathname + url.search, body: (await readBody(request, 1e9)).toString() });
    response.end();
  };
  return { service, seen };
};

/** Lets a test change the last moment of a request, after the SDK has signed it. */
const tampered = <C extends { middlewareStack: unknown }>(client: C, change: (request: Tamperable) => void): C => {
  (client.middlewareStack as { addRelativeTo: (middleware: unknown, options: unknown) => void }).addRelativeTo(
    (next: (args: { request: Tamperable }) => unknown) => (args: { request: Tamperable }) => {
      change(args.request);
      return next(args);
    },
    { relation: 'after', toMiddleware: 'httpSigningMiddleware', name: 'tamper' },
  );
  return client;
};
interface Tamperable {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

describe('a signed request', () => {
  test('of the SDK reaches its service by the name in its scope', async () => {
    const { url } = await gateway({ services: { dynamodb: tables } });
    const answer = await new DynamoDBClient(config(url)).send(new ListTablesCommand({ Limit: 7 }));
    expect(answer.TableNames).toEqual(['limit-7']);
    expect(answer.$metadata.requestId).toBeDefined();
  });

  test.each([
    'plain',
    'with space',
    'a+b=c',
    'ünïcode/ÿ',
    "all!'()*",
    'double//slash',
    'dots/../kept',
    '100%25',
    '~-_.',
  ])('to S3 is accepted whatever the key is: %s', async (key) => {
    const { service, seen } = recorder();
    const { url } = await gateway({ services: { s3: service } });
    await new S3Client(config(url)).send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
    expect(seen).toHaveLength(1);
  });

  test('with a query is accepted whatever the values are', async () => {
    const { service, seen } = recorder();
    const { url } = await gateway({ services: { s3: service } });
    await new S3Client(config(url))
      .send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: "a b/+&=?ü*'()", Delimiter: '/', MaxKeys: 3 }))
      .catch(() => undefined);
    expect(seen[0]?.path).toContain('list-type=2');
  });

  test('with a path outside S3 is accepted in its double encoding', async () => {
    const { service, seen } = recorder();
    const { url } = await gateway({ services: { ses: service } });
    await new SESv2Client(config(url)).send(
      new SendEmailCommand({
        Destination: { ToAddresses: ['a@example.org'] },
        Content: { Raw: { Data: Buffer.from('x') } },
      }),
    );
    expect(seen).toEqual([{ path: '/v2/email/outbound-emails', body: expect.stringContaining('ToAddresses') }]);
  });

  test('streams its body to S3 untouched', async () => {
    const { service, seen } = recorder();
    const { url } = await gateway({ services: { s3: service } });
    await new S3Client(config(url)).send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'some bytes' }));
    expect(seen[0]?.body).toBe('some bytes');
  });
});

describe('a request that was changed after it was signed is refused by a JSON service:', () => {
  const cases: [string, (request: Tamperable) => void][] = [
    ['body', (request) => (request.body = '{"Limit":8}')],
    ['path', (request) => (request.path = '/other')],
    ['query', (request) => (request.query = { added: '1' })],
    ['method', (request) => (request.method = 'PUT')],
    ['target header', (request) => (request.headers['x-amz-target'] = 'DynamoDB_20120810.DeleteTable')],
    [
      'date header',
      (request) =>
        (request.headers['x-amz-date'] = request.headers['x-amz-date']!.replace(/\d(?=Z$)/, (digit) =>
          String((Number(digit) + 5) % 10),
        )),
    ],
    ['added header', (request) => (request.headers['x-amz-extra'] = '1')],
    [
      'signature',
      (request) =>
        (request.headers['authorization'] = request.headers['authorization']!.replace(/.$/, (char) =>
          char === '0' ? '1' : '0',
        )),
    ],
    [
      'empty signature',
      (request) =>
        (request.headers['authorization'] = request.headers['authorization']!.replace(/Signature=.*/, 'Signature=00')),
    ],
    [
      'host not signed',
      (request) => (request.headers['authorization'] = request.headers['authorization']!.replace(';host;', ';')),
    ],
    [
      'region',
      (request) =>
        (request.headers['authorization'] = request.headers['authorization']!.replace('us-east-1', 'eu-west-1')),
    ],
    [
      'terminator',
      (request) =>
        (request.headers['authorization'] = request.headers['authorization']!.replace('aws4_request', 'aws5_request')),
    ],
    [
      'day of the scope',
      (request) =>
        (request.headers['authorization'] = request.headers['authorization']!.replace(/\/\d{8}\//, '/20200101/')),
    ],
  ];
  test.each(cases)('%s', async (_, change) => {
    const { url } = await gateway({ services: { dynamodb: tables } });
    const client = tampered(new DynamoDBClient(config(url)), change);
    expect(await failure(client.send(new ListTablesCommand({ Limit: 7 })))).toMatchObject({
      name: 'InvalidSignatureException',
      status: 400,
    });
  });

  test('an unchanged one is not', async () => {
    const { url } = await gateway({ services: { dynamodb: tables } });
    const client = tampered(new DynamoDBClient(config(url)), () => undefined);
    await expect(client.send(new ListTablesCommand({}))).resolves.toBeDefined();
  });
});

describe('S3 refuses', () => {
  const put = new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'some bytes' });
  const cases: [string, (request: Tamperable) => void][] = [
    ['a changed path', (request) => (request.path = '/bucket/other')],
    ['a changed payload hash', (request) => (request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD')],
    ['a changed checksum', (request) => (request.headers['x-amz-checksum-crc32'] = 'AAAAAA==')],
    ['a changed length', (request) => (request.headers['content-type'] = 'text/html')],
  ];
  test.each(cases)('%s', async (_, change) => {
    const { service, seen } = recorder();
    const { url } = await gateway({ services: { s3: service } });
    expect(await failure(tampered(new S3Client(config(url)), change).send(put))).toMatchObject({
      name: 'SignatureDoesNotMatch',
      status: 403,
    });
    expect(seen).toEqual([]);
  });

  test('an added header', async () => {
    const { url } = await gateway({ services: { s3: recorder().service } });
    const client = tampered(new S3Client(config(url)), (request) => (request.headers['x-amz-acl'] = 'public-read'));
    expect(await failure(client.send(put))).toEqual({
      name: 'AccessDenied',
      message: 'There were headers present in the request which were not signed',
      status: 403,
    });
  });

  test('an unknown key', async () => {
    const { url } = await gateway({ services: { s3: recorder().service } });
    const client = new S3Client({ ...config(url), credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' } });
    expect(await failure(client.send(put))).toMatchObject({ name: 'InvalidAccessKeyId', status: 403 });
  });

  test('a wrong secret', async () => {
    const { url } = await gateway({ services: { s3: recorder().service } });
    const client = new S3Client({ ...config(url), credentials: { ...localCredentials, secretAccessKey: 'wrong' } });
    expect(await failure(client.send(put))).toMatchObject({ name: 'SignatureDoesNotMatch', status: 403 });
  });

  test('a session token, since the local credentials have none', async () => {
    const { url } = await gateway({ services: { s3: recorder().service } });
    const client = new S3Client({ ...config(url), credentials: { ...localCredentials, sessionToken: 'token' } });
    expect(await failure(client.send(put))).toMatchObject({ name: 'InvalidToken' });
  });

  test('a request without credentials', async () => {
    const { url } = await gateway({ services: { s3: recorder().service } });
    const answer = await fetch(`${url}/bucket/key`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
  });
});

describe('the time of a request', () => {
  const minutes = (count: number) => ({ now: () => Date.now() + count * 60_000 });

  test.each([14, -14])('may be %d minutes away', async (away) => {
    const { url } = await gateway({ services: { dynamodb: tables }, clock: minutes(away) });
    await expect(new DynamoDBClient(config(url)).send(new ListTablesCommand({}))).resolves.toBeDefined();
  });

  test.each([16, -16])('may not be %d minutes away, for a JSON service', async (away) => {
    const { url } = await gateway({ services: { dynamodb: tables }, clock: minutes(away) });
    const { name, message } = await failure(new DynamoDBClient(config(url)).send(new ListTablesCommand({})));
    expect(name).toBe('InvalidSignatureException');
    expect(message).toMatch(
      away > 0 ? /^Signature expired: .* is now earlier than .* 15 min/ : /^Signature not yet current/,
    );
  });

  test.each([16, -16])('may not be %d minutes away, for S3', async (away) => {
    const { url } = await gateway({ services: { s3: recorder().service }, clock: minutes(away) });
    expect(
      await failure(new S3Client(config(url)).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))),
    ).toMatchObject({ name: 'RequestTimeTooSkewed', status: 403 });
  });
});

describe('errors', () => {
  test('of a service reach the SDK with name, message and members', async () => {
    const operations = {
      ListExecutions: async () => {
        throw new AwsError('StateMachineDoesNotExist', 'No such machine.', 400, { reason: 'x' });
      },
    };
    const { url } = await gateway({
      services: { states: jsonService({ prefix: 'AWSStepFunctions', version: '1.0', operations }) },
    });
    expect(
      await failure(new SFNClient(config(url)).send(new ListExecutionsCommand({ stateMachineArn: 'arn' }))),
    ).toEqual({ name: 'StateMachineDoesNotExist', message: 'No such machine.', status: 400 });
  });

  test('name an operation that is not known', async () => {
    const { url } = await gateway({
      services: { states: jsonService({ prefix: 'AWSStepFunctions', version: '1.0', operations: {} }) },
    });
    expect(
      await failure(new SFNClient(config(url)).send(new ListExecutionsCommand({ stateMachineArn: 'arn' }))),
    ).toMatchObject({ name: 'UnknownOperationException', message: expect.stringContaining('ListExecutions') });
  });

  test('name a service that is not there', async () => {
    const { url } = await gateway({ services: {} });
    expect(await failure(new SFNClient(config(url)).send(new ListExecutionsCommand({})))).toEqual({
      name: 'NotSupportedByLocalCloud',
      message: "The AWS service 'states' is not supported by the local cloud.",
      status: 501,
    });
  });

  test('are XML for a client that sent a form, as services of the query protocol do', async () => {
    const { url } = await gateway({ services: {} });
    const answer = await fetch(url, {
      method: 'POST',
      body: 'Action=DescribeInstances',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        authorization: `AWS4-HMAC-SHA256 Credential=${localCredentials.accessKeyId}/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00`,
        'x-amz-date': '20260101T000000Z',
      },
    });
    expect(await answer.text()).toContain(
      '<Code>NotSupportedByLocalCloud</Code><Message>The AWS service &#39;ec2&#39; is not supported by the local cloud.</Message>',
    );
  });

  test('that nobody foresaw are told to the operator, not to the client', async () => {
    const told: unknown[] = [];
    const broken = new Error('secret detail');
    const { url } = await gateway({
      services: { dynamodb: () => Promise.reject(broken) },
      onUnexpectedError: (error) => told.push(error),
    });
    const { name, message } = await failure(new DynamoDBClient(config(url)).send(new ListTablesCommand({})));
    expect({ name, hidden: !message.includes('secret') }).toEqual({ name: 'InternalFailure', hidden: true });
    expect(told).toEqual([broken]);
  });
});

describe('the gateway itself', () => {
  test('says in one sentence that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startGateway({ port, services: {} })).rejects.toThrow(
      `Port ${port} is already in use: stop the program that listens on 127.0.0.1:${port}, or choose another port.`,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test.each(['*', 'http://elsewhere/', '//elsewhere/x'])('takes the target %s for nothing but a path', async (path) => {
    const { port } = await gateway({ services: {} });
    const status = await new Promise((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path, method: 'OPTIONS' }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect([400, 403]).toContain(status);
  });

  test('refuses malformed authorization without falling over', async () => {
    const { url } = await gateway({ services: { dynamodb: tables } });
    for (const authorization of [
      '',
      'Bearer x',
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256 Credential=a/b/c',
      `AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=${createHash('sha256').digest('hex')}`,
    ]) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization, 'x-amz-target': 'DynamoDB_20120810.ListTables' },
        body: '{}',
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty('__type');
    }
  });
});
