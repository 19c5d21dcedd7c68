import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { contentOf } from '../../../local/zoom/media.ts';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { accessToken, askToken, get, openZoom, storageUrl, twice } from './test-zoom.ts';
import type { WireFile } from './test-zoom.ts';

const meeting = sampleMeeting();
const speakerView = meeting.files[1]!;
const length = contentOf(speakerView.content).length;

type Outcome = { status: number; headers: IncomingMessage['headers']; body: Buffer; complete: boolean; error?: string };

/** Reads with bare node:http, which hides neither a cut nor an encoding. */
const read = (url: string, headers: Record<string, string> = {}): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    let hasAnswered = false;
    httpGet(url, { headers, agent: false }, (response) => {
      hasAnswered = true;
      const pieces: Buffer[] = [];
      const finish = (error?: Error): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces),
          complete: response.complete && error === undefined,
          ...(error === undefined ? {} : { error: error.message }),
        });
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', finish);
      response.on('end', () => finish());
    }).on('error', (error) => {
      // From Node 24 on, a connection that breaks in the body is an error of the request too, told before the response's.
      if (!hasAnswered) reject(error);
    });
  });

describe('Faults of a file', () => {
  test.each([
    ['content-length', false],
    ['chunked', false],
    // What nobody can notice but by counting.
    ['none', true],
  ] as const)('a body that ends early, framed by %s', async (framing, complete) => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    zoom.inject({ route: 'storage', fileId: speakerView.id, effect: { kind: 'truncated', at: 100_000, framing } });
    const outcome = await read(url);
    expect(outcome).toMatchObject({ status: 200, complete });
    expect(outcome.body).toHaveLength(100_000);
    expect(outcome.headers['content-length']).toBe(framing === 'content-length' ? String(length) : undefined);
  });

  test('a connection that is reset, once', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    const fault = zoom.inject({ route: 'storage', times: 1, effect: { kind: 'reset', at: 300_000 } });
    expect((await read(url)).complete).toBe(false);
    expect((await read(url)).body).toHaveLength(length);
    expect(fault.hits).toBe(1);
  });

  test('a body that stalls until it is released', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    const fault = zoom.inject({ route: 'storage', effect: { kind: 'stall', at: 1000 } });
    const reading = read(url);
    while (zoom.requests.at(-1)?.sent !== 1000) await new Promise((resolve) => setImmediate(resolve));
    fault.release();
    expect((await reading).body).toHaveLength(length);
  });

  test('a Range that is ignored, and one that is answered with a lie', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    const range = { range: 'bytes=10-19' };
    const ignored = zoom.inject({ route: 'storage', effect: { kind: 'ignoreRange' } });
    expect(await read(url, range)).toMatchObject({ status: 200, complete: true });
    ignored.remove();
    zoom.inject({ route: 'storage', effect: { kind: 'lyingRange', by: 5 } });
    const lie = await read(url, range);
    expect([lie.status, lie.headers['content-range'], lie.body.length]).toEqual([206, `bytes 15-24/${length}`, 10]);
  });

  test('text that is compressed although identity was asked for', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'CHAT');
    zoom.inject({ route: 'storage', effect: { kind: 'gzip' } });
    const { headers, body } = await read(url, { 'accept-encoding': 'identity' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body).toString()).toContain('Agenda: harbour pilot');
  });

  test('wrong first bytes, a shorter file with another ETag, and a body without any measure', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    const right = await read(url);
    const wrong = zoom.inject({ route: 'storage', effect: { kind: 'wrongBytes' } });
    const disguised = await read(url);
    expect(disguised.body).toHaveLength(length);
    expect(disguised.body.subarray(0, 7).toString()).toBe('#EXTM3U');
    expect(disguised.body.subarray(16).equals(right.body.subarray(16))).toBe(true);
    wrong.remove();
    const shrunk = zoom.inject({ route: 'storage', effect: { kind: 'shrunk', by: 1000 } });
    const shorter = await read(url);
    expect(shorter.body).toHaveLength(length - 1000);
    expect(shorter.headers.etag).not.toBe(right.headers.etag);
    shrunk.remove();
    zoom.inject({ route: 'storage', effect: { kind: 'unmeasured' } });
    const { headers, complete } = await read(url);
    expect([headers['content-length'], headers.etag, headers['accept-ranges'], complete]).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ]);
  });

  test('a file that grows, or is replaced by one of the same length, under another ETag', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    const before = await read(url);
    const [effects, sizes] = [[{ kind: 'grown', by: 5 }, { kind: 'replaced' }] as const, [length + 5, length]];
    for (const [index, effect] of effects.entries()) {
      const fault = zoom.inject({ route: 'storage', effect });
      const after = await read(url);
      expect(after.body).toHaveLength(sizes[index] ?? 0);
      expect(after.body.subarray(0, length - 16).equals(before.body.subarray(0, length - 16))).toBe(true);
      expect(after.body.equals(before.body)).toBe(false);
      expect(after.headers.etag).not.toBe(before.headers.etag);
      fault.remove();
    }
  });

  test('only of requests with a range, and only from a byte on', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    zoom.inject({ route: 'storage', ranged: true, rangeFrom: 100, effect: { kind: 'error', status: 503 } });
    const statuses = [];
    for (const range of [undefined, 'bytes=0-99', 'bytes=100-199'])
      statuses.push((await read(url, range === undefined ? {} : { range })).status);
    expect(statuses).toEqual([200, 206, 503]);
  });

  test('redirects to where nobody should go, and round in circles', async () => {
    const zoom = await openZoom();
    const { uuid } = meeting;
    const { body } = await get(zoom, `/meetings/${twice(uuid)}/recordings`);
    const { download_url } = (body['recording_files'] as WireFile[])[0]!;
    const astray = zoom.inject({
      route: 'download',
      effect: { kind: 'redirect', location: 'http://169.254.169.254/latest' },
    });
    expect((await read(download_url)).headers.location).toBe('http://169.254.169.254/latest');
    astray.remove();
    zoom.inject({ route: 'download', effect: { kind: 'redirectLoop' } });
    const first = (await read(download_url)).headers.location ?? '';
    const second = (await read(first)).headers.location ?? '';
    expect([new URL(first).search, new URL(second).search]).toEqual(['?hop=1', '?hop=2']);
  });

  test('a refusal of the seventh request only', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'CHAT');
    zoom.inject({
      route: 'storage',
      fileId: meeting.files[3]!.id,
      skip: 6,
      times: 1,
      effect: { kind: 'error', status: 503 },
    });
    const statuses = [];
    for (let part = 0; part < 8; part++) statuses.push((await read(url)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 503, 200]);
  });

  test.each([
    [{ kind: 'html200' }, 200, '<!DOCTYPE html>'],
    [{ kind: 'json59' }, 200, '{"status":false'],
    [{ kind: 'unauthorized' }, 401, '{"status":false'],
    [{ kind: 'missing', as: 'html' }, 200, '<!DOCTYPE html>'],
    [{ kind: 'missing', as: '404' }, 404, '{"code":3301'],
  ] as const)('the download host answers %j with %i', async (effect, status, start) => {
    const zoom = await openZoom();
    const { body } = await get(zoom, `/meetings/${twice(meeting.uuid)}/recordings`);
    zoom.inject({ route: 'download', effect });
    const outcome = await read((body['recording_files'] as WireFile[])[0]!.download_url);
    expect(outcome.status).toBe(status);
    expect(outcome.body.toString()).toMatch(new RegExp(`^${start}`));
  });
});

