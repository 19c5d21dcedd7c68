import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

const put = (running: RunningS3, Key: string, Body: string | Uint8Array, more: object = {}) =>
  running.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }));
const read = async (running: RunningS3, Key: string, more: object = {}): Promise<string> =>
  (await running.client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }))).Body!.transformToString();
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('writes that race', () => {
  test('of a hundred that insist on being the first, one is', async () => {
    const running = await startS3();
    const attempts = Array.from({ length: 100 }, (_, index) =>
      put(running, 'once', `writer ${index}`, { IfNoneMatch: '*' }).then(
        () => index,
        (error: { name: string; $metadata: { httpStatusCode: number } }) => {
          expect([error.name, error.$metadata.httpStatusCode]).toEqual(['PreconditionFailed', 412]);
          return undefined;
        },
      ),
    );
    const winners = (await Promise.all(attempts)).filter((index) => index !== undefined);
    expect(winners).toHaveLength(1);
    expect(await read(running, 'once')).toBe(`writer ${winners[0]}`);
    await running.discard();
  });

  test('to one key leave one of the bodies whole', async () => {
    const running = await startS3();
    const bodies = Array.from({ length: 8 }, () => randomBytes(300_000));
    await Promise.all(bodies.map((body) => put(running, 'contested', body)));
    const answer = await running.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'contested' }));
    const found = sha256(await answer.Body!.transformToByteArray());
    expect(bodies.map(sha256)).toContain(found);
    await running.discard();
  });

  test('a change by somebody else is noticed through If-Match', async () => {
    const running = await startS3();
    const { ETag } = await put(running, 'index', 'one');
    await put(running, 'index', 'two', { IfMatch: ETag });
    await expect(put(running, 'index', 'three', { IfMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put(running, 'missing', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await running.discard();
  });

  test('a download that has begun ends with the bytes it began with', async () => {
    const running = await startS3();
    const old = randomBytes(4_000_000);
    await put(running, 'replaced', old);
    const answer = await running.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'replaced' }));
    await put(running, 'replaced', 'new');
    expect(sha256(await answer.Body!.transformToByteArray())).toBe(sha256(old));
    expect(await read(running, 'replaced')).toBe('new');
    await running.discard();
  });
});

