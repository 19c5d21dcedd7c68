import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Gateway } from '../../../local/gateway/gateway.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

let running: RunningS3;
let gateway: Gateway;
let client: S3Client;
beforeAll(async () => {
  running = await startS3();
  gateway = await startGateway({ port: 0, services: { s3: running.s3.service } });
  client = running.newClient({ endpoint: gateway.url });
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await running.discard();
});

test('behind the gateway, signed requests reach every kind of key', async () => {
  const keys = ['a b+c%', "it's (1)*!.mp4", 'a//b/', 'x/../y/./z', 'ü/日本/🎥', 'line\nfeed', '~-_.'];
  for (const Key of keys) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key, Metadata: { spaces: 'a   b' } }));
    const answer = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key, ResponseContentDisposition: 'inline; a+b' }),
    );
    expect([await answer.Body!.transformToString(), answer.ContentDisposition]).toEqual([Key, 'inline; a+b']);
  }
  const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'a ', Delimiter: '+' }));
  expect(listed.CommonPrefixes).toEqual([{ Prefix: 'a b+' }]);
});

test('behind the gateway, a stream arrives whole and its checksum is verified', async () => {
  const bytes = randomBytes(3_000_000);
  await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: 's', Body: Readable.from([bytes]), ContentLength: bytes.length }),
  );
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 's', ChecksumMode: 'ENABLED' }));
  expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(bytes)).toBe(true);
});
