import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { startZoom } from '../../../local/zoom/simulator.ts';
import { SECRETS, accessToken, fileOf, get, openEndpoint, openZoom, twice } from './test-zoom.ts';
import type { WireEvent, WireFile } from './test-zoom.ts';
import { virtualClock } from './virtual-clock.ts';

const { uuid } = sampleMeeting();

type Received = { headers: IncomingHttpHeaders; body: Buffer; source: string | undefined };

/** An endpoint that answers with these statuses, the last one from then on. */
const collect = async (...statuses: number[]) => {
  const received: Received[] = [];
  const url = await openEndpoint((request, body, response) => {
    received.push({ headers: request.headers, body, source: request.socket.remoteAddress });
    response.writeHead(statuses[Math.min(received.length, statuses.length) - 1] ?? 200).end();
  });
  return { received, url };
};

const isSigned = ({ headers, body }: Received): boolean => {
  const message = Buffer.concat([Buffer.from(`v0:${String(headers['x-zm-request-timestamp'])}:`), body]);
  return (
    headers['x-zm-signature'] === `v0=${createHmac('sha256', SECRETS.webhookSecret).update(message).digest('hex')}`
  );
};

/** Lets everything go on until the condition holds; the test's own time limit ends it otherwise. */
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('A webhook', () => {
  test('is signed over its raw UTF-8 body and carries the headers of Zoom', async () => {
    const { received, url } = await collect(204);
    const zoom = await openZoom({ webhookUrl: url });
    await zoom.announce(uuid, 'recording.completed');
    const [request] = received;
    expect(isSigned(request!)).toBe(true);
    expect(request?.body.includes(Buffer.from('Ångström team 🎥', 'utf8'))).toBe(true);
    expect(request?.headers['x-zm-request-timestamp']).toMatch(/^\d{10}$/);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Zoom Marketplace/1.0a',
      'x-zm-trackingid': expect.any(String),
      clientid: expect.any(String),
    });
    expect(zoom.deliveries[0]).toMatchObject({ outcome: 'delivered', attempts: [{ status: 204 }] });
  });

  test('carries a token of 24 hours at the top level, signed with HS512', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12, 15));
    const zoom = await openZoom({ clock: time.clock });
    const event = JSON.parse(zoom.compose(uuid, 'recording.completed')) as WireEvent;
    const [header, claims] = event.download_token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
    expect(header).toMatchObject({ alg: 'HS512' });
    expect(claims).toMatchObject({
      iss: 'https://event.zoom.us',
      aud: 'https://oauth.zoom.us',
      accountId: SECRETS.accountId,
      mid: uuid,
      exp: event.event_ts / 1000 + 86_399,
    });
    expect(event.payload.object).not.toHaveProperty('download_token');
  });

  test('names the transcript in an event of its own only', async () => {
    const zoom = await openZoom();
    const typesOf = (name: 'recording.completed' | 'recording.transcript_completed'): string[] =>
      (JSON.parse(zoom.compose(uuid, name)) as WireEvent).payload.object.recording_files.map((file) => file.file_type);
    expect(typesOf('recording.completed')).toEqual(['M4A', 'MP4', 'MP4', 'CHAT', 'CC', 'TIMELINE', 'TB', 'SUMMARY']);
    expect(typesOf('recording.transcript_completed')).toEqual(['TRANSCRIPT']);
  });

  test('is repeated after 5, 20 and 60 minutes, then given up', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12));
    const { received, url } = await collect(503);
    const zoom = await openZoom({ webhookUrl: url, clock: time.clock });
    const [delivery] = await zoom.announce(uuid, 'recording.completed');
    for (const [tries, minutes] of [5, 20, 60].entries()) {
      await until(() => received.length === tries + 1 && time.pending()[0] === minutes * 60_000);
      time.advance(minutes * 60_000 - 1);
      expect(delivery?.attempts).toHaveLength(tries + 1);
      time.advance(1);
    }
    await delivery?.settled;
    expect(delivery).toMatchObject({ outcome: 'failed', attempts: Array.from({ length: 4 }, () => ({ status: 503 })) });
    expect(new Set(received.map(({ headers }) => headers['x-zm-trackingid'])).size).toBe(4);
    expect(new Set(received.map(({ headers }) => headers['x-zm-request-timestamp'])).size).toBe(1);
    expect(received.every(isSigned)).toBe(true);
  });

  test('stops being repeated once it is accepted', async () => {
    const { received, url } = await collect(500, 200);
    const zoom = await openZoom({ webhookUrl: url, delays: [1, 1, 1], restampRetries: true });
    const [delivery] = await zoom.announce(uuid, 'recording.completed');
    await delivery?.settled;
    expect(delivery).toMatchObject({ outcome: 'delivered', attempts: [{ status: 500 }, { status: 200 }] });
    expect(received.every(isSigned)).toBe(true);
  });

  test('does not repeat a 4xx where Zoom is taken not to', async () => {
    const { received, url } = await collect(401);
    const zoom = await openZoom({ webhookUrl: url, delays: [1, 1, 1], retryClientErrors: false });
    const [delivery] = await zoom.announce(uuid, 'recording.completed');
    await delivery?.settled;
    expect([delivery?.outcome, received.length]).toEqual(['failed', 1]);
  });

  test('is not delivered by an answer that takes longer than 3 seconds', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12));
    let arrived = false;
    const url = await openEndpoint(() => {
      arrived = true;
    });
    const zoom = await openZoom({ webhookUrl: url, clock: time.clock, delays: [] });
    const announced = zoom.announce(uuid, 'recording.completed');
    await until(() => arrived);
    time.advance(2999);
    expect(zoom.deliveries[0]?.attempts).toHaveLength(0);
    time.advance(1);
    await announced;
    expect(zoom.deliveries[0]).toMatchObject({
      outcome: 'failed',
      attempts: [{ status: undefined, error: 'no answer within 3 s' }],
    });
  });

  test('comes twice with other links and another token when a duplicate is asked for', async () => {
    const { received, url } = await collect(200);
    const zoom = await openZoom({ webhookUrl: url });
    await zoom.announce(uuid, 'recording.completed', { duplicate: true });
    const events = received.map(({ body }) => JSON.parse(body.toString()) as WireEvent);
    expect(events).toHaveLength(2);
    expect(new Set(events.map((event) => event.download_token)).size).toBe(2);
    expect(new Set(events.map((event) => fileOf(event.payload.object.recording_files, 'MP4').download_url)).size).toBe(
      2,
    );
    const ids = events.map((event) => JSON.stringify(event.payload.object.recording_files.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(1);
    if (process.platform === 'linux') expect(new Set(received.map(({ source }) => source)).size).toBe(2);
  });

  test('can be any text, and still is signed', async () => {
    const { received, url } = await collect(200);
    const zoom = await openZoom({ webhookUrl: url });
    await zoom.post('{"event":"x.y", "topic":"caf\\u00e9 \\/ ☕"}');
    expect(received[0]?.body.toString()).toBe('{"event":"x.y", "topic":"caf\\u00e9 \\/ ☕"}');
    expect(isSigned(received[0]!)).toBe(true);
  });
});