describe('a restart', () => {
  test('keeps objects, metadata, buckets and open uploads, and removes what was never finished', async () => {
    const running = await startS3();
    await put(running, 'kept ü/..', 'kept', { Metadata: { a: 'b' }, ContentType: 'text/vtt' });
    const open = { Bucket: bucket, Key: 'open' };
    const { UploadId } = await running.client.send(new CreateMultipartUploadCommand(open));
    await running.client.send(new UploadPartCommand({ ...open, UploadId, PartNumber: 1, Body: 'part' }));
    const done = await running.client.send(new CreateMultipartUploadCommand({ ...open, Key: 'done' }));
    const part = { Bucket: bucket, Key: 'done', UploadId: done.UploadId, PartNumber: 1 };
    const { ETag } = await running.client.send(new UploadPartCommand({ ...part, Body: 'joined' }));
    await running.client.send(
      new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
    );
    await running.s3.createBucket('another-bucket', { versioning: true });
    await running.stop();

    const again = await startS3({ folder: running.folder });
    expect(await read(again, 'kept ü/..')).toBe('kept');
    expect(await read(again, 'done')).toBe('joined');
    const answer = await again.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'kept ü/..' }));
    expect(answer).toMatchObject({ Metadata: { a: 'b' }, ContentType: 'text/vtt' });
    const parts = await again.client.send(new ListPartsCommand({ ...open, UploadId }));
    expect(parts.Parts).toMatchObject([{ PartNumber: 1, Size: 4 }]);
    expect(again.s3.listBuckets()).toEqual([
      { name: 'another-bucket', versioning: true },
      { name: bucket, versioning: false },
    ]);
    // One file each for the object, the part and the joined part.
    expect(await readdir(join(again.folder, bucket, 'data'))).toHaveLength(3);
    await again.discard();
  });

  test('after kill -9 in the middle of uploads shows whole objects only', async () => {
    const running = await startS3();
    await running.stop();
    const server = spawn(process.execPath, ['local/run.mjs', 'test/local/s3/serve.ts', running.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const endpoint = await new Promise<string>((resolve) =>
      server.stdout.once('data', (line: Buffer) => resolve(String(line).trim())),
    );
    const acknowledged = new Map<string, string>();
    let sent = 0;
    const body = randomBytes(1_000_000);
    const writer = async (): Promise<void> => {
      for (;;) {
        const key = `file-${sent++ % 10}`;
        const bytes = Buffer.concat([Buffer.from(`${sent}`.padStart(8)), body]);
        const answer = await fetch(`${endpoint}/${bucket}/${key}`, { method: 'PUT', body: bytes }).catch(
          () => undefined,
        );
        if (!answer?.ok) return;
        acknowledged.set(key, answer.headers.get('etag')!);
        if (acknowledged.size === 10 && sent > 40) server.kill('SIGKILL');
      }
    };
    await Promise.all([writer(), writer(), writer(), writer()]);

    const again = await startS3({ folder: running.folder });
    for (const key of acknowledged.keys()) {
      const answer = await again.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = await answer.Body!.transformToByteArray();
      expect(bytes).toHaveLength(body.length + 8);
      expect(answer.ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`);
    }
    // Nothing but the ten objects' own files is left.
    expect(await readdir(join(again.folder, bucket, 'data'))).toHaveLength(10);
    await again.discard();
  });
});

describe('buckets', () => {
  test('are created, found, listed and removed', async () => {
    const running = await startS3();
    const { client } = running;
    await client.send(new CreateBucketCommand({ Bucket: 'second' }));
    await client.send(new CreateBucketCommand({ Bucket: 'second' }));
    await client.send(new HeadBucketCommand({ Bucket: 'second' }));
    expect((await client.send(new GetBucketLocationCommand({ Bucket: 'second' }))).LocationConstraint).toBeFalsy();
    const names = async () => (await client.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
    expect(await names()).toEqual([bucket, 'second']);
    await put(running, 'x', 'x');
    await expect(client.send(new DeleteBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
    await client.send(new DeleteBucketCommand({ Bucket: 'second' }));
    await expect(client.send(new HeadBucketCommand({ Bucket: 'second' }))).rejects.toMatchObject({ name: 'NotFound' });
    expect(await names()).toEqual([bucket]);
    await running.discard();
  });

  test('with versioning keep every version until it is deleted by its id', async () => {
    const running = await startS3({ versioning: true });
    const { client } = running;
    const target = { Bucket: bucket, Key: 'v' };
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
    const one = await put(running, 'v', 'one');
    const two = await put(running, 'v', 'two');
    const marker = await client.send(new DeleteObjectCommand(target));
    expect(marker.DeleteMarker).toBe(true);
    await expect(read(running, 'v')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read(running, 'v', { VersionId: one.VersionId })).toBe('one');
    await expect(read(running, 'v', { VersionId: marker.VersionId })).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([two.VersionId, one.VersionId]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);

    await client.send(new DeleteObjectCommand({ ...target, VersionId: marker.VersionId }));
    expect(await read(running, 'v')).toBe('two');
    await put(running, 'v', 'three', { IfMatch: two.ETag });
    const paged = [];
    let more: object | undefined = {};
    while (more) {
      const page: { Versions?: { VersionId?: string }[]; NextKeyMarker?: string; NextVersionIdMarker?: string } =
        (await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1, ...more }))) as object;
      paged.push(...(page.Versions ?? []));
      more = page.NextKeyMarker
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
    for (const { VersionId } of paged) await client.send(new DeleteObjectCommand({ ...target, VersionId }));
    expect(paged).toHaveLength(3);
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    await running.discard();
  });

  test('lose uploads that were abandoned long ago', async () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const running = await startS3({ now: () => now });
    const create = (Key: string) => running.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    await create('old');
    now = new Date('2026-01-06T00:00:00Z');
    const { UploadId } = await create('young');
    now = new Date('2026-01-08T00:00:01Z');
    expect(running.s3.abortUploadsOlderThan(bucket, { days: 7 })).toBe(1);
    const left = await running.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(left.Uploads).toMatchObject([{ Key: 'young', UploadId }]);
    await running.discard();
  });
});
