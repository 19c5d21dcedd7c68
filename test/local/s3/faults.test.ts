import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createS3Faults } from '../../../local/s3/faults.ts';
import { bucket, startS3, type RunningS3 } from './start-s3.ts';

let running: RunningS3;
let stop: () => Promise<void>;
let client: RunningS3['client'];
const faults = createS3Faults();

beforeEach(async () => {
  running = await startS3();
  const service = faults.around(running.s3.service);
  const server = createServer((request, response) => {
    void service(request, response, new URL('http://127.0.0.1/'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = running.newClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await running.discard();
  };
});
afterEach(async () => {
  faults.clear();
  await stop();
});

const put = (Key: string, text: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: text }));
const body = async (Key: string): Promise<string | undefined> =>
  (await client.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString();

test('S3 says SlowDown once, by its real status and name, and has done nothing', async () => {
  faults.inject({ operation: 'PutObject', effect: { kind: 'slowDown' }, times: 1 });
  await expect(put('one', 'text')).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
  await expect(body('one')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await put('one', 'text');
  expect(await body('one')).toBe('text');
});

test('S3 breaks the connection within the body of the second part of one key', async () => {
  const start = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'a/big.mp4' }));
  const part = (PartNumber: number) =>
    client.send(
      new UploadPartCommand({
        ...{ Bucket: bucket, Key: 'a/big.mp4', UploadId: start.UploadId, PartNumber },
        Body: Buffer.alloc(6_000_000, PartNumber),
      }),
    );
  const effect = { kind: 'reset', afterBytes: 1_000_000 } as const;
  const fault = faults.inject({ operation: 'UploadPart', keyEnd: 'big.mp4', partNumber: 2, effect, times: 1 });
  await part(1);
  await expect(part(2)).rejects.toThrow(/ECONNRESET|EPIPE|hang up/);
  const listed = await client.send(
    new ListPartsCommand({ Bucket: bucket, Key: 'a/big.mp4', UploadId: start.UploadId }),
  );
  expect(listed.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1]);
  expect(fault.hits).toBe(1);
  await part(2);
});

test.each(['500', 'reset'] as const)('S3 completes an upload and the answer is lost (%s)', async (as) => {
  const about = { Bucket: bucket, Key: 'completed' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(about));
  const part = { ...about, UploadId, PartNumber: 1 };
  const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'the whole' }));
  faults.inject({ operation: 'CompleteMultipartUpload', effect: { kind: 'lostAnswer', as }, times: 1 });
  const complete = () =>
    client.send(
      new CompleteMultipartUploadCommand({ ...about, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
    );
  await expect(complete()).rejects.toThrow();
  expect(await client.send(new HeadObjectCommand(about))).toMatchObject({ ContentLength: 9 });
  await expect(complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('an answer can only be lost where something was done', () => {
  const effect = { kind: 'lostAnswer', as: '500' } as const;
  expect(() => faults.inject({ operation: 'HeadObject', effect })).toThrow(/HeadObject/);
});
