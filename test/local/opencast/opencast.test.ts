import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startOpencast, type LocalOpencast, type OpencastOptions } from '../../../local/opencast/opencast.ts';
import { childrenOf, readXml } from '../../../local/opencast/xml.ts';
import { film, startMediaHost } from './media-host.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const basic = (user: string): string => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
const episode = (title: string, more = ''): string =>
  `<dublincore xmlns="http://www.opencastproject.org/xsd/1.0/dublincore/" xmlns:dcterms="http://purl.org/dc/terms/"><dcterms:title>${title}</dcterms:title><dcterms:isPartOf>20260111111</dcterms:isPartOf>${more}</dublincore>`;

let folder: string;
let now: number;
let opencast: LocalOpencast;
let host: Awaited<ReturnType<typeof startMediaHost>>;
let media: string;

const options = (more: Partial<OpencastOptions> = {}): OpencastOptions => ({
  folder,
  clock: { now: () => now, sleep: async () => undefined },
  users: {
    admin: { password: 'secret', roles: ['ROLE_ADMIN'] },
    agent: { password: 'secret', roles: ['ROLE_CAPTURE_AGENT'] },
  },
  series: { '20260111111': { title: 'History', publishers: ['ada@example.org'] } },
  ...more,
});
const boot = async (more: Partial<OpencastOptions> = {}): Promise<void> => {
  opencast = await startOpencast(options(more));
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-opencast-'));
  now = Date.UTC(2026, 0, 12);
  host = await startMediaHost();
  media = host.url;
  await boot();
});
afterEach(async () => {
  await opencast.close();
  host.close();
  rmSync(folder, { recursive: true });
});

