import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  paginateListParts,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

const MiB = 1024 ** 2;
const first = randomBytes(5 * MiB);
const second = randomBytes(5 * MiB + 17);
const last = randomBytes(1003);
const whole = Buffer.concat([first, second, last]);
const digest = (name: string, data: Uint8Array): Buffer => createHash(name).update(data).digest();

let running: RunningS3;
let Key: string;
let count = 0;
beforeAll(async () => {
  running = await startS3();
});
beforeEach(() => {
  Key = `multipart ${++count}`;
});
afterAll(async () => {
  expect(running.errors).toEqual([]);
  await running.discard();
});

const create = async (more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> =>
  (await running.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key, ...more }))).UploadId!;
const upload = async (
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
  more: object = {},
): Promise<CompletedPart> => {
  const {
    $metadata: _,
    ServerSideEncryption: __,
    ...part
  } = await running.client.send(new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber, Body, ...more }));
  return { PartNumber, ...part };
};
const onlyETags = (parts: CompletedPart[]): CompletedPart[] =>
  parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
const complete = (UploadId: string, Parts: CompletedPart[], more: object = {}) =>
  running.client.send(
    new CompleteMultipartUploadCommand({ Bucket: bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );
const read = async (more: object = {}) => {
  const answer = await running.client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
  return { ...answer, bytes: Buffer.from(await answer.Body!.transformToByteArray()) };
};
const head = (more: object = {}) =>
  running.client.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED', ...more }));

describe('multipart uploads', () => {
  test('parts become one object with the ETag of S3 and what was said at the start', async () => {
    const id = await create({ ContentType: 'video/mp4', Metadata: { a: 'b' }, Tagging: 'c=d' });
    // Sent out of order, as workers do; one is sent twice and counts once.
    const parts = [await upload(id, 3, last), await upload(id, 1, second), await upload(id, 2, second)];
    parts.push(await upload(id, 1, first));
    const Parts = onlyETags([parts[3]!, parts[2]!, parts[0]!]);
    const done = await complete(id, Parts);
    const etags = Buffer.concat([first, second, last].map((part) => digest('md5', part)));
    expect(done.ETag).toBe(`"${digest('md5', etags).toString('hex')}-3"`);
    const answer = await read();
    expect(answer.bytes.equals(whole)).toBe(true);
    expect(answer).toMatchObject({ ContentType: 'video/mp4', Metadata: { a: 'b' }, TagCount: 1, ETag: done.ETag });
    const across = await read({ Range: `bytes=${5 * MiB - 2}-${5 * MiB + 1}` });
    expect(across.bytes.equals(whole.subarray(5 * MiB - 2, 5 * MiB + 2))).toBe(true);
    const part2 = await read({ PartNumber: 2 });
    expect([part2.PartsCount, part2.bytes.equals(second)]).toEqual([3, true]);
  });

  test('a full-object CRC32 is that of all bytes, and a wrong one refuses the object', async () => {
    const id = await create({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const Parts = [await upload(id, 1, first), await upload(id, 2, second), await upload(id, 3, last)];
    const wrong = complete(id, Parts, { ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' });
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(head()).rejects.toMatchObject({ name: 'NotFound' });
    await expect(complete(id, Parts, { MpuObjectSize: 7 })).rejects.toMatchObject({ name: 'InvalidRequest' });
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(crc32(whole));
    const right = {
      ChecksumCRC32: expected.toString('base64'),
      ChecksumType: 'FULL_OBJECT',
      MpuObjectSize: whole.length,
    };
    expect(await complete(id, Parts, right)).toMatchObject({ ChecksumCRC32: right.ChecksumCRC32 });
    expect(await head()).toMatchObject({ ChecksumCRC32: right.ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
    // The SDK checks the sum of what it reads once more.
    expect((await read({ ChecksumMode: 'ENABLED' })).bytes.equals(whole)).toBe(true);
  });

  test.each(['CRC64NVME', 'CRC32C'] as const)(
    'a full-object %s equals that of the same bytes in one piece',
    async (ChecksumAlgorithm) => {
      const name = `Checksum${ChecksumAlgorithm}` as const;
      const id = await create({ ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' });
      const Parts = [
        await upload(id, 1, first, { ChecksumAlgorithm }),
        await upload(id, 2, second, { ChecksumAlgorithm }),
        await upload(id, 3, last, { ChecksumAlgorithm }),
      ];
      const done = await complete(id, Parts);
      const single = await running.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: 'single', Body: whole, ChecksumAlgorithm }),
      );
      expect(done[name]).toBe(single[name]);
    },
  );

  test('a composed SHA-256 is the hash of the hashes of the parts', async () => {
    const ChecksumAlgorithm = 'SHA256';
    const id = await create({ ChecksumAlgorithm });
    const Parts = [await upload(id, 1, first, { ChecksumAlgorithm }), await upload(id, 2, last, { ChecksumAlgorithm })];
    await expect(complete(id, onlyETags(Parts))).rejects.toMatchObject({ name: 'InvalidRequest' });
    await complete(id, Parts);
    const hashes = Buffer.concat([digest('sha256', first), digest('sha256', last)]);
    expect(await head()).toMatchObject({
      ChecksumSHA256: `${digest('sha256', hashes).toString('base64')}-2`,
      ChecksumType: 'COMPOSITE',
    });
  });

  test('SHA-256 of a whole object and CRC64NVME of parts do not exist', async () => {
    await expect(create({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    await expect(create({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
  });

  test('a part with another kind of checksum than the upload, or a composed one without, is refused', async () => {
    const id = await create({ ChecksumAlgorithm: 'CRC32' });
    await expect(upload(id, 1, last, { ChecksumAlgorithm: 'SHA1' })).rejects.toThrow(
      'expected checksum Type: crc32, actual checksum Type: sha1',
    );
    const silent = running.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const bare = silent.send(new UploadPartCommand({ Bucket: bucket, Key, UploadId: id, PartNumber: 1, Body: last }));
    await expect(bare).rejects.toThrow('expected checksum Type: crc32, actual checksum Type: null');
  });

  test('an upload that names no checksum gets the CRC64NVME of all bytes', async () => {
    const silent = running.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const { UploadId } = await silent.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of [first, last].entries()) {
      const { ETag } = await silent.send(
        new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: index + 1, Body }),
      );
      Parts.push({ PartNumber: index + 1, ETag });
    }
    await complete(UploadId!, Parts);
    expect(await head()).toMatchObject({ ChecksumType: 'FULL_OBJECT' });
    expect((await read({ ChecksumMode: 'ENABLED' })).ChecksumCRC64NVME).toBeTruthy();
  });

  test('what cannot become an object is refused, and the upload stays', async () => {
    const id = await create({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const one = await upload(id, 1, first);
    const two = await upload(id, 2, last);
    const three = await upload(id, 3, last);
    const refused = (parts: CompletedPart[]) =>
      complete(id, parts).then(
        () => 'done',
        (error: Error) => error.name,
      );
    expect(await refused([two, one])).toBe('InvalidPartOrder');
    expect(await refused([one, one])).toBe('InvalidPartOrder');
    expect(await refused([one, two, three])).toBe('EntityTooSmall');
    expect(await refused([one, { ...two, PartNumber: 4 }])).toBe('InvalidPart');
    expect(await refused([one, { ...two, ETag: one.ETag }])).toBe('InvalidPart');
    expect(await refused([one, { ...two, ChecksumCRC32: one.ChecksumCRC32 }])).toBe('InvalidPart');
    expect(await refused([])).toBe('MalformedXML');
    await expect(upload(id, 0, last)).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(upload(id, 10_001, last)).rejects.toMatchObject({ name: 'InvalidArgument' });
    expect(await refused([one, three])).toBe('done');
    expect((await read()).bytes.equals(Buffer.concat([first, last]))).toBe(true);
    await expect(complete(id, [one, three])).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(upload(id, 4, last)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('a completion can insist that there is no such object yet, or that it is still the same', async () => {
    const id = await create();
    const Parts = onlyETags([await upload(id, 1, last)]);
    const old = await running.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'old' }));
    await expect(complete(id, Parts, { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(complete(id, Parts, { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect((await read()).bytes.toString()).toBe('old');
    await complete(id, Parts, { IfMatch: old.ETag });
    expect((await read()).bytes.equals(last)).toBe(true);
  });

  test('ListParts tells in pages what has arrived', async () => {
    const id = await create({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const sent = [];
    for (const number of [10_000, 2, 7, 1, 3]) sent.push(await upload(id, number, Buffer.from(`part ${number}`)));
    const listed = [];
    for await (const page of paginateListParts(
      { client: running.client, pageSize: 2 },
      { Bucket: bucket, Key, UploadId: id },
    )) {
      expect(page).toMatchObject({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
      listed.push(...(page.Parts ?? []));
    }
    expect(listed.map(({ PartNumber }) => PartNumber)).toEqual([1, 2, 3, 7, 10_000]);
    const one = sent.find(({ PartNumber }) => PartNumber === 7);
    expect(listed[3]).toMatchObject({ ...one, Size: 6 });
  });

  test('an aborted upload is gone', async () => {
    const id = await create();
    await upload(id, 1, last);
    const uploads = async () =>
      (await running.client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: Key }))).Uploads ?? [];
    expect(await uploads()).toMatchObject([{ Key, UploadId: id }]);
    await running.client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId: id }));
    expect(await uploads()).toEqual([]);
    const gone = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } };
    await expect(
      running.client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId: id })),
    ).rejects.toMatchObject(gone);
    await expect(
      running.client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId: id })),
    ).rejects.toMatchObject(gone);
  });

  test('parts can be copied out of objects, and outlive them', async () => {
    await running.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a source', Body: whole }));
    const id = await create({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const copy = async (PartNumber: number, CopySourceRange?: string): Promise<CompletedPart> => {
      const { CopyPartResult } = await running.client.send(
        new UploadPartCopyCommand({
          Bucket: bucket,
          Key,
          UploadId: id,
          PartNumber,
          CopySource: `${bucket}/a%20source`,
          CopySourceRange,
        }),
      );
      return { PartNumber, ETag: CopyPartResult!.ETag, ChecksumCRC32: CopyPartResult!.ChecksumCRC32 };
    };
    const Parts = [await copy(1), await copy(2, 'bytes=100-299')];
    await expect(copy(3, `bytes=0-${whole.length}`)).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(copy(3, 'bytes=5-')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await running.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a source', Body: 'something else' }));
    await complete(id, Parts);
    const expected = Buffer.concat([whole, whole.subarray(100, 300)]);
    expect((await read({ ChecksumMode: 'ENABLED' })).bytes.equals(expected)).toBe(true);

    // A copy of a multipart object is an ordinary one, with the MD5 of all its bytes.
    const { CopyObjectResult } = await running.client.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copied', CopySource: `${bucket}/${encodeURIComponent(Key)}` }),
    );
    expect(CopyObjectResult?.ETag).toBe(`"${digest('md5', expected).toString('hex')}"`);
  });
});
