import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { RecordingPage } from '../../core/page/recording-page.ts';
import { pageLink } from '../../local/page-link.ts';
import { startDesk } from '../../local/desk/desk.ts';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { filesIn, findCanaries, type Place } from '../fakes/canaries.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { fileOf } from '../fakes/meetings.ts';

jest.setTimeout(60_000);

/** Each with letters that logs, URLs, JSON and HTML write differently. */
const app = {
  accountId: 'an-account-id',
  clientId: 'a-client-id',
  clientSecret: 'canary/client+secret="7&3"',
  webhookSecret: 'canary/webhook+secret=<5>',
};
const planted = {
  password: 'canary#Passcode!"1<2',
  playPasscode: 'canary+Play/Passcode=4',
  hostEmail: 'canary.host+zoom@harbour.example',
};
const outside = { path: '/replay/canary-path-of-signed-url', signature: 'canary~Signature_in-URL' };

const canaries = {
  ...planted,
  clientSecret: app.clientSecret,
  webhookSecret: app.webhookSecret,
  basicCredentials: Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64'),
  signedPath: outside.path,
  signature: outside.signature,
  // The head of every token of Zoom: webhook's, access and download token alike.
  tokenHead: Buffer.from('{"alg":"HS512","typ":"JWT"}').toString('base64url'),
  // The beginning of what every signed URL of the storage carries.
  signedPolicy: Buffer.from('{"Statement":[{"Resource":"/replay/').toString('base64url').slice(0, -1),
};

let local: LocalCloud;
const printed: string[] = [];
const methods = ['log', 'info', 'warn', 'error'] as const;
const spies = methods.map((method) =>
  jest.spyOn(console, method).mockImplementation((...all: unknown[]) => void printed.push(all.map(String).join(' '))),
);
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-canary-'));
  writeFileSync(join(folder, 'zoom-app.json'), JSON.stringify(app));
  local = await bootLocalCloud({ folder });
});
afterAll(async () => {
  for (const spy of spies) spy.mockRestore();
  await local.close();
  local.remove();
});

/** Every word that the run left anywhere, but for the secrets store, the simulator's own folder and the mail's To. */
const everything = async (): Promise<Place[]> => {
  const { cloud, look, folder } = local;
  const places: Place[] = [
    { where: 'the log', text: local.lines.join('\n') },
    { where: 'what the local cloud printed', text: printed.join('\n') },
    { where: 'the answers to webhooks', text: local.answers().join('\n') },
    { where: 'the reports of invocations', text: JSON.stringify(local.reports) },
  ];
  for (const own of ['stepfunctions', 'events', 's3'])
    places.push(...filesIn(join(folder, own)).map(({ where, text }) => ({ where: `${own}/${where}`, text })));
  for (const { executionArn = '' } of await local.executions())
    places.push({
      where: executionArn,
      text: JSON.stringify([await local.describe(executionArn), await local.historyOf(executionArn)]),
    });
  const { Items } = await look.dynamoDb.send(new ScanCommand({ TableName: look.table }));
  places.push({ where: 'the job table', text: JSON.stringify(Items) });
  for (const key of await look.keys('')) {
    const { Metadata, ContentType } = await look.s3.send(new HeadObjectCommand({ Bucket: look.bucket, Key: key }));
    places.push({ where: `metadata of ${key}`, text: JSON.stringify([key, Metadata, ContentType]) });
  }
  const desk = await startDesk(cloud, look, 0);
  try {
    const pages = ['/', '/archive/', '/nothing', ...(await look.jobs()).map(({ jobId }) => `/jobs/${jobId}`)];
    for (const page of pages)
      places.push({ where: `the page ${page}`, text: await (await fetch(desk.url + page)).text() });
    for (const { jobId } of await look.jobs()) {
      const { pathname, search } = new URL((await pageLink(cloud, jobId))());
      const data = await fetch(`${cloud.api.url}${pathname}/data${search}`);
      places.push({ where: `the page of the recording ${jobId}`, text: await data.text() });
    }
    for (const mail of await cloud.mail.list()) {
      // The host's address stands in the mail's To, and nowhere else in it.
      const eml = await (await fetch(`${desk.url}/mail/${mail.id}.eml`)).text();
      places.push({ where: `the mail ${mail.subject}`, text: eml.replace(/^To: .*$/m, '') });
      const { text = '', html = '' } = (await cloud.mail.read(mail.id))?.email ?? {};
      places.push({ where: `the words of the mail ${mail.subject}`, text: `${text}\n${html}` });
    }
  } finally {
    await desk.close();
  }
  return places;
};

const plant = (topic: string) => local.record(topic, planted);
/** Tokens and addresses of this meeting's events, as they went over the wire. */
const told = (meeting: SimulatedMeeting): string[] =>
  local.cloud.zoom.deliveries.filter(({ body }) => body.includes(JSON.stringify(meeting.uuid))).map(({ body }) => body);

