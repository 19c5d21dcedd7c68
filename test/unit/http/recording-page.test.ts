import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../../core/job/job.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { linkToken, type LinkPurpose } from '../../../core/link/link-token.ts';
import { linkReader } from '../../../core/link/links.ts';
import { recordingPage as pageSchema } from '../../../core/page/recording-page.ts';
import { pageRoute } from '../../../core/step/page-route.ts';
import { brokenPage, recordingPage } from '../../../functions/http/recording-page/recording-page.ts';
import { captureLog, lambdaContext, type CapturedLog } from '../../fakes/lambda.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { file, folder, found, job, jobId, transcript } from '../page/recordings.ts';

const now = new Date('2026-01-13T08:00:00Z');
const secret = 'a-link-secret-of-more-than-thirty-two-characters';
const token = (days = 90, about: { jobId?: string; purpose?: LinkPurpose } = {}): string =>
  linkToken({ jobId, purpose: 'watch', expiresAt: new Date(now.getTime() + days * 86_400_000), ...about }, secret);

const film = file('film-1', 'gallery_view', 'mp4');
const built = { document: (name: string) => `<title>{{title}}</title>${name}: {{text}}`, asset: () => undefined };

let log: CapturedLog;
beforeEach(() => void (log = captureLog()));
afterEach(() => log.release());

const pageOf = (given: { job?: Job | undefined; broken?: boolean } = { job: job() }) => {
  const keys = transcriptKeysOf(folder);
  const objects = fakeObjects({
    [film.key]: 'x'.repeat(700),
    [keys.json]: JSON.stringify(transcript),
    [keys.vtt]: 'WEBVTT\n',
    [insightsKeyOf(folder)]: JSON.stringify(found),
  });
  const asked: string[] = [];
  const run = recordingPage({
    readLink: linkReader({ secret: async () => secret, now: () => now }),
    jobs: {
      get: async (id) => {
        asked.push(id);
        if (given.broken) throw new Error(`canary-of-the-table for ${id}`);
        return given.job;
      },
      files: async () => [film, file('chat', 'chat_file', 'txt', { fileType: 'CHAT' })],
      merges: async () => [],
    },
    objects,
    media: {
      url: async (key, saveAs) => `https://bucket.example/${key}?signed${saveAs ? `&as=${saveAs}` : ''}`,
      origin: async () => 'https://bucket.example',
    },
    built,
  });
  const handler = pageRoute({ name: 'recordingPage', run, broken: brokenPage(built) }) as unknown as (
    event: object,
    context: object,
  ) => Promise<{ statusCode: number; headers: Record<string, string>; body: string; isBase64Encoded?: boolean }>;
  const get = async (below: string, query: Record<string, string> = { k: token() }, path: object = {}) => {
    const routeKey = `GET /r/{jobId}${below}`;
    const event = { routeKey, headers: {}, pathParameters: { jobId, ...path }, queryStringParameters: query };
    const { statusCode, headers, body = '' } = await handler(event, lambdaContext());
    return { status: statusCode, headers, body };
  };
  const page = async () => pageSchema.parse(JSON.parse((await get('/data')).body));
  return { get, page, asked, objects };
};

const routes = ['', '/data', '/captions', '/media/{name}', '/files/{name}'];

