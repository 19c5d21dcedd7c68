import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';

import { AwsError } from '../../../local/gateway/aws-error.ts';
import { createLambda } from '../../../local/lambda/runtime.ts';
import type { InvocationReport, Lambda } from '../../../local/lambda/runtime.ts';
import { handlerFolder } from './handlers.ts';

const handlers = handlerFolder();
const reports: InvocationReport[] = [];
let lambda: Lambda;
let server: Server;
let base = '';

beforeAll(async () => {
  lambda = createLambda({
    functions: [
      handlers.write('echo', `export const handler = async (event) => event;`),
      handlers.write('fails', `export const handler = async () => { throw new TypeError('no'); };`),
      handlers.write('once', `export const handler = async () => { throw new TypeError('no'); };`, { asyncRetries: 0 }),
    ],
    baseEnvironment: {},
    onInvoke: (report) => reports.push(report),
    asyncRetryDelaysMs: [1],
  });
  server = createServer((request, response) => {
    lambda.service(request, response, new URL(request.url ?? '', 'http://127.0.0.1')).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      response.writeHead(error.status).end(JSON.stringify({ code: error.code, message: error.message }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions`;
});
beforeEach(() => {
  reports.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await lambda.close();
  handlers.remove();
});

const invoke = (name: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(`${base}/${name}/invocations`, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

test('an invocation answers the payload and the version', async () => {
  const response = await invoke('echo', '{"a":"ü"}');
  expect(response.status).toBe(200);
  expect(response.headers.get('x-amz-executed-version')).toBe('$LATEST');
  expect(response.headers.has('x-amz-function-error')).toBe(false);
  expect(await response.json()).toEqual({ a: 'ü' });
});

test('a function is also found by its encoded ARN', async () => {
  const arn = encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:echo');
  expect(await (await invoke(`${arn}`, '1')).json()).toBe(1);
});

test('an invocation without a payload gets an empty object', async () => {
  expect(await (await invoke('echo')).json()).toEqual({});
});

test('a failure of the function is a success of the call that says so in a header', async () => {
  const response = await invoke('fails', '{}');
  expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
  expect(await response.json()).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
});

test('an asynchronous invocation is accepted at once and tried three times in all', async () => {
  const response = await invoke('fails', '{}', { 'x-amz-invocation-type': 'Event' });
  expect([response.status, await response.text()]).toEqual([202, '']);
  await until(() => reports.length === 3);
  // The next one would follow a millisecond later; a whole further invocation is time enough for it.
  await invoke('echo', '{}');
  expect(reports.filter((report) => report.function === 'fails')).toHaveLength(3);
});

test('a function without retries is tried once', async () => {
  await invoke('once', '{}', { 'x-amz-invocation-type': 'Event' });
  await until(() => reports.length === 1);
  await invoke('echo', '{}');
  expect(reports.map((report) => report.function)).toEqual(['once', 'echo']);
});

test('a dry run runs nothing', async () => {
  expect((await invoke('echo', '{}', { 'x-amz-invocation-type': 'DryRun' })).status).toBe(204);
  expect(reports).toHaveLength(0);
});

test.each([
  ['an unknown function', 'other', '{}', {}, 404, 'ResourceNotFoundException'],
  ['an unknown version', 'echo:3', '{}', {}, 404, 'ResourceNotFoundException'],
  ['a payload that is not JSON', 'echo', '{', {}, 400, 'InvalidRequestContentException'],
  [
    'an unknown type of invocation',
    'echo',
    '{}',
    { 'x-amz-invocation-type': 'Later' },
    400,
    'InvalidParameterValueException',
  ],
  ['a payload over 6 MB', 'echo', `"${'x'.repeat(6_300_000)}"`, {}, 413, 'RequestTooLargeException'],
  [
    'an event over 1 MB',
    'echo',
    `"${'x'.repeat(1_100_000)}"`,
    { 'x-amz-invocation-type': 'Event' },
    413,
    'RequestTooLargeException',
  ],
  ['the tail of the log', 'echo', '{}', { 'x-amz-log-type': 'Tail' }, 501, 'NotSupportedByLocalCloud'],
])('%s is refused by name', async (_what, name, body, headers, status, code) => {
  const response = await invoke(name, body, headers);
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })]);
  expect(reports).toHaveLength(0);
});

test('another operation of the Lambda API is refused by name', async () => {
  const response = await fetch(`${base}/echo`);
  expect([response.status, await response.json()]).toEqual([
    501,
    expect.objectContaining({ code: 'NotSupportedByLocalCloud' }),
  ]);
});
