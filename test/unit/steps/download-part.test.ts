import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDownload } from '../../../core/media/open-download.ts';
import type { DownloadPlan, PlannedFile } from '../../../core/media/plan.ts';
import { objectHeadOf } from '../../../core/media/object-head.ts';
import type { ZoomDownloads } from '../../../core/zoom/client.ts';
import { normaliseFiles } from '../../../core/zoom/files.ts';
import { downloadPart } from '../../../functions/recording/download-part/download-part.ts';
import { fakeBucket } from '../../fakes/bucket.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { fileOrigin, rawOrigin } from '../../fakes/origin.ts';

type Origin = Awaited<ReturnType<typeof fileOrigin>>;
type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;

const now = new Date('2026-01-12T16:00:00Z');
const jobId = 'zoom-1';
const meetingUuid = '/3kQ9vTxRnuWb7//hLZpCw==';
const recordingStart = '2026-01-12T15:00:14Z';
const film = Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from('ftypisom'), randomBytes(300_000)]);
const hostError = '{"status":false,"errorCode":124,"errorMessage":"Forbidden"}';
const page = '<!DOCTYPE html><html><head><title>Error</title></head></html>';
const never = new AbortController().signal;

let origin: Origin;
let serve: Serve;
let toClose: Origin[];
beforeEach(async () => {
  serve = (_request, response) => response.end(film);
  origin = await fileOrigin((request, response) => void serve(request, response));
  toClose = [origin];
});
afterEach(() => Promise.all(toClose.map((one) => one.close())));

const webhookUrl = () => `${origin.url}/rec/webhook_download/P1/E1`;
const restUrl = () => `${origin.url}/rec/download/P1`;
const hasToken = (request: IncomingMessage): string => (request.headers.authorization ?? '').replace('Bearer ', '');

type Given = {
  file?: Partial<PlannedFile>;
  webhook?: { expiresAt?: number; url?: string } | undefined;
  rest?: 'none' | { listing?: ZoomDownloads | undefined };
};

/** A job with one planned file, which can be had by a webhook's token and, if `rest` says so, by a fresh listing. */
const scene = async ({ file = {}, webhook = {}, rest = 'none' }: Given = {}) => {
  const bucket = fakeBucket();
  const jobs = fakeJobs(() => now);
  const planned: PlannedFile = {
    ...{ index: 0, fileId: 'f1', zoomId: 'f1', fileType: 'MP4', extension: 'mp4', key: '844/1768230000/000-video.mp4' },
    ...{ recordingStart, announcedBytes: film.length, ...file },
  };
  const { index: _index, key: _key, announcedBytes: _bytes, ...about } = planned;
  await jobs.announce({
    ...{ jobId, source: 'zoom', origin: 'webhook', meetingUuid, reopens: true, files: [{ ...about, view: 'video' }] },
    access: {
      token: 'EVENT',
      expiresAt: webhook.expiresAt ?? now.getTime() / 1_000 + 60,
      urls: { [planned.fileId]: webhook.url ?? webhookUrl() },
    },
  });
  await jobs.planFile({ ...planned, jobId, segment: 0, view: 'video', status: 'planned' });
  const plan: DownloadPlan = { jobId, revision: 1, files: [planned] };
  let listings = 0;
  const fresh: ZoomDownloads = {
    token: 'FRESH',
    files: normaliseFiles({
      recording_files: [{ id: 'f1', file_type: 'MP4', recording_start: recordingStart, download_url: restUrl() }],
    }),
  };
  const step = downloadPart({
    jobs,
    plans: { read: async () => plan },
    zoom: {
      hasCredentials: async () => rest !== 'none',
      downloads: async (uuid) => {
        listings += 1;
        expect(uuid).toBe(meetingUuid);
        return rest === 'none' || !('listing' in rest) ? fresh : rest.listing;
      },
    },
    archive: bucket.archive,
    open: (request, signal) => openDownload(request, { trustedOrigins: toClose.map(({ url }) => url) }, signal),
    now: () => now,
  });
  return {
    bucket,
    jobs,
    planned,
    listings: () => listings,
    run: (signal = never, input = { jobId, planKey: 'jobs/zoom-1/plan-1.json', index: 0, part: 0 }) =>
      step(input, signal),
    state: async () => jobs.file(jobId, planned.fileId),
  };
};

