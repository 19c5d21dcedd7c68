import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

const md5 = (data: Uint8Array | string): string => `"${createHash('md5').update(data).digest('hex')}"`;

let running: RunningS3;
beforeAll(async () => {
  running = await startS3();
});
afterAll(async () => {
  expect(running.errors).toEqual([]);
  await running.discard();
});

const put = (Key: string, Body: string | Uint8Array | Readable, more: object = {}) =>
  running.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}) => {
  const answer = await running.client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
  return { ...answer, bytes: Buffer.from(await answer.Body!.transformToByteArray()) };
};

describe('objects', () => {
  test('a string comes back with its ETag, checksum, type and metadata', async () => {
    const text = 'Grüße aus der Aufzeichnung';
    const stored = await put('text', text, {
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-store',
      ContentLanguage: 'de',
      ContentDisposition: 'attachment; filename="a b.txt"',
      Metadata: { 'meeting-id': '85746065', note: 'two  words' },
    });
    expect(stored.ETag).toBe(md5(text));
    const answer = await get('text', { ChecksumMode: 'ENABLED' });
    expect(answer.bytes.toString()).toBe(text);
    expect(answer).toMatchObject({
      ETag: md5(text),
      ChecksumCRC32: stored.ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
      ContentLength: Buffer.byteLength(text),
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-store',
      ContentLanguage: 'de',
      ContentDisposition: 'attachment; filename="a b.txt"',
      Metadata: { 'meeting-id': '85746065', note: 'two  words' },
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'AES256',
    });
  });

  test('a stream sent in chunks with a checksum trailer is stored without its framing', async () => {
    const bytes = randomBytes(200_000);
    const stored = await put('stream', Readable.from([bytes.subarray(0, 70_001), bytes.subarray(70_001)]), {
      ContentLength: bytes.length,
      ContentEncoding: 'gzip',
    });
    expect(stored.ETag).toBe(md5(bytes));
    const answer = await get('stream');
    expect(answer.bytes.equals(bytes)).toBe(true);
    expect(answer.ContentEncoding).toBe('gzip');
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'the SDK accepts the %s checksum of what it reads, from a buffer and from a stream',
    async (ChecksumAlgorithm) => {
      const bytes = randomBytes(100_003);
      for (const Body of [bytes, Readable.from([bytes])]) {
        await put('checked', Body, { ChecksumAlgorithm, ContentLength: bytes.length });
        const answer = await get('checked', { ChecksumMode: 'ENABLED' });
        expect(answer.bytes.equals(bytes)).toBe(true);
        expect(answer[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
      }
    },
  );

  test('S3 itself adds a CRC64NVME where the client sends no checksum', async () => {
    const client = running.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const stored = await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'plain', Body: '123456789' }));
    // The check value of the algorithm's definition: AE8B14860A799888.
    expect(stored.ChecksumCRC64NVME).toBe(Buffer.from('ae8b14860a799888', 'hex').toString('base64'));
  });

  test('an empty object is an object', async () => {
    await put('empty', Buffer.alloc(0));
    expect((await get('empty')).bytes).toHaveLength(0);
    await expect(get('empty', { Range: 'bytes=0-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('ranges are those of HTTP, suffixes included', async () => {
    await put('digits', '0123456789');
    const range = async (Range: string) => {
      const { bytes, ContentRange, $metadata } = await get('digits', { Range });
      return [bytes.toString(), ContentRange, $metadata.httpStatusCode];
    };
    expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10', 206]);
    expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10', 206]);
    expect(await range('bytes=-3')).toEqual(['789', 'bytes 7-9/10', 206]);
    expect(await range('bytes=-30')).toEqual(['0123456789', 'bytes 0-9/10', 206]);
    expect(await range('bytes=8-99')).toEqual(['89', 'bytes 8-9/10', 206]);
    expect(await range('bytes=4-2')).toEqual(['0123456789', undefined, 200]);
    expect(await range('bytes=0-1,3-4')).toEqual(['0123456789', undefined, 200]);
    for (const Range of ['bytes=10-', 'bytes=-0']) {
      await expect(range(Range)).rejects.toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
    }
  });

  test('a player with a signed address goes on where it was, and starts over when the film is another one', async () => {
    const { ETag = '' } = await put('film', '0123456789', { ContentType: 'video/mp4' });
    const film = new GetObjectCommand({ Bucket: bucket, Key: 'film' });
    const url = await getSignedUrl(running.client, film, { expiresIn: 900 });
    const go = async (ifRange: string) => {
      const response = await fetch(url, { headers: { range: 'bytes=7-', 'if-range': ifRange } });
      return [response.status, await response.text(), response.headers.get('content-type')];
    };
    expect(await go(ETag)).toEqual([206, '789', 'video/mp4']);
    expect(await go('"another"')).toEqual([200, '0123456789', 'video/mp4']);
    const { headers } = await fetch(url);
    expect((await go(headers.get('last-modified') ?? ''))[0]).toBe(206);
    expect((await go('Thu, 01 Jan 1970 00:00:00 GMT'))[0]).toBe(200);
  });

  test('reads under a condition answer 304 or 412 as they should', async () => {
    const { ETag } = await put('conditional', 'a');
    const { LastModified } = await running.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'conditional' }));
    const status = (more: object) =>
      get('conditional', more).then(
        () => 200,
        (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
      );
    expect(await status({ IfMatch: ETag })).toBe(200);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await status({ IfModifiedSince: LastModified })).toBe(304);
    expect(await status({ IfModifiedSince: new Date(0) })).toBe(200);
    expect(await status({ IfUnmodifiedSince: new Date(0) })).toBe(412);
    expect(await status({ IfMatch: ETag, IfUnmodifiedSince: new Date(0) })).toBe(200);
  });

  test('the request may override headers of the answer', async () => {
    await put('named', 'x');
    const answer = await get('named', { ResponseContentDisposition: 'attachment', ResponseContentType: 'video/mp4' });
    expect(answer).toMatchObject({ ContentDisposition: 'attachment', ContentType: 'video/mp4' });
  });

  test('a presigned address gives the object to a plain HTTP client', async () => {
    await put('shared folder/ü.txt', 'shared');
    const address = new URL(`${running.endpoint}/${bucket}/shared%20folder/%C3%BC.txt`);
    for (const [name, value] of Object.entries({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'LOCALRAPPORTEUR00000/20260101/us-east-1/s3/aws4_request',
      'X-Amz-Date': '20260101T000000Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': 'a'.repeat(64),
      'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
      'x-id': 'GetObject',
    })) {
      address.searchParams.set(name, value);
    }
    const answer = await fetch(address, { headers: { range: 'bytes=0-2' } });
    expect([answer.status, await answer.text()]).toEqual([206, 'sha']);
  });

  test('a missing object or bucket is told by name', async () => {
    await expect(get('nothing here')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    await expect(
      running.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'nothing here' })),
    ).rejects.toMatchObject({ name: 'NotFound' });
    await expect(
      running.client.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'a' })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('deleting is idempotent, alone and in batches', async () => {
    await put('gone', 'x');
    for (let round = 0; round < 2; round++) {
      const { $metadata } = await running.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'gone' }));
      expect($metadata.httpStatusCode).toBe(204);
    }
    await put('one & <two>', '1');
    const deleted = await running.client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: 'one & <two>' }, { Key: 'never was' }] } }),
    );
    expect(deleted.Deleted?.map(({ Key }) => Key)).toEqual(['one & <two>', 'never was']);
    await expect(get('one & <two>')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a copy keeps bytes and metadata, or takes new metadata', async () => {
    const { ETag } = await put('the source', 'content', { Metadata: { a: '1' }, ContentType: 'text/plain' });
    const copy = (Key: string, more: object = {}) =>
      running.client.send(
        new CopyObjectCommand({ Bucket: bucket, Key, CopySource: `/${bucket}/the%20source`, ...more }),
      );
    expect((await copy('copy')).CopyObjectResult?.ETag).toBe(ETag);
    expect(await get('copy')).toMatchObject({ Metadata: { a: '1' }, ContentType: 'text/plain' });
    await copy('copy', { MetadataDirective: 'REPLACE', Metadata: { b: '2' }, ContentType: 'text/html' });
    expect(await get('copy')).toMatchObject({ Metadata: { b: '2' }, ContentType: 'text/html' });
    await expect(copy('the source')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(copy('copy', { CopySourceIfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    // The copy has its own life.
    await running.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'the source' }));
    expect((await get('copy')).bytes.toString()).toBe('content');
  });

  test('tags are kept beside the object', async () => {
    const target = { Bucket: bucket, Key: 'tagged' };
    await put('tagged', 'x', { Tagging: 'kind=chat%20file&team=a' });
    const tags = async () => (await running.client.send(new GetObjectTaggingCommand(target))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'kind', Value: 'chat file' },
      { Key: 'team', Value: 'a' },
    ]);
    expect((await get('tagged')).TagCount).toBe(2);
    await running.client.send(
      new PutObjectTaggingCommand({ ...target, Tagging: { TagSet: [{ Key: 'state', Value: 'archived' }] } }),
    );
    expect(await tags()).toEqual([{ Key: 'state', Value: 'archived' }]);
    const twice = { TagSet: [1, 2].map(() => ({ Key: 'a', Value: 'b' })) };
    await expect(running.client.send(new PutObjectTaggingCommand({ ...target, Tagging: twice }))).rejects.toMatchObject(
      { name: 'InvalidTag' },
    );
    await running.client.send(new DeleteObjectTaggingCommand(target));
    expect(await tags()).toEqual([]);
  });
});

