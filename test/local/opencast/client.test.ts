import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { opencastClient, type OpencastClient } from '../../../core/opencast/client.ts';
import { episodeCatalog } from '../../../core/opencast/episode.ts';
import { mediaPackageIdOf } from '../../../core/opencast/media-package-id.ts';
import { startOpencast, type LocalOpencast, type OpencastOptions } from '../../../local/opencast/opencast.ts';
import { startMediaHost } from './media-host.ts';

const { signal } = new AbortController();
const uuid = 'b+c/d==';
const id = mediaPackageIdOf(uuid);
const episode = {
  ...{ title: 'Lecture', seriesId: '20260111111', publisher: 'a & b <c@example.org>', language: 'en' },
  ...{ meetingUuid: uuid, meetingId: '98765432101', created: new Date('2026-01-12T16:00:14.900Z') },
};

let folder: string;
let now: number;
let opencast: LocalOpencast;
let host: Awaited<ReturnType<typeof startMediaHost>>;

const boot = async (more: Partial<OpencastOptions> = {}): Promise<void> => {
  opencast = await startOpencast({
    folder,
    clock: { now: () => now, sleep: async () => undefined },
    users: {
      zip: { password: 'a secret: with colons', roles: ['ROLE_ADMIN'] },
      poor: { password: 'x', roles: ['ROLE_CAPTURE_AGENT'] },
    },
    series: { '20260111111': { title: 'History', publishers: ['ada@example.org'] } },
    ...more,
  });
};
const as = (user = 'zip', password = 'a secret: with colons', by: 'basic' | 'digest' = 'basic'): OpencastClient =>
  opencastClient({ url: opencast.url, by, credentials: async () => ({ user, password }) });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opencast-client-'));
  now = Date.UTC(2026, 0, 12);
  host = await startMediaHost();
  await boot();
});
afterEach(async () => {
  await opencast.close();
  host.close();
  rmSync(folder, { recursive: true });
});

const grown = async (client: OpencastClient): Promise<string> => {
  let pack = await client.createMediaPackage(id, signal);
  pack = await client.addEpisode(pack, episodeCatalog(id, episode), signal);
  pack = await client.addTrack(pack, { url: `${host.url}/film.mp4?a=1&b=2`, flavor: 'presenter/source', tags: ['zoom'] }, signal); // prettier-ignore
  return client.addAttachment(pack, { url: `${host.url}/film.vtt`, flavor: 'captions/vtt+en' }, signal);
};

describe.each(['basic', 'digest'] as const)('an ingest, with %s', (by) => {
  test('grows a media package step by step and is followed to its end', async () => {
    const client = as('zip', 'a secret: with colons', by);
    expect(await client.hasEvent(id, signal)).toBe(false);
    const number = await client.ingest(await grown(client), 'publish', { straightToPublishing: 'true' }, signal);
    expect(opencast.events()).toMatchObject([
      {
        ...{ id, title: 'Lecture', seriesId: '20260111111' },
        terms: expect.arrayContaining([
          ['publisher', 'a & b <c@example.org>'],
          ['created', '2026-01-12T16:00:14Z'],
          ['source', 'ZIP-b+c/d=='],
          ['spatial', 'Zoom 98765432101'],
          ['type', 'L'],
        ]),
        elements: [{ kind: 'track', tags: ['zoom'] }, { kind: 'catalog' }, { flavor: 'captions/vtt+en' }],
      },
    ]);
    expect(opencast.workflows()).toMatchObject([{ parameters: { straightToPublishing: 'true' } }]);
    expect(await client.workflow(number, signal)).toEqual({ state: 'running' });
    opencast.endWorkflow(number, 'FAILED', 'no space left');
    expect(await client.workflow(number, signal)).toEqual({ state: 'failed', because: 'no space left' });
    opencast.endWorkflow(number, 'SUCCEEDED');
    expect(await client.workflow(number, signal)).toEqual({ state: 'succeeded' });
  });

  test('goes on when its proof has gone stale', async () => {
    const client = as('zip', 'a secret: with colons', by);
    await client.createMediaPackage(id, signal);
    now += 600_000;
    expect(await client.hasWorkflowDefinition('publish', signal)).toBe(true);
  });
});

