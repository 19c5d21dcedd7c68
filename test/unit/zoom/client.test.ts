import { inspect } from 'node:util';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { zoomClient } from '../../../core/zoom/client.ts';
import { fileOrigin } from '../../fakes/origin.ts';

type Origin = Awaited<ReturnType<typeof fileOrigin>>;
type Answer = { status?: number; body?: unknown; headers?: Record<string, string>; text?: string };

const uuid = '/3kQ9vTxRnuWb7//hLZpCw==';
const recording = { uuid, id: 84412345678, topic: 'Weekly', recording_files: [{ id: 'f1', file_type: 'MP4' }] };
const signal = new AbortController().signal;
const credentials = { accountId: 'ACCOUNT', clientId: 'CLIENT', clientSecret: 'CANARY-secret' };

let zoom: Origin;
let answers: Answer[];
let tokenAnswers: Answer[];
let tokensGiven: number;
let now: Date;

const send = (response: ServerResponse, { status = 200, body, headers = {}, text }: Answer): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text ?? JSON.stringify(body));
};
const answer = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.url?.startsWith('/oauth/token')) {
    tokensGiven += 1;
    const fresh = { body: { access_token: `CANARY-token-${tokensGiven}`, token_type: 'bearer', expires_in: 3600 } };
    return send(response, tokenAnswers.shift() ?? fresh);
  }
  send(response, answers.shift() ?? { status: 500, text: 'no answer left' });
};

beforeEach(async () => {
  [answers, tokenAnswers, tokensGiven, now] = [[], [], 0, new Date('2026-01-12T12:00:00Z')];
  zoom = await fileOrigin(answer);
});
afterEach(() => zoom.close());

const client = (given: typeof credentials | undefined) =>
  zoomClient({
    apiUrl: `${zoom.url}/v2`,
    oauthUrl: `${zoom.url}/oauth/token`,
    credentials: async () => given,
    now: () => now,
  });
const apiCalls = () => zoom.seen.filter(({ url }) => url?.startsWith('/v2'));
const failureOf = async (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('did not fail'),
    (error: unknown) => error as Error,
  );