describe('Faults of the API', () => {
  test.each([
    ['seconds', /^90$/],
    ['http-date', /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/],
    ['iso', /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/],
  ] as const)('429 with Retry-After as %s', async (form, pattern) => {
    const zoom = await openZoom();
    zoom.inject({ route: 'user', times: 1, effect: { kind: 'rateLimited', retryAfter: { form, seconds: 90 } } });
    const { status, headers } = await get(zoom, '/users/me');
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toMatch(pattern);
    expect((await get(zoom, '/users/me')).status).toBe(200);
  });

  test('a token that is refused once, and a token endpoint that is down', async () => {
    const zoom = await openZoom();
    const token = await accessToken(zoom);
    zoom.inject({ route: 'recordings', times: 1, effect: { kind: 'expiredToken' } });
    const path = `/meetings/${twice(meeting.uuid)}/recordings`;
    expect(await get(zoom, path, token)).toMatchObject({ status: 401, body: { code: 124 } });
    expect((await get(zoom, path, token)).status).toBe(200);
    zoom.inject({ route: 'token', effect: { kind: 'error', status: 503 } });
    expect((await askToken(zoom)).status).toBe(503);
  });

  test('a file that is processing for two listings, and one without type and URL', async () => {
    const zoom = await openZoom();
    const path = `/meetings/${twice(meeting.uuid)}/recordings`;
    const statusOf = async (): Promise<(string | undefined)[]> =>
      ((await get(zoom, path)).body['recording_files'] as WireFile[]).slice(0, 2).map((file) => file.status);
    zoom.inject({ route: 'recordings', fileId: speakerView.id, times: 2, effect: { kind: 'processing' } });
    expect(await statusOf()).toEqual(['completed', 'processing']);
    expect(await statusOf()).toEqual(['completed', 'processing']);
    expect(await statusOf()).toEqual(['completed', 'completed']);
    zoom.inject({ route: 'recordings', fileId: speakerView.id, effect: { kind: 'processing', bare: true } });
    const bare = ((await get(zoom, path)).body['recording_files'] as WireFile[])[1];
    expect(bare).toMatchObject({ file_type: '' });
    expect(bare).not.toHaveProperty('download_url');
  });

  test('a fault that has no meaning on its route is refused by name', async () => {
    const zoom = await openZoom();
    expect(() => zoom.inject({ route: 'token', effect: { kind: 'ignoreRange' } })).toThrow(
      'ignoreRange has no meaning on the route token',
    );
  });
});