describe('no secret is left in any log, state, error, table, object or page', () => {
  // First, while no function holds a token yet.
  test('of a recording whose credentials Zoom refuses', async () => {
    const { announce, jobId } = plant('Refused credentials');
    const fault = local.cloud.zoom.inject({ route: 'token', effect: { kind: 'unauthorized' } });
    await announce('recording.completed');
    expect(await local.closed(jobId)).toMatchObject({ status: 'failed', failure: { code: 'ZOOM_REFUSED' } });
    fault.remove();
    expect(findCanaries(canaries, await everything())).toEqual([]);
  });

  test('of a recording that ends well', async () => {
    const { meeting, announce, jobId } = plant('A quiet run');
    await announce('recording.completed', { duplicate: true });
    await announce('recording.transcript_completed');
    expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
    const [event] = told(meeting);
    for (const canary of [planted.playPasscode, planted.hostEmail]) expect(event).toContain(canary);
    expect(event).toContain(canaries.tokenHead);
    expect(findCanaries(canaries, await everything())).toEqual([]);
  });

  test('of those who look at the page of a recording: neither the token of their link nor an address of media', async () => {
    const { announce, jobId } = plant('Looked at');
    await announce('recording.completed');
    await local.closed(jobId);
    const { pathname, searchParams } = new URL((await pageLink(local.cloud, jobId))());
    const token = searchParams.get('k') ?? '';
    const get = (below: string, k: string) =>
      fetch(`${local.cloud.api.url}${pathname}${below}?k=${k}`, { redirect: 'manual' });
    const { views } = (await (await get('/data', token)).json()) as RecordingPage;
    const film = views[0]?.pieces[0].file ?? 'none';
    const statuses: number[] = [];
    for (const below of ['', '/data', '/captions', `/media/${film}`, `/files/${film}`])
      for (const k of [token, token.toLowerCase()]) statuses.push((await get(below, k)).status);
    expect(statuses).toEqual([200, 403, 200, 403, 200, 403, 200, 403, 302, 403]);
    const said = [...local.lines, ...printed].join('\n');
    expect(said).toContain('recording announced');
    for (const secret of [token, token.toLowerCase(), 'X-Amz-Signature']) expect(said).not.toContain(secret);
  });

  test('of recordings that are led astray, cut off, or refused', async () => {
    const led = plant('Led astray');
    const location = `https://files.example.com${outside.path}?Signature=${outside.signature}`;
    const fileId = fileOf(led.meeting, 'M4A');
    const { uuid } = led.meeting;
    local.cloud.zoom.inject({ route: 'download', uuid, fileId, effect: { kind: 'redirect', location } });
    await led.announce('recording.completed');
    expect(await local.closed(led.jobId)).toMatchObject({ status: 'failed' });

    const cut = plant('Cut for ever');
    const effect = { kind: 'reset', at: 1_000 } as const;
    local.cloud.zoom.inject({ route: 'storage', uuid: cut.meeting.uuid, effect, times: 6 });
    await cut.announce('recording.completed');
    expect(await local.closed(cut.jobId)).toMatchObject({ status: 'done' });

    const refused = plant('Refused');
    local.cloud.zoom.inject({ route: 'download', uuid: refused.meeting.uuid, effect: { kind: 'json59' } });
    await refused.announce('recording.completed');
    expect(await local.closed(refused.jobId)).toMatchObject({
      status: 'failed',
      failure: { code: 'DOWNLOAD_REFUSED' },
    });

    expect(findCanaries(canaries, await everything())).toEqual([]);
  });

  test('of events that are parked, refused, or sent to nobody', async () => {
    const { meeting } = plant('Parked');
    const body = local.cloud.zoom.compose(meeting.uuid, 'recording.completed');
    const lacking = JSON.stringify({
      ...JSON.parse(body),
      payload: { object: (JSON.parse(body) as { payload: { object: object } }).payload.object },
    });
    await local.cloud.zoom.post(lacking);
    await local.cloud.zoom.post(`${body.slice(0, -30)}`);
    const headers = { 'x-zm-request-timestamp': '1', 'x-zm-signature': `v0=${app.webhookSecret}` };
    await fetch(`${local.cloud.api.url}/zoom/webhook`, { method: 'POST', body, headers });
    expect(findCanaries(canaries, await everything())).toEqual([]);
  });
});

describe('the search itself finds what is planted on purpose', () => {
  test('a token that a step hands on', async () => {
    const { announce, jobId, meeting } = plant('A deliberate leak');
    const [token] = [local.cloud.zoom.compose(meeting.uuid, 'recording.completed')].map(
      (body) => (JSON.parse(body) as { download_token: string }).download_token,
    );
    const mend = local.interfere(async (key, payload, call) => {
      const outcome = await call();
      if (key !== 'planDownload' || (payload as { jobId: string }).jobId !== jobId) return outcome;
      return { payload: { ...(outcome.payload as object), note: Buffer.from(`token ${token}`).toString('base64') } };
    });
    await announce('recording.completed');
    await local.closed(jobId);
    mend();
    const found = findCanaries({ token: token ?? '' }, await everything());
    expect(found).toContainEqual(expect.stringMatching(/^token in stepfunctions\//));
    expect(found).toContainEqual(expect.stringMatching(/^token in arn:aws:states:/));
  });

  test.each(Object.entries(canaries))('%s, however it is written', (name, canary) => {
    const ways: Record<string, (text: string) => string> = {
      plain: (text) => `x${text}x`,
      json: (text) => JSON.stringify({ text: JSON.stringify({ text }) }),
      url: (text) => new URL(`http://127.0.0.1/?a=${encodeURIComponent(text)}`).href,
      base64: (text) => Buffer.from(`ab ${text} c`).toString('base64'),
      base64url: (text) => Buffer.from(`a ${text} cd`).toString('base64url'),
      hex: (text) => Buffer.from(text).toString('hex'),
    };
    for (const [way, write] of Object.entries(ways))
      expect(findCanaries({ [name]: canary }, [{ where: way, text: write(canary) }])).toEqual([`${name} in ${way}`]);
    expect(findCanaries({ [name]: canary }, [{ where: 'harmless text', text: canary.slice(2) }])).toEqual([]);
  });
});