describe('the Zoom client', () => {
  test('encodes a uuid twice, so that its slashes survive', async () => {
    answers = [{ body: recording }];
    expect(await client(credentials).recording(uuid, signal)).toMatchObject({
      uuid,
      id: '84412345678',
      topic: 'Weekly',
    });
    expect(apiCalls().map(({ url }) => url)).toEqual([
      '/v2/meetings/%252F3kQ9vTxRnuWb7%252F%252FhLZpCw%253D%253D/recordings',
    ]);
  });

  test('tries the other form once where Zoom knows none', async () => {
    answers = [{ status: 404, body: { code: 3301, message: 'no' } }, { body: recording }];
    expect(await client(credentials).recording(uuid, signal)).toMatchObject({ uuid });
    expect(apiCalls()[1]?.url).toBe('/v2/meetings/%2F3kQ9vTxRnuWb7%2F%2FhLZpCw%3D%3D/recordings');
  });

  test('says that there is no recording, after both forms', async () => {
    answers = [{ status: 404, body: { code: 3301 } }, { body: { code: 3301, message: 'no' } }];
    expect(await client(credentials).recording(uuid, signal)).toBeUndefined();
    expect(apiCalls()).toHaveLength(2);
  });

  test('asks for a download token only where one is used', async () => {
    answers = [{ body: recording }, { body: { ...recording, download_access_token: 'CANARY-download' } }];
    const zoomClient = client(credentials);
    await zoomClient.recording(uuid, signal);
    expect(await zoomClient.downloads(uuid, signal)).toEqual({
      token: 'CANARY-download',
      files: [expect.objectContaining({ fileId: 'f1' })],
    });
    expect(apiCalls().map(({ url }) => new URL(url ?? '', zoom.url).search)).toEqual([
      '',
      '?include_fields=download_access_token&ttl=86400',
    ]);
  });

  test('moves one file to the trash, and never deletes it', async () => {
    answers = [{ status: 204, text: '' }];
    expect(await client(credentials).trash(uuid, 'f/1', signal)).toBe('trashed');
    expect(apiCalls().map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE /v2/meetings/%252F3kQ9vTxRnuWb7%252F%252FhLZpCw%253D%253D/recordings/f%2F1?action=trash',
    ]);
  });

  test('takes a file for gone only when Zoom knows it in neither form', async () => {
    answers = [
      { status: 404, body: { code: 3301 } },
      { status: 204, text: '' },
    ];
    expect(await client(credentials).trash(uuid, 'f1', signal)).toBe('trashed');
    answers = [
      { status: 404, body: { code: 3301 } },
      { status: 404, body: { code: 3301 } },
    ];
    expect(await client(credentials).trash(uuid, 'f1', signal)).toBe('gone');
    expect(apiCalls()).toHaveLength(4);
  });

  test.each([
    [{ status: 400, body: { code: 200, message: 'No permission.' } }, /^TRASH_REFUSED: Zoom answered 400, code 200/],
    [{ status: 403, body: { message: 'The host may not' } }, /^TRASH_REFUSED/],
    [
      { status: 400, body: { code: 4711, message: 'scopes:[cloud_recording:delete:recording_file:admin]' } },
      /^ZOOM_SCOPES_MISSING: cloud_recording:delete/,
    ],
    [{ status: 429, body: { code: 429, message: 'slower' } }, /^Zoom answered 429/],
    [{ status: 503, text: 'busy' }, /^Zoom answered 503/],
  ])('to trash a file and being answered %j fails as %s', async (refusal, message) => {
    answers = [refusal];
    expect((await failureOf(client(credentials).trash(uuid, 'f1', signal))).message).toMatch(message);
  });

  test('that may not have a token at all says so, whatever it was asked for', async () => {
    tokenAnswers = [{ status: 400, body: { reason: 'Bad client', error: 'invalid_client' } }];
    expect((await failureOf(client(credentials).trash(uuid, 'f1', signal))).message).toMatch(/^ZOOM_REFUSED/);
  });

  test('sends the credentials in the header and the account in the form', async () => {
    answers = [{ body: recording }];
    await client(credentials).recording(uuid, signal);
    const [token, call] = zoom.seen;
    expect(token).toMatchObject({ method: 'POST', url: '/oauth/token' });
    expect(token?.headers.authorization).toBe(`Basic ${Buffer.from('CLIENT:CANARY-secret').toString('base64')}`);
    expect(call?.headers.authorization).toBe('Bearer CANARY-token-1');
  });

  test('asks for one token, however many call at once', async () => {
    answers = Array.from({ length: 8 }, () => ({ body: recording }));
    const zoomClient = client(credentials);
    await Promise.all(answers.map(() => zoomClient.recording(uuid, signal)));
    expect(tokensGiven).toBe(1);
  });

  test('renews a token five minutes before its end', async () => {
    answers = [{ body: recording }, { body: recording }, { body: recording }];
    const zoomClient = client(credentials);
    await zoomClient.recording(uuid, signal);
    now = new Date('2026-01-12T12:54:59Z');
    await zoomClient.recording(uuid, signal);
    expect(tokensGiven).toBe(1);
    now = new Date('2026-01-12T12:55:00Z');
    await zoomClient.recording(uuid, signal);
    expect(tokensGiven).toBe(2);
  });

  test('replaces a token that has died, once', async () => {
    answers = [{ status: 401, body: { code: 124, message: 'Access token is expired.' } }, { body: recording }];
    expect(await client(credentials).recording(uuid, signal)).toMatchObject({ uuid });
    expect(apiCalls().map(({ headers }) => headers.authorization)).toEqual([
      'Bearer CANARY-token-1',
      'Bearer CANARY-token-2',
    ]);
  });

  test('gives up where Zoom refuses the new token too, and starts afresh the next time', async () => {
    const dead = { status: 401, body: { code: 124, message: 'Access token is expired.' } };
    answers = [dead, dead, { body: recording }];
    const zoomClient = client(credentials);
    await expect(zoomClient.recording(uuid, signal)).rejects.toMatchObject({ code: 'ZOOM_REFUSED' });
    expect(apiCalls()).toHaveLength(2);
    await zoomClient.recording(uuid, signal);
    expect(tokensGiven).toBe(3);
  });

  test('does not keep a token that was refused', async () => {
    tokenAnswers = [{ status: 400, body: { reason: 'Invalid client_id or client_secret', error: 'invalid_client' } }];
    answers = [{ body: recording }];
    const zoomClient = client(credentials);
    await expect(zoomClient.recording(uuid, signal)).rejects.toMatchObject({
      code: 'ZOOM_REFUSED',
      message: expect.stringContaining('Invalid client_id'),
    });
    expect(await zoomClient.recording(uuid, signal)).toMatchObject({ uuid });
  });

  test('without credentials says so, and asks nobody', async () => {
    const zoomClient = client(undefined);
    expect(await zoomClient.hasCredentials()).toBe(false);
    await expect(zoomClient.recording(uuid, signal)).rejects.toMatchObject({ code: 'BAD_CONFIG' });
    expect(zoom.seen).toHaveLength(0);
  });

  test.each([
    [{ body: { id: 1 } }, 'ZOOM_CHANGED: uuid'],
    [{ body: { uuid, recording_files: {} } }, 'ZOOM_CHANGED: recording_files'],
    [{ text: '<html>maintenance</html>' }, 'ZOOM_CHANGED: input'],
    [{ status: 302, headers: { location: 'https://evil.example/' }, text: '' }, 'ZOOM_CHANGED: Zoom answered 302'],
    [{ text: 'x'.repeat(11 * 1_048_576) }, "ZOOM_CHANGED: the answer of Zoom's API is larger"],
  ])('names what is wrong with an answer that it does not understand (%#)', async (odd, message) => {
    answers = [odd];
    const failure = await failureOf(client(credentials).recording(uuid, signal));
    expect(failure).toMatchObject({ name: 'PermanentError', message: expect.stringContaining(message) });
  });

  test('leaves no secret in an error, whatever breaks', async () => {
    const zoomClient = client(credentials);
    answers = [{ body: recording }];
    await zoomClient.recording(uuid, signal);
    await zoom.close();
    const failure = await failureOf(zoomClient.recording(uuid, signal));
    expect(failure).toMatchObject({
      name: 'TransientError',
      message: expect.stringContaining("Zoom's API did not answer"),
    });
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toMatch(/CANARY|Bearer|Basic/);
  });

  test('takes an answer that was cut for a passing trouble', async () => {
    answers = [{ headers: { 'content-length': '100', connection: 'close' }, text: '{"uuid"' }];
    const failure = await failureOf(client(credentials).recording(uuid, signal));
    expect(failure).toMatchObject({ name: 'TransientError' });
  });

  test('stops when the worker has to', async () => {
    const stop = new AbortController();
    stop.abort();
    const failure = await failureOf(client(credentials).recording(uuid, stop.signal));
    expect(failure).toMatchObject({
      name: 'TransientError',
      message: expect.stringContaining('ERR_CANCELED'),
    });
  });
});