describe('what Opencast knows', () => {
  test('a workflow, a series, and that it is there', async () => {
    const client = as();
    expect(await client.hasWorkflowDefinition('no-such', signal)).toBe(false);
    expect(await client.series('20260111111', signal)).toEqual({ publishers: ['ada@example.org'] });
    expect(await client.series('no/such', signal)).toBeUndefined();
    expect(await client.transfersRunning(signal)).toBe(0);
  });

  test('an event is known by its workflow before the index knows it', async () => {
    opencast.delayIndex(60_000);
    const client = as();
    await client.ingest(await grown(client), 'publish', {}, signal);
    expect(await client.hasEvent(id, signal)).toBe(true);
  });

  test('an answer that was lost leaves an event that is found', async () => {
    const client = as();
    const pack = await grown(client);
    opencast.failNext(/POST \/ingest\/ingest/, 'cut', { after: true });
    await expect(client.ingest(pack, 'publish', {}, signal)).rejects.toMatchObject({ name: 'TransientError' });
    expect(await client.hasEvent(id, signal)).toBe(true);
  });
});

describe('a fault', () => {
  const asks = () => as().hasEvent(id, signal);

  test.each([500, 502, 503, 429])('of %d may pass, and is never "not there"', async (status) => {
    opencast.failNext(/GET \/api\/events/, status);
    await expect(asks()).rejects.toMatchObject({ name: 'TransientError', message: `Opencast answered ${status}` });
  });

  test('of an Opencast that is gone may pass', async () => {
    const client = as();
    await opencast.close();
    await expect(client.hasEvent(id, signal)).rejects.toMatchObject({ name: 'TransientError' });
    await boot();
  });

  test.each<[string, () => OpencastClient, RegExp]>([
    ['a wrong password', () => as('zip', 'wrong'), /BAD_CONFIG: .*user and password/],
    ['a wrong password', () => as('zip', 'wrong', 'digest'), /BAD_CONFIG: .*user and password/],
    ['a user without the role', () => as('poor', 'x'), /BAD_CONFIG: .*ROLE_ADMIN/],
  ])('of %s is one of the configuration', async (_what, client, message) => {
    await expect(client().transfersRunning(signal)).rejects.toThrow(message);
  });

  test.each([
    ['a login page', 302, { location: '/login.html' }, '', /BAD_CONFIG: .*login page; look at opencastUrl/],
    ['a web page', 200, { 'content-type': 'text/html' }, '<html>', /BAD_CONFIG: .*web page.*opencastUrl/],
    ['no digest', 200, { 'content-type': 'application/json' }, '{}', /BAD_CONFIG: .*opencastAuthentication to basic/],
  ])('of an address that leads to %s is one of the configuration', async (what, status, headers, body, message) => {
    const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const by = what === 'no digest' ? 'digest' : 'basic';
    const client = opencastClient({ url, by, credentials: async () => ({ user: 'a', password: 'b' }) });
    await expect(client.series('1', signal)).rejects.toThrow(message);
    server.close();
  });

  test('of what was sent is told in the words of Opencast', async () => {
    await expect(as().addEpisode('rubbish', '<x/>', signal)).rejects.toThrow(
      'BAD_INPUT: Opencast answered 400: Could not parse media package',
    );
  });

  test('of an ingest while another workflow works on it may pass', async () => {
    const client = as();
    const pack = await grown(client);
    await client.ingest(pack, 'publish', {}, signal);
    await expect(client.ingest(pack, 'publish', {}, signal)).rejects.toMatchObject({ name: 'TransientError' });
    expect(opencast.events()).toMatchObject([{ snapshots: 1 }]);
  });

  test('tells nothing of the credentials', async () => {
    const client = as();
    await opencast.close();
    const error = await client.hasEvent(id, signal).catch((thrown: Error) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/colons|authorization/i);
    await boot();
  });
});