describe('A simulator with a folder', () => {
  test('keeps recordings, announcements and undelivered events over a restart, and its tokens stay valid', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zoom-'));
    try {
      const time = virtualClock(Date.UTC(2026, 0, 12));
      const { received, url } = await collect(503, 200);
      const options = { folder, clock: time.clock, webhookUrl: url };
      const before = await openZoom(options);
      const token = await accessToken(before);
      await before.announce(uuid, 'recording.transcript_completed');
      time.advance(200_000);
      await before.close();

      const after = await startZoom({ port: 0, ...SECRETS, ...options });
      await until(() => time.pending()[0] === 100_000);
      time.advance(100_000);
      await after.deliveries[0]?.settled;
      const listing = await get(after, `/meetings/${twice(uuid)}/recordings`, token);
      await after.close();
      expect(after.deliveries).toMatchObject([{ event: 'recording.transcript_completed', outcome: 'delivered' }]);
      expect(received.map(({ body }) => body.toString())).toEqual([
        received[0]?.body.toString(),
        received[0]?.body.toString(),
      ]);
      expect((listing.body['recording_files'] as WireFile[]).map((file) => file.file_type)).toContain('TRANSCRIPT');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('says what to do about a damaged state', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zoom-'));
    try {
      await mkdir(join(folder, 'meetings'));
      await writeFile(join(folder, 'meetings', '2f.json'), '{"meeting":');
      await expect(startZoom({ port: 0, ...SECRETS, folder })).rejects.toThrow(
        /2f\.json is damaged: run `npm run local:reset`/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('The challenge of an endpoint', () => {
  const encrypted = (plain: string): string => createHmac('sha256', SECRETS.webhookSecret).update(plain).digest('hex');
  const answering = (answer: (plain: string) => string | undefined) =>
    openEndpoint((_request, body, response) => {
      const { plainToken } = (JSON.parse(body.toString()) as { payload: { plainToken: string } }).payload;
      const text = answer(plainToken);
      response.writeHead(text === undefined ? 204 : 200).end(text);
    });

  test('is passed by the echo and its HMAC, and makes the endpoint the target', async () => {
    const url = await answering((plain) => JSON.stringify({ plainToken: plain, encryptedToken: encrypted(plain) }));
    const zoom = await openZoom();
    await expect(zoom.announce(uuid, 'recording.completed')).rejects.toThrow('No webhook URL');
    expect(await zoom.validate(url)).toEqual({ valid: true });
  });

  test.each([
    ['an empty 204', () => undefined],
    ['another secret', (plain: string) => JSON.stringify({ plainToken: plain, encryptedToken: 'f'.repeat(64) })],
    ['no JSON', () => 'ok'],
  ])('is failed by %s', async (_what, answer) => {
    expect(await (await openZoom()).validate(await answering(answer))).toMatchObject({
      valid: false,
      reason: expect.any(String),
    });
  });
});