describe('DownloadPart', () => {
  test('copies a file unchanged and records what arrived', async () => {
    const { run, bucket, planned, state, listings } = await scene({ rest: {} });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'received' });
    expect(bucket.hashOf(planned.key)).toBe(bucket.sha256(film));
    expect(bucket.objects.get(planned.key)?.about).toEqual(objectHeadOf(jobId, planned));
    expect(await state()).toMatchObject({
      status: 'planned',
      receivedBytes: film.length,
      crc32: bucket.objects.get(planned.key)?.crc32,
      contentType: 'video/mp4',
    });
    expect(origin.seen.map(hasToken)).toEqual(['EVENT']);
    expect(listings()).toBe(0);
  });

  test('fetches nothing that has arrived already', async () => {
    const { run } = await scene();
    await run();
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'already-there' });
    expect(origin.seen).toHaveLength(1);
  });

  test('fetches nothing that is archived, wherever its object has gone', async () => {
    const { run, jobs } = await scene();
    await jobs.fileArchived(jobId, 'f1');
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'already-there' });
    expect(origin.seen).toHaveLength(0);
  });

  test('fetches again what arrived and is no longer there', async () => {
    const { run, bucket } = await scene();
    await run();
    bucket.objects.clear();
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'received' });
  });

  test('closes the upload that a killed worker left open', async () => {
    const { run, bucket, jobs, planned } = await scene();
    const left = await bucket.archive.createUpload(planned.key, { contentType: 'video/mp4' }, never);
    await jobs.fileUpload(jobId, planned.fileId, { uploadId: left });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'received' });
    expect(bucket.openUploads()).toBe(0);
  });

  test('leaves a missing file missing', async () => {
    const { run, jobs } = await scene();
    await jobs.fileMissing(jobId, 'f1', 'gone');
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'missing' });
    expect(origin.seen).toHaveLength(0);
  });

  test('follows the redirect to the storage without the token', async () => {
    const storage = await fileOrigin((_request, response) => response.end(film));
    toClose.push(storage);
    serve = (_request, response) => response.writeHead(302, { location: `${storage.url}/f?Signature=S` }).end();
    const { run, bucket, planned } = await scene();
    await run();
    expect(bucket.hashOf(planned.key)).toBe(bucket.sha256(film));
    expect(storage.seen.map(hasToken)).toEqual(['']);
  });

  test('archives text that arrives compressed as what it is, not as it came', async () => {
    const text = `WEBVTT\n\n${'words '.repeat(2_000)}`;
    serve = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    const file = { fileType: 'TRANSCRIPT', extension: 'vtt', announcedBytes: text.length };
    const { run, bucket, planned } = await scene({ file });
    await run();
    expect(bucket.objects.get(planned.key)?.bytes.toString()).toBe(text);
  });
});

describe('the ladder of tokens', () => {
  const refusals: [string, Serve][] = [
    ['401', (_request, response) => response.writeHead(401).end()],
    ['59 bytes of JSON with 200', (_request, response) => response.end(hostError)],
    ['a web page with 200', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page)],
    ['the wrong first bytes', (_request, response) => response.end('not a film')],
  ];

  test.each(refusals)("goes on to a fresh token when the webhook's gets %s", async (_what, refuse) => {
    serve = (request, response) => (hasToken(request) === 'FRESH' ? response.end(film) : refuse(request, response));
    const { run, bucket, planned } = await scene({ rest: {} });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'received' });
    expect(bucket.hashOf(planned.key)).toBe(bucket.sha256(film));
    expect(origin.seen.map(({ url }) => url)).toEqual(['/rec/webhook_download/P1/E1', '/rec/download/P1']);
  });

  test('begins with a fresh token where the old one has expired', async () => {
    const { run, listings } = await scene({ rest: {}, webhook: { expiresAt: now.getTime() / 1_000 } });
    await run();
    expect(origin.seen.map(hasToken)).toEqual(['FRESH']);
    expect(listings()).toBe(1);
  });

  test.each([
    ['has expired', { webhook: { expiresAt: 1 } }, undefined],
    ['is refused', {}, (_request: IncomingMessage, response: ServerResponse) => response.writeHead(401).end()],
  ])('says what to configure where the token %s and there are no credentials', async (_what, given, refuse) => {
    if (refuse) serve = refuse;
    const { run, state } = await scene(given);
    await expect(run()).rejects.toMatchObject({ name: 'PermanentError', code: 'DOWNLOAD_TOKEN_EXPIRED' });
    expect(await state()).toMatchObject({ status: 'planned' });
  });

  test('ends where the fresh token is refused too, after one try each', async () => {
    serve = (_request, response) => response.writeHead(403).end();
    const { run } = await scene({ rest: {} });
    await expect(run()).rejects.toMatchObject({ code: 'DOWNLOAD_REFUSED' });
    expect(origin.seen).toHaveLength(2);
  });

  test('ends where both ways lead to other bytes than the file should have', async () => {
    serve = (_request, response) => response.end('not a film');
    const { run, bucket, state } = await scene({ rest: {} });
    await expect(run()).rejects.toMatchObject({ code: 'FILE_NOT_AS_EXPECTED' });
    expect(origin.seen).toHaveLength(2);
    expect(bucket.calls).toEqual([]);
    expect(await state()).not.toHaveProperty('crc32');
  });

  test('ends where Zoom gives the app no download token', async () => {
    const listing: ZoomDownloads = {
      token: undefined,
      files: normaliseFiles({ recording_files: [{ id: 'f1', download_url: restUrl() }] }),
    };
    const { run } = await scene({ webhook: { expiresAt: 1 }, rest: { listing } });
    await expect(run()).rejects.toMatchObject({
      code: 'DOWNLOAD_REFUSED',
      message: expect.stringContaining('no download token'),
    });
  });
});