describe('keys', () => {
  const awkward = [
    'with space',
    'plus+and%2Bpercent%',
    'a//b///c/',
    '/leading',
    'a/../b/./c',
    'ünïcödé/日本語/🎥',
    'quote"\'<&>\\|?*:#;=@$,~`^{}[]',
    'line\nfeed\rand\ttab',
    'CON',
    'UPPER and upper',
    'upper and upper',
    'é'.repeat(512),
    '__proto__',
  ];
  test('awkward names are stored under themselves, and none takes the place of another', async () => {
    for (const key of awkward) await put(key, key);
    for (const key of awkward) expect((await get(key)).bytes.toString()).toBe(key);
  });

  test('any key that S3 admits comes back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((key) => !key.includes('..')),
        async (key) => {
          await put(key, key);
          expect((await get(key)).bytes.toString()).toBe(key);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('1,025 bytes are one too many, and no key leads out of the bucket', async () => {
    await expect(put('x'.repeat(1025), 'x')).rejects.toMatchObject({ name: 'KeyTooLongError' });
    await expect(put('../outside', 'x')).rejects.toMatchObject({ name: 'InvalidURI' });
    expect(await readdir(running.folder)).toEqual([bucket]);
    expect((await readdir(join(running.folder, bucket))).sort()).toEqual(['bucket.json', 'data', 'objects', 'uploads']);
  });
});