type Given = { method?: string; form?: Record<string, string> | [string, string][]; multipart?: [string, string][]; headers?: Record<string, string> }; // prettier-ignore
const call = async (path: string, { method, form, multipart, headers = {} }: Given = {}) => {
  const body = form ? new URLSearchParams(form) : multipart ? new FormData() : undefined;
  if (body instanceof FormData) for (const [name, value] of multipart ?? []) body.append(name, value);
  const response = await fetch(`${opencast.url}${path}`, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: { authorization: basic('admin'), ...headers },
    redirect: 'manual',
    ...(body && { body }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
};
const grow = async (mediaPackage: string, to: string, form: Record<string, string>): Promise<string> => {
  const { status, text } = await call(`/ingest/${to}`, { form: { mediaPackage, ...form } });
  expect(status).toBe(200);
  return text;
};

describe('whoever asks', () => {
  const path = '/ingest/createMediaPackage';
  test.each([
    ['without a proof is led to a login by version 19', 19, {}, 302],
    ['without a proof is refused by version 20', 20, {}, 403],
    ['with a wrong password is refused', 20, { authorization: basic('nobody') }, 401],
    ['with a password but without it at hand may ask for Basic', 20, { 'x-requested-auth': 'Basic' }, 401],
  ])('%s', async (_what, version, headers, status) => {
    await opencast.close();
    await boot({ version });
    const response = await fetch(`${opencast.url}${path}`, { headers, redirect: 'manual' });
    expect(response.status).toBe(status);
    if (status === 302) expect(response.headers.get('location')).toBe('/login.html');
  });

  const digest = (nonce: string, uri: string, password = 'secret'): string => {
    const [first, second] = [md5(`admin:Opencast:${password}`), md5(`GET:${uri}`)];
    const response = md5(`${first}:${nonce}:00000001:abc:auth:${second}`);
    return `Digest username="admin", realm="Opencast", nonce="${nonce}", uri="${uri}", qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
  };
  const challenge = async (): Promise<string> => {
    const response = await fetch(`${opencast.url}${path}`, { headers: { 'x-requested-auth': 'Digest' } });
    expect(response.status).toBe(401);
    return /nonce="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';
  };

  test('may prove it by a digest, which is asked for on demand and goes stale', async () => {
    const nonce = await challenge();
    expect((await call(path, { headers: { authorization: digest(nonce, path) } })).status).toBe(200);
    expect((await call(path, { headers: { authorization: digest(nonce, path, 'wrong') } })).status).toBe(401);
    expect((await call(path, { headers: { authorization: digest(nonce, '/other') } })).status).toBe(401);
    now += 300_001;
    const { status, headers } = await call(path, { headers: { authorization: digest(nonce, path) } });
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('stale="true"')]);
  });

  test('needs the role that a path asks for', async () => {
    const as = { headers: { authorization: basic('agent') } };
    expect((await call(path, as)).status).toBe(200);
    expect((await call('/api/events/x', as)).status).toBe(403);
    expect((await call('/services/count', as)).status).toBe(403);
    expect((await call('/series/20260111111.xml', as)).status).toBe(200);
  });
});

describe('an ingest step by step', () => {
  const ingested = async (id: string): Promise<string> => {
    let pack = (await call(`/ingest/createMediaPackageWithID/${id}`, { method: 'PUT' })).text;
    pack = await grow(pack, 'addDCCatalog', { dublinCore: episode('Lecture &amp; more') });
    pack = await grow(pack, 'addTrack', { url: `${media}/a/film.mp4?sig=1`, flavor: 'presenter/source', tags: 'a,b' });
    return grow(pack, 'addAttachment', { url: `${media}/film.vtt`, flavor: 'captions/vtt+en' });
  };

  test('makes an event of what it has fetched, and starts the workflow with its parameters', async () => {
    const pack = await ingested('one');
    const { status, text } = await call('/ingest/ingest/publish', { form: { mediaPackage: pack, straight: 'true' } });
    expect(status).toBe(200);
    const workflow = readXml(text);
    expect([workflow.name, workflow.namespace]).toEqual(['workflow', 'http://workflow.opencastproject.org']);
    expect(workflow.attributes).toEqual({ id: '1001', state: 'INSTANTIATED' });
    expect(childrenOf(workflow, 'mediaPackageId')[0]?.text).toBe('one');
    const sha256 = createHash('sha256').update(film).digest('hex');
    expect(opencast.events()).toMatchObject([
      {
        ...{ id: 'one', title: 'Lecture & more', seriesId: '20260111111', snapshots: 1 },
        elements: [
          { kind: 'track', flavor: 'presenter/source', tags: ['a', 'b'], bytes: 6, sha256 },
          { kind: 'catalog', flavor: 'dublincore/episode' },
          { kind: 'attachment', flavor: 'captions/vtt+en', bytes: 6 },
        ],
      },
    ]);
    expect(opencast.workflows()).toMatchObject([{ definition: 'publish', parameters: { straight: 'true' } }]);
  });

  test('is refused while a workflow is active, and makes a new snapshot afterwards', async () => {
    const pack = await ingested('one');
    await call('/ingest/ingest/publish', { form: { mediaPackage: pack } });
    expect((await call('/ingest/ingest/publish', { form: { mediaPackage: pack } })).status).toBe(500);
    opencast.endWorkflow(1_001, 'SUCCEEDED');
    expect((await call('/ingest/ingest/publish', { form: { mediaPackage: pack } })).status).toBe(200);
    expect(opencast.events()).toMatchObject([{ snapshots: 2 }]);
  });

  test('starts the default, without a word, where the workflow is unknown', async () => {
    await call('/ingest/ingest/no-such', { form: { mediaPackage: await ingested('one') } });
    expect(opencast.workflows()).toMatchObject([{ definition: 'schedule-and-upload' }]);
    expect((await call('/api/workflow-definitions/no-such')).text).toBe(
      "Cannot find workflow definition with id 'no-such'.",
    );
  });

  test.each([
    ['addTrack', { flavor: 'presenter/source' }, 'no file', 500],
    ['addTrack', { flavor: 'nonsense' }, 'film.mp4', 500],
    ['addDCCatalog', { dublinCore: '<no' }, '', 400],
    ['addDCCatalog', { dublinCore: episode('x'), flavor: 'nonsense' }, '', 400],
  ])('%s with %j of "%s" is refused', async (to, form, name, status) => {
    const mediaPackage = (await call('/ingest/createMediaPackage')).text;
    const given = { mediaPackage, ...(name && { url: `${media}/${name}` }), ...form } as Record<string, string>;
    expect((await call(`/ingest/${to}`, { form: given })).status).toBe(status);
  });

  test.each([
    ['addTrack', 500],
    ['addDCCatalog', 400],
    ['ingest/publish', 400],
  ])('%s without a media package is refused', async (to, status) => {
    expect((await call(`/ingest/${to}`, { form: { mediaPackage: 'rubbish' } })).status).toBe(status);
  });
});

describe('an ingest in one call', () => {
  const add = (fields: [string, string][], workflow = '/publish') =>
    call(`/ingest/addMediaPackage${workflow}`, { multipart: fields });
  const flavor: [string, string] = ['flavor', 'Presenter/Source'];
  const track = (): [string, string] => ['mediaUri', `${media}/film.mp4`];
  const title: [string, string] = ['title', 'Lecture'];

  test('takes its fields in order; what is no term of Dublin Core is for the workflow', async () => {
    const { status } = await add([['identifier', 'two'], title, ['start', '1'], flavor, track()]);
    expect(status).toBe(200);
    expect(opencast.events()).toMatchObject([{ id: 'two', elements: [{ flavor: 'presenter/source' }] }]);
    expect(opencast.workflows()).toMatchObject([{ parameters: { start: '1' } }]);
  });

  test('drops the parameters of no workflow', async () => {
    await add([title, ['start', '1'], flavor, track()], '');
    expect(opencast.workflows()).toMatchObject([{ definition: 'schedule-and-upload', parameters: {} }]);
  });

  test.each<[string, () => [string, string][], number, string]>([
    [
      'media before a flavor',
      () => [title, track(), flavor],
      400,
      'A flavor has to be specified in the request prior to the media file',
    ],
    ['a flavor that is none', () => [['flavor', 'x']], 400, "Could not parse flavor 'x'"],
    ['an address that is none', () => [flavor, ['mediaUri', 'x y']], 400, 'Invalid URI x y for media'],
    ['no media', () => [title, flavor], 400, 'Rejected ingest without actual media.'],
    [
      'no metadata',
      () => [flavor, track()],
      400,
      'Rejected ingest without episode metadata. At least provide a title.',
    ],
    ['an id with a slash', () => [['identifier', 'a/b']], 400, 'Id must match [\\w-_.:;()]+'],
    [
      'a broken catalog of the series',
      () => [['seriesDCCatalog', '<x']],
      400,
      'Could not parse XML Dublin Core catalog',
    ],
    ['media that is not there', () => [title, flavor, ['mediaUri', `${media}/gone.mp4`]], 500, ''],
    ['media without an extension', () => [title, flavor, ['mediaUri', `${media}/film`]], 500, ''],
  ])('with %s is refused', async (_what, fields, status, text) => {
    expect(await add(fields())).toMatchObject({ status, text });
    expect(opencast.events()).toEqual([]);
  });

  test('is a conflict while a workflow is active', async () => {
    const fields: [string, string][] = [['identifier', 'two'], title, flavor, track()];
    await add(fields);
    expect(await add(fields)).toMatchObject({
      status: 409,
      text: "Can't start workflow 'Lecture' for media package 'two' because another workflow is currently active.",
    });
  });

  test('makes a series that it does not know', async () => {
    await add([['isPartOf', 'new'], title, flavor, track()]);
    expect((await call('/series/new.xml')).status).toBe(200);
  });

  test('knows attachments by address in the build that has them, and takes them for a parameter otherwise', async () => {
    const fields = (): [string, string][] => [title, flavor, track(), ['attachmentUri', `${media}/film.txt`]];
    await add(fields());
    expect(opencast.events()[0]?.elements).toHaveLength(1);
    await opencast.close();
    await boot({ supportsAttachmentUri: true });
    await add([['identifier', 'chat'], ...fields()]);
    expect(opencast.events().find(({ id }) => id === 'chat')?.elements).toHaveLength(2);
  });

  test('is no form of another kind', async () => {
    expect((await call('/ingest/addMediaPackage/publish', { form: { title: 'x' } })).status).toBe(415);
  });
});

describe('what is asked of it', () => {
  const ingest = (id: string) =>
    call('/ingest/addMediaPackage/publish', {
      multipart: [
        ['identifier', id],
        ['title', 'x'],
        ['flavor', 'a/b'],
        ['mediaUri', `${media}/film.mp4`],
      ],
    });

  test('an event is there when the index knows it, and its workflow is known at once', async () => {
    opencast.delayIndex(5_000);
    await ingest('late');
    expect(await call('/api/events/late')).toMatchObject({ status: 404, text: "Cannot find an event with id 'late'." });
    expect((await call('/workflow/mediaPackage/late/hasActiveWorkflows')).text).toBe('true');
    now += 5_000;
    expect(JSON.parse((await call('/api/events/late')).text)).toMatchObject({ identifier: 'late', archive_version: 1 });
  });

  test('a workflow tells its end, and why', async () => {
    await ingest('one');
    opencast.endWorkflow(1_001, 'FAILED', 'no space left');
    expect(JSON.parse((await call('/api/workflows/1001?withoperations=true')).text)).toMatchObject({
      state: 'failed',
      operations: [{ description: 'no space left' }],
    });
    expect((await call('/workflow/mediaPackage/one/hasActiveWorkflows')).text).toBe('false');
    expect((await call('/api/workflows/7')).status).toBe(404);
  });

  test('a series is told as XML and as JSON', async () => {
    expect((await call('/series/20260111111.json')).text).toContain('"publisher":[{"value":"ada@example.org"}]');
    expect(readXml((await call('/series/20260111111.xml')).text).name).toBe('dublincore');
    expect((await call('/series/none.xml')).status).toBe(404);
  });

  test('what runs is counted, and an operation of no service is an error', async () => {
    const path = '/services/count?operation=uri-track&status=RUNNING';
    expect((await call(path)).status).toBe(500);
    expect((await call(`${path}&serviceType=org.opencastproject.ingest`)).text).toBe('0');
  });

  test('it remembers everything when it is started again, and what it was asked', async () => {
    await ingest('one');
    expect(opencast.asked.at(-1)).toMatchObject({
      method: 'POST',
      path: '/ingest/addMediaPackage/publish',
      status: 200,
    });
    await opencast.close();
    await boot();
    expect(opencast.events()).toMatchObject([{ id: 'one' }]);
  });

  test('it can fail before and after it has done its work', async () => {
    opencast.failNext(/POST \/ingest\/addMediaPackage/, 503);
    expect((await ingest('one')).status).toBe(503);
    expect(opencast.events()).toEqual([]);
    opencast.failNext(/POST \/ingest\/addMediaPackage/, 'cut', { after: true });
    await expect(ingest('one')).rejects.toThrow();
    expect(opencast.events()).toHaveLength(1);
  });
});