describe('a file that is gone', () => {
  test.each([404, 410])('with %d is recorded as missing, with the reason, and the others go on', async (status) => {
    serve = (_request, response) => response.writeHead(status).end();
    const { run, state, bucket } = await scene({ rest: {} });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'missing' });
    expect(await state()).toMatchObject({ status: 'missing', missingBecause: `Zoom answered ${status}` });
    expect(bucket.calls).toEqual([]);
  });

  test('is missing without credentials too', async () => {
    serve = (_request, response) => response.end(page);
    const { run, state } = await scene();
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'missing' });
    expect(await state()).toMatchObject({ missingBecause: expect.stringContaining('titled "Error"') });
  });

  test.each([
    ['the recording is not listed', undefined, 'does not list'],
    ['the file is not listed', { token: 'FRESH', files: [] }, 'does not list'],
    [
      'it lies elsewhere',
      { token: 'FRESH', files: normaliseFiles({ recording_files: [{ id: 'f1', file_path: '/x' }] }) },
      'on-premise',
    ],
  ])('when %s is missing', async (_what, listing, because) => {
    const { run, state } = await scene({ webhook: { expiresAt: 1 }, rest: { listing } });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'missing' });
    expect(await state()).toMatchObject({ missingBecause: expect.stringContaining(because) });
  });

  test('empty at Zoom is missing', async () => {
    serve = (_request, response) => response.end();
    const { run, state } = await scene({ file: { announcedBytes: 0 } });
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'missing' });
    expect(await state()).toMatchObject({ missingBecause: 'the file is empty at Zoom' });
  });
});

describe('what is worth another try', () => {
  const faults: [string, Serve][] = [
    ['429', (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end()],
    ['503', (_request, response) => response.writeHead(503).end()],
    ['a reset', (request) => request.socket.resetAndDestroy()],
    [
      'a body shorter than its length',
      (_request, response) => {
        response.writeHead(200, { 'content-length': film.length });
        response.write(film.subarray(0, 200_000), () => response.socket?.end());
      },
    ],
  ];

  test.each(faults)('%s is, and leaves nothing behind', async (_what, fault) => {
    serve = fault;
    const { run, bucket, state } = await scene({ rest: {} });
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    expect(bucket.objects.size).toBe(0);
    expect(bucket.openUploads()).toBe(0);
    expect(await state()).not.toHaveProperty('crc32');
    // And it works as soon as the trouble has passed.
    serve = (_request, response) => response.end(film);
    expect(await run()).toEqual({ index: 0, part: 0, outcome: 'received' });
  });

  test('is a connection that ends early where neither length nor chunks mark the end', async () => {
    const raw = await rawOrigin((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
      socket.end(film.subarray(0, 200_000));
    });
    toClose.push(raw);
    const { run, bucket } = await scene({ webhook: { url: raw.url } });
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    expect(bucket.objects.size).toBe(0);
  });

  test('is a file that Zoom is still processing', async () => {
    const listing = {
      token: 'FRESH',
      files: normaliseFiles({ recording_files: [{ id: 'f1', status: 'processing' }] }),
    };
    const { run } = await scene({ webhook: { expiresAt: 1 }, rest: { listing } });
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
  });

  test('is a file that may be among those which Zoom is processing and does not name', async () => {
    const listing = {
      token: 'FRESH',
      files: normaliseFiles({ recording_files: [{ file_type: '', recording_end: '', status: 'processing' }] }),
    };
    const { run } = await scene({ webhook: { expiresAt: 1 }, rest: { listing } });
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
  });

  test('is a worker that has to stop in the middle', async () => {
    const stop = new AbortController();
    serve = (_request, response) => {
      response.writeHead(200, { 'content-length': film.length });
      response.write(film.subarray(0, 100_000), () => stop.abort());
    };
    const { run, bucket } = await scene();
    await expect(run(stop.signal)).rejects.toMatchObject({ name: 'TransientError' });
    expect(bucket.objects.size).toBe(0);
  });
});

describe('what is not', () => {
  test('an address outside Zoom is refused before anything is sent there', async () => {
    serve = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    const { run } = await scene({ rest: {} });
    await expect(run()).rejects.toMatchObject({ code: 'DOWNLOAD_HOST_NOT_ALLOWED' });
  });

  test('an index, a job or a file that is not in the plan is named', async () => {
    const { run } = await scene();
    const input = { jobId, planKey: 'k', index: 0, part: 0 };
    await expect(run(never, { ...input, index: 7 })).rejects.toThrow('BAD_INPUT: index');
    await expect(run(never, { ...input, jobId: 'zoom-2' })).rejects.toThrow('BAD_INPUT: jobId');
  });
});
