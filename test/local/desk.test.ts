import { request } from 'node:http';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { failures } from '../../core/step/failures.ts';
import { startDesk } from '../../local/desk/desk.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { fileOf } from '../fakes/meetings.ts';

jest.setTimeout(60_000);

let local: LocalCloud;
let desk: Awaited<ReturnType<typeof startDesk>>;
beforeAll(async () => {
  local = await bootLocalCloud();
  desk = await startDesk(local.cloud, local.look, 0);
});
afterAll(async () => {
  await desk.close();
  await local.close();
  local.remove();
});

type Page = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** With the path exactly as it is given; fetch would tidy it up. */
const get = (path: string, method = 'GET'): Promise<Page> =>
  new Promise((resolve, reject) => {
    const sent = request(desk.url, { path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.once('error', reject).end();
  });

test('without a recording the overview, the archive and the mailbox say what will come', async () => {
  expect((await get('/')).body).toContain('No recording yet. It appears here as soon as Zoom announces one.');
  expect((await get('/')).body).toContain(`${local.cloud.api.url}/zoom/webhook`);
  expect((await get('/archive/')).body).toContain('Nothing is archived yet.');
  expect((await get('/mail')).body).toContain('0 mails');
});

test('a finished recording is shown with its files, what was made from it, and the time of the mail', async () => {
  const { meeting, announce, jobId } = local.record('Shown when done');
  local.cloud.zoom.removeFiles(meeting.uuid, [fileOf(meeting, 'CHAT')]);
  await announce('recording.completed', { fileIds: meeting.files.slice(0, 8).map(({ id }) => id) });
  await announce('recording.transcript_completed');
  const job = await local.closed(jobId);
  const { status, body, headers } = await get(`/jobs/${jobId}`);
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).toContain('class="state done"');
  expect(body).toContain(`sent ${job.mailSentAt}`);
  expect(body).toContain('missing: Zoom does not list the file any more');
  expect(body).toContain(`href="/archive/${job.folder}captions.vtt"`);
  for (const { key, status: state } of await local.look.files(jobId))
    expect(body.includes(`href="/archive/${key}"`)).toBe(state === 'archived');
  expect((await get('/')).body).toContain(`<a href="/jobs/${jobId}">Shown when done</a>`);
  const [, page = ''] = /<a href="([^"]+)">The page of this recording/.exec(body) ?? [];
  expect((await fetch(page)).status).toBe(200);
});

test('a failed recording is shown with what happened and what to do', async () => {
  const { meeting, announce, jobId } = local.record('Shown when failed');
  local.cloud.zoom.removeFiles(meeting.uuid);
  await announce('recording.completed', { fileIds: meeting.files.slice(0, 8).map(({ id }) => id) });
  await local.closed(jobId);
  const { body } = await get(`/jobs/${jobId}`);
  expect(body).toContain('class="state failed"');
  expect(body).toContain(failures.ALL_FILES_MISSING.sentence);
  expect(body).toContain(failures.ALL_FILES_MISSING.action);
  expect(body).toContain('not sent');
});

test('a topic that is HTML is shown as text, on every page', async () => {
  const topic = `<script>alert("x")</script><img src=x onerror='alert(1)'>`;
  const { announce, jobId } = local.record(topic);
  await announce('recording.completed');
  await local.closed(jobId);
  for (const path of ['/', `/jobs/${jobId}`, '/mail']) {
    const { body } = await get(path);
    expect(body).not.toMatch(/<script|<img/);
    expect(body).toMatch(/&(#60|lt);script/);
  }
});

test('an archived file comes with its type and length, and can neither be guessed at nor run', async () => {
  const { announce, jobId } = local.record('Download me');
  await announce('recording.completed');
  await local.closed(jobId);
  const file = (await local.look.files(jobId)).find(({ view }) => view === 'chat_file');
  const { status, headers, body } = await get(`/archive/${file?.key}`);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': file?.contentType,
    'content-length': String(file?.receivedBytes),
    'x-content-type-options': 'nosniff',
  });
  expect(headers['content-security-policy']).toMatch(/^sandbox;/);
  expect(body).toContain('Budget draft');
});

test('an archived page runs nothing, whatever its key', async () => {
  const { bucket: Bucket } = local.look;
  const Key = `odd/ü %2F"<b>&'?#+ .html`;
  const Body = '<script>document.title = "ran"</script>';
  await local.look.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/html' }));
  const archive = (await get('/archive/')).body;
  expect(archive).not.toContain('<b>');
  const href = /href="(\/archive\/odd[^"]*)"/
    .exec(archive)?.[1]
    ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const page = await get(href ?? '');
  expect(page).toMatchObject({ status: 200, body: Body });
  expect(page.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
});

test.each([
  '/nothing',
  '/jobs/',
  '/jobs/zoom-000000000000000000000000',
  '/jobs/..%2f..%2fetc%2fpasswd',
  '/archive/../../etc/passwd',
  '/archive/%2e%2e/%2e%2e/zoom-app.json',
  '/archive/..%2f..%2fzoom-app.json',
  '/archive//',
  '/archive/%00',
  '/archive/%',
  '/archive/%ff%fe',
  '/mail/../zoom-app.json',
  '/mail/..%2fsecrets',
  '/mail/%',
  '//archive/x',
  '/%',
])('%s is no page', async (path) => {
  const { status, body } = await get(path);
  expect(status).toBe(404);
  expect(body).not.toMatch(/root:|clientSecret|\bat .*:\d+:\d+/);
});

test.each(['POST', 'PUT', 'DELETE'])('%s changes nothing and is refused', async (method) => {
  for (const path of ['/', '/archive/', '/mail']) expect((await get(path, method)).status).toBe(405);
});

test('an archive of more than a thousand objects is listed whole', async () => {
  const { bucket: Bucket } = local.look;
  const keys = Array.from({ length: 1_005 }, (_, index) => `many/${String(index).padStart(4, '0')}.txt`);
  for (let from = 0; from < keys.length; from += 100)
    await Promise.all(
      keys.slice(from, from + 100).map((Key) => local.look.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))),
    );
  expect((await get('/archive/')).body.includes('many/1004.txt')).toBe(true);
});