describe('the page of a recording', () => {
  test.each(routes)('of %j refuses whoever has no good token, and says what to do', async (below) => {
    const { get, asked } = pageOf();
    for (const [query, status, says] of [
      [{}, 403, 'not complete'],
      [{ k: '' }, 403, 'not complete'],
      [{ k: 'rubbish' }, 403, 'not valid'],
      [{ k: `${token()}x` }, 403, 'not valid'],
      [{ k: token(90, { jobId: 'zoom-other' }) }, 403, 'not valid'],
      [{ k: token(90, { purpose: 'unsubscribe' }) }, 403, 'not valid'],
      [{ k: token(-1) }, 410, 'too old'],
    ] as [Record<string, string>, number, string][]) {
      const answer = await get(below, query);
      expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(says)]);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    }
    // Nothing was read: whoever guesses learns nothing of which recordings there are.
    expect(asked).toEqual([]);
  });

  test('answers a wrong token alike, whether there is such a recording or not', async () => {
    const answers = await Promise.all(
      [pageOf(), pageOf({ job: undefined })].map(({ get }) => get('', { k: 'rubbish' })),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  test('says so when its job is gone', async () => {
    expect(await pageOf({ job: undefined }).get('')).toMatchObject({
      status: 404,
      body: expect.stringContaining('no longer here'),
    });
  });

  test.each(routes)(
    'of %j may load nothing from elsewhere, is kept by no cache, and tells nobody its address',
    async (below) => {
      const { headers } = await pageOf().get(below, { k: token() }, { name: 'captions.vtt' });
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': expect.stringContaining('noindex'),
        'cache-control': 'private, no-store',
      });
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
      const hosts = policy.match(/https?:\/\/[^\s;]+/g) ?? [];
      expect(hosts).toEqual(below === '' ? ['https://bucket.example'] : []);
    },
  );

  test('shows title, words, insights, views and files with their sizes', async () => {
    const page = await pageOf().page();
    expect(page).toMatchObject({
      jobId,
      title: 'Weekly sync',
      state: 'done',
      minutes: 41,
      insights: { summary: { short: 'A meeting.' } },
      linkEndsAt: '2026-04-13T08:00:00.000Z',
    });
    expect(page.transcript?.segments.map(({ text }) => text)).toEqual(['Good morning.', 'We begin.']);
    expect(page.views).toMatchObject([{ label: 'Gallery view', kind: 'film' }]);
    expect(page.files.map(({ label, bytes }) => [label, bytes])).toContainEqual(['Gallery view', 700]);
    // The chat was archived, but is not there any more.
    expect(page.files.map(({ label }) => label)).not.toContain('Chat file');
  });

  test('gives away nothing else of the job: no key, no account, no sealed address, no word for word times', async () => {
    const { body } = await pageOf().get('/data');
    expect(body).not.toMatch(/canary|1768229998|film-1|"words":|confidence/);
  });

  test.each([
    [{ status: 'running' as const }, 'still being worked on'],
    [{ status: 'rejected' as const, reason: 'it is shorter than 5 minutes' }, 'skipped: it is shorter than 5 minutes.'],
    [
      {
        status: 'failed' as const,
        failure: { code: 'X', detail: 'canary', sentence: 'Zoom refused.', action: 'Ask.' },
      },
      'Zoom refused.',
    ],
  ])('says how it stands with a job that is %j', async (more, says) => {
    const page = await pageOf({ job: job(more) }).page();
    expect(page.says).toContain(says);
  });

  test('is empty, and no error, before anything has a folder', async () => {
    const { folder: _none, topic: _topic, ...early } = job({ status: 'running' });
    const { page, get } = pageOf({ job: early });
    expect(await page()).toMatchObject({ views: [], files: [], notes: [] });
    expect((await get('/captions')).body).toBe('WEBVTT\n');
    expect((await get('/media/{name}', { k: token() }, { name: 'captions.vtt' })).status).toBe(404);
  });

  test('goes without words that cannot be read', async () => {
    const { page, objects, get } = pageOf();
    objects.stored.set(transcriptKeysOf(folder).json, '{"segments":');
    objects.stored.set(insightsKeyOf(folder), '{"engine":"unheard-of"}');
    const shown = await page();
    expect([shown.transcript, shown.insights]).toEqual([undefined, undefined]);
    expect((await get('/captions')).body).toBe('WEBVTT\n');
  });

  test('has captions for a file that begins later', async () => {
    const { get } = pageOf();
    expect((await get('/captions')).body).toContain('00:00:10.000 --> ');
    const later = (await get('/captions', { k: token(), from: '8' })).body;
    expect(later).toContain('00:00:02.000 --> ');
    expect(later).not.toContain('Good morning');
    expect((await get('/captions', { k: token(), from: 'NaN' })).body).toContain('Good morning');
  });

  test('signs addresses of what it offers, to be played or saved, and of nothing else', async () => {
    const { get, page } = pageOf();
    const name = (await page()).views[0]?.pieces[0].file ?? '';
    const played = await get('/media/{name}', { k: token() }, { name });
    expect(JSON.parse(played.body)).toEqual({ url: `https://bucket.example/${film.key}?signed` });
    const saved = await get('/files/{name}', { k: token() }, { name });
    expect(saved).toMatchObject({
      status: 302,
      headers: { location: expect.stringContaining('&as=000-gallery_view.mp4') },
    });
    for (const other of ['../../jobs/plan.json', film.key, 'insights.json', '', 'film-1', '__proto__'])
      for (const below of ['/media/{name}', '/files/{name}'])
        expect([other, (await get(below, { k: token() }, { name: other })).status]).toEqual([other, 404]);
  });

  test('tells a person that something broke, and the log alone what, without the token', async () => {
    const given = token();
    const answer = await pageOf({ broken: true }).get('', { k: given });
    expect(answer).toMatchObject({ status: 500, body: expect.stringContaining('broke on our side') });
    expect(answer.body).not.toContain('canary');
    expect(log.text()).toContain('canary-of-the-table');
    await pageOf().get('', { k: given });
    expect(log.text()).not.toContain(given);
    expect(log.text()).not.toContain('Weekly sync');
  });
});
