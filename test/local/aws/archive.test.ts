import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { s3Archive } from '../../../core/aws/archive.ts';
import { growingPart, wholePart } from '../../../core/media/part.ts';
import { copy, copyRange } from '../../../core/media/copy.ts';
import { crc32Of, crc32Text } from '../../../core/media/crc32.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { bucket, startS3, type RunningS3 } from '../s3/start-s3.ts';

const MiB = 1_048_576;
const signal = new AbortController().signal;
const crcOf = (bytes: Buffer): string => crc32Text(crc32Of(bytes));
async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

let running: RunningS3;
let server: Server;
let seen: IncomingMessage[] = [];
/** Answers in place of S3, if it returns true. */
let before: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
let archive: ReturnType<typeof s3Archive>;

beforeAll(async () => {
  running = await startS3();
  server = createServer((request, response) => {
    seen.push(request);
    if (!before(request, response)) void running.s3.service(request, response, new URL('http://127.0.0.1/'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  archive = s3Archive({ archiveBucket: bucket }, { endpoint, region: localRegion, credentials: localCredentials });
});
afterAll(async () => {
  await running.discard();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
});
afterEach(() => {
  before = () => false;
});

const stored = async (Key: string): Promise<Buffer> => {
  const { Body } = await running.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe('the archive in S3', () => {
  test.each([0, 1, 262_144, 3 * MiB + 17, 11 * MiB + 1])('a file of %d bytes arrives as it is', async (length) => {
    const key = `whole/${length}`;
    const bytes = randomBytes(length);
    const request = { key, contentType: 'video/mp4', length, partBytes: 5 * MiB };
    const result = await copy(archive, one(bytes), request, signal);
    expect(result).toEqual({ bytes: length, crc32: crcOf(bytes) });
    expect((await stored(key)).equals(bytes)).toBe(true);
    expect(await archive.head(key)).toMatchObject({ bytes: length, crc32: crcOf(bytes) });
  });

  test('bodies are not hashed for the signature; each goes with a CRC32, behind it where it is sent in parts', async () => {
    await copy(archive, one(randomBytes(6 * MiB)), { key: 'signed', contentType: 'a/b', partBytes: 5 * MiB }, signal);
    await copy(archive, one(randomBytes(6)), { key: 'signed', contentType: 'a/b' }, signal);
    const puts = seen.filter(({ method }) => method === 'PUT').map(({ headers }) => headers);
    const [first, second, single] = puts;
    for (const [headers, length] of [
      [first, 5 * MiB],
      [second, MiB],
    ] as const) {
      expect(headers).toMatchObject({
        'content-encoding': 'aws-chunked',
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-trailer': 'x-amz-checksum-crc32',
        'x-amz-decoded-content-length': String(length),
        authorization: expect.stringMatching(/SignedHeaders=[^,]*x-amz-decoded-content-length;[^,]*x-amz-trailer[;,]/),
      });
      expect(headers?.['x-amz-checksum-crc32']).toBeUndefined();
    }
    expect(single).toMatchObject({
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-amz-checksum-crc32': expect.stringMatching(/^[\w+/]{6}==$/),
      authorization: expect.stringMatching(/SignedHeaders=[^,]*x-amz-checksum-crc32[;,]/),
    });
    expect(single?.['content-encoding']).toBeUndefined();
    for (const headers of puts) {
      expect(Number(headers['content-length'])).toBeGreaterThan(0);
      expect(headers['transfer-encoding']).toBeUndefined();
    }
    expect(puts).toHaveLength(3);
  });

  test('a part is on its way before all of it has come, and breaks off with its source', async () => {
    const bytes = randomBytes(12 * MiB);
    let go = (): void => undefined;
    const isOnItsWay = new Promise<void>((resolve) => (go = resolve));
    let ends = false;
    before = (request) => {
      if (request.url?.includes('partNumber=2')) go();
      return false;
    };
    const source = async function* () {
      yield bytes.subarray(0, 6 * MiB);
      await isOnItsWay;
      if (ends) throw new Error('the source is gone');
      yield bytes.subarray(6 * MiB);
    };
    const request = { key: 'early', contentType: 'a/b', length: bytes.length, partBytes: 5 * MiB };
    await copy(archive, source(), request, signal);
    expect((await stored('early')).equals(bytes)).toBe(true);

    ends = true;
    await expect(copy(archive, source(), { ...request, key: 'broken' }, signal)).rejects.toThrow('the source is gone');
    expect(await archive.head('broken')).toBeUndefined();
    expect(seen.at(-2)?.method).toBe('DELETE');
  });

  test('a part that cannot come to its end fails at once', async () => {
    const uploadId = await archive.createUpload('cut', { contentType: 'a/b' }, signal);
    const part = growingPart(1, randomBytes(5 * MiB));
    part.grow(MiB, 0);
    const begun = new Promise<void>((resolve) => {
      before = (request) => {
        request.once('data', () => resolve());
        return false;
      };
    });
    const sending = archive.uploadPart('cut', uploadId, part, signal).catch((error: Error) => error);
    await begun;
    part.fail(new Error('the source is gone'));
    expect(await sending).toBeInstanceOf(Error);
    expect(await archive.listParts('cut', uploadId, signal)).toEqual([]);
    await archive.abortUpload('cut', uploadId);
  });

  test('S3 refuses bytes that are not those of the checksum', async () => {
    const bytes = randomBytes(1_000_000);
    const crc32 = crcOf(randomBytes(10));
    const about = { contentType: 'video/mp4' };
    await expect(archive.put('wrong', bytes, { ...about, crc32 }, signal)).rejects.toThrow(/CRC32|checksum/i);
    const uploadId = await archive.createUpload('wrong', about, signal);
    const part = archive.uploadPart('wrong', uploadId, { ...wholePart(1, bytes), crc32: () => crc32 }, signal);
    await expect(part).rejects.toThrow(/CRC32|checksum/i);
    expect(await archive.listParts('wrong', uploadId, signal)).toEqual([]);
    await archive.abortUpload('wrong', uploadId);
    expect(await archive.head('wrong')).toBeUndefined();
  });

  test.each([
    ['is told to slow down', (_request: IncomingMessage, response: ServerResponse) => void slowDown(response)],
    ['loses its connection', (request: IncomingMessage) => void request.socket.destroy()],
  ])('a part that %s is sent again, whole', async (what, fail) => {
    let left = 2;
    before = (request, response) => {
      if (!request.url?.includes('partNumber=2') || left === 0) return false;
      left -= 1;
      request.once('data', () => fail(request, response));
      return true;
    };
    const bytes = randomBytes(12 * MiB);
    const key = `again/${what}`;
    await copy(archive, one(bytes), { key, contentType: 'video/mp4', partBytes: 5 * MiB }, signal);
    expect((await stored(key)).equals(bytes)).toBe(true);
    expect(seen.filter(({ url }) => url?.includes('partNumber=2'))).toHaveLength(3);
  });

  test('a part that fails three times ends the copy, and the upload', async () => {
    before = (request, response) => {
      if (!request.url?.includes('partNumber=1')) return false;
      request.resume().once('end', () => slowDown(response));
      return true;
    };
    const request = { key: 'never', contentType: 'video/mp4', partBytes: 5 * MiB };
    await expect(copy(archive, one(randomBytes(6 * MiB)), request, signal)).rejects.toMatchObject({ name: 'SlowDown' });
    expect(seen.filter(({ url }) => url?.includes('partNumber=1'))).toHaveLength(3);
    expect(seen.at(-1)?.method).toBe('DELETE');
  });

  test('parts are listed, all of them, in order; no list is that of an upload that is not there', async () => {
    let pages = 0;
    before = (request) => {
      if (request.method !== 'GET' || !request.url?.includes('uploadId')) return false;
      pages += 1;
      request.url += '&max-parts=2';
      return false;
    };
    const uploadId = await archive.createUpload('listed', { contentType: 'video/mp4' }, signal);
    const range = { key: 'listed', uploadId, firstPart: 1, partBytes: 1, from: 0, to: 4 };
    const { parts } = await copyRange(archive, one(randomBytes(5)), range, signal);
    const listed = await archive.listParts('listed', uploadId, signal);
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(listed).toEqual(parts);
    expect(listed?.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    await archive.abortUpload('listed', uploadId);
    expect(await archive.listParts('listed', uploadId, signal)).toBeUndefined();
    await archive.abortUpload('listed', uploadId);
  });

  test('two workers fill one upload, which may be completed twice, but not with other bytes', async () => {
    const key = 'twice';
    const bytes = randomBytes(12 * MiB);
    const uploadId = await archive.createUpload(key, { contentType: 'video/mp4' }, signal);
    const range = { key, uploadId, firstPart: 1, partBytes: 5 * MiB, from: 0, to: 5 * MiB - 1 };
    const second = { ...range, firstPart: 2, from: 5 * MiB, to: 12 * MiB - 1 };
    await Promise.all([
      copyRange(archive, one(bytes.subarray(5 * MiB)), second, signal),
      copyRange(archive, one(bytes.subarray(0, 5 * MiB)), range, signal),
    ]);
    const parts = (await archive.listParts(key, uploadId, signal)) ?? [];
    await archive.completeUpload(key, uploadId, parts, crcOf(bytes), signal);
    await archive.completeUpload(key, uploadId, parts, crcOf(bytes), signal);
    expect((await stored(key)).equals(bytes)).toBe(true);
    const other = archive.completeUpload(key, uploadId, parts, crcOf(randomBytes(5)), signal);
    await expect(other).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'])(
    '%s leads to it, with a token of the session',
    async (name) => {
      const given = {
        [name]: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_REGION: localRegion,
        AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
        AWS_SESSION_TOKEN: 'of-this-session',
      };
      const former = { ...process.env };
      Object.assign(process.env, given);
      try {
        const bytes = randomBytes(MiB);
        await s3Archive({ archiveBucket: bucket }).put(
          name,
          bytes,
          { contentType: 'a/b', crc32: crcOf(bytes) },
          signal,
        );
        expect(seen.at(-1)?.url).toBe(`/${bucket}/${name}?x-id=PutObject`);
        expect(seen.at(-1)?.headers['x-amz-security-token']).toBe('of-this-session');
      } finally {
        for (const key of Object.keys(given)) delete process.env[key];
        Object.assign(process.env, former);
      }
    },
  );
});

const slowDown = (response: ServerResponse): void => {
  const xml = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';
  response.writeHead(503, { 'content-type': 'application/xml', connection: 'close' }).end(xml);
};
