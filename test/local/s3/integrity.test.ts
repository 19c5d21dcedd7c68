import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

const body = Buffer.from('the bytes of a recording');
const sum = (data: Uint8Array): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
};
const hash = (name: string, data: Uint8Array, encoding: 'hex' | 'base64'): string =>
  createHash(name).update(data).digest(encoding);

let running: RunningS3;
beforeAll(async () => {
  running = await startS3();
});
afterAll(async () => {
  expect(running.errors).toEqual([]);
  await running.discard();
});

/** A raw request: what the SDK would never send. */
const send = (
  method: string,
  path: string,
  headers: Record<string, string | number>,
  data: Uint8Array | string = '',
): Promise<{ status: number; code: string | undefined; text: string; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${running.endpoint}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode!,
          code: /<Code>(\w+)</.exec(text)?.[1],
          text,
          headers: response.headers,
        });
      });
    });
    request.on('error', reject);
    request.end(data);
  });

const read = async (Key: string): Promise<string> =>
  (await running.client.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body!.transformToString();
const files = async (): Promise<number> => (await readdir(join(running.folder, bucket, 'data'))).length;
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
};

describe('a body that is not what it claims to be', () => {
  beforeEach(async () => {
    await running.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'target', Body: 'the old object' }));
  });

  const chunked = (trailer: string, chunks = `${body.length.toString(16)}\r\n${body.toString()}\r\n0\r\n`) =>
    [
      {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': body.length,
        'x-amz-trailer': 'x-amz-checksum-crc32',
        'content-encoding': 'aws-chunked',
      },
      `${chunks}${trailer}\r\n`,
    ] as const;
  const [streaming] = chunked('');

  test.each<[string, string, Record<string, string | number>, (string | Uint8Array)?]>([
    [
      'another SHA-256 than signed',
      'XAmzContentSHA256Mismatch',
      { 'x-amz-content-sha256': hash('sha256', Buffer.from('x'), 'hex') },
    ],
    ['another MD5', 'BadDigest', { 'content-md5': hash('md5', Buffer.from('x'), 'base64') }],
    ['an MD5 that is none', 'InvalidDigest', { 'content-md5': 'abc' }],
    ['another CRC32', 'BadDigest', { 'x-amz-checksum-crc32': sum(Buffer.from('x')) }],
    ['another CRC64NVME', 'BadDigest', { 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }],
    ['a checksum that is none', 'InvalidRequest', { 'x-amz-checksum-crc32': 'AAAA' }],
    [
      'two checksums',
      'InvalidRequest',
      { 'x-amz-checksum-crc32': sum(body), 'x-amz-checksum-sha1': hash('sha1', body, 'base64') },
    ],
    ['an announced checksum that is missing', 'InvalidRequest', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }],
    [
      'an unknown payload kind',
      'NotImplemented',
      { 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' },
    ],
    ['a payload kind that is none', 'InvalidArgument', { 'x-amz-content-sha256': 'nonsense' }],
    ['a wrong checksum in the trailer', 'BadDigest', ...chunked(`x-amz-checksum-crc32:${sum(Buffer.from('x'))}\r\n`)],
    ['no checksum in the trailer', 'MalformedTrailerError', ...chunked('')],
    ['another trailer than announced', 'MalformedTrailerError', ...chunked('x-amz-checksum-sha1:x\r\n')],
    ['a trailer that is no checksum', 'InvalidRequest', ...chunked('x-amz-checksum-crc32:abc\r\n')],
    [
      'fewer bytes than announced',
      'IncompleteBody',
      ...chunked(`x-amz-checksum-crc32:${sum(body.subarray(0, 4))}\r\n`, '4\r\nthe \r\n0\r\n'),
    ],
    ['more bytes than announced', 'IncompleteBody', ...chunked('', `40\r\n${'x'.repeat(64)}\r\n0\r\n`)],
    ['a chunk longer than its header', 'InvalidRequest', ...chunked('', `4\r\n${body.toString()}\r\n0\r\n`)],
    ['no framing at all', 'InvalidRequest', streaming, Buffer.from('plain\r\nbytes')],
    ['no last chunk', 'IncompleteBody', streaming, `${body.length.toString(16)}\r\n${body.toString()}\r\n`],
    ['bytes behind the trailer', 'MalformedTrailerError', ...chunked(`x-amz-checksum-crc32:${sum(body)}\r\n\r\nmore`)],
    ['a metadata header too many', 'MetadataTooLarge', { 'x-amz-meta-a': 'x'.repeat(2048) }],
    ['a header nobody knows', 'NotImplemented', { 'x-amz-object-lock-mode': 'GOVERNANCE' }],
    ['a foreign key for encryption', 'NotImplemented', { 'x-amz-server-side-encryption': 'aws:kms' }],
    ['a public ACL', 'AccessControlListNotSupported', { 'x-amz-acl': 'public-read' }],
    ['another owner in mind', 'AccessDenied', { 'x-amz-expected-bucket-owner': '111111111111' }],
  ])('%s is refused with %s, and the old object stays', async (_what, code, headers, data = body) => {
    const before = await files();
    const answer = await send('PUT', `/${bucket}/target`, { 'content-length': data.length, ...headers }, data);
    expect([answer.code, answer.headers['x-amz-request-id']]).toEqual([code, expect.stringMatching(/^[0-9A-F]{16}$/)]);
    expect(await read('target')).toBe('the old object');
    await until(async () => (await files()) === before);
  });

  test('chunks signed one by one are decoded, and trailers with a signature too', async () => {
    const signature = `chunk-signature=${'a'.repeat(64)}`;
    const framed = `${body.length.toString(16)};${signature}\r\n${body.toString()}\r\n0;${signature}\r\n`;
    const signed = { 'x-amz-decoded-content-length': body.length, 'content-encoding': 'aws-chunked' };
    const plain = await send(
      'PUT',
      `/${bucket}/signed`,
      { ...signed, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      `${framed}\r\n`,
    );
    expect([plain.status, await read('signed')]).toEqual([200, body.toString()]);
    const trailer = `x-amz-checksum-crc32:${sum(body)}\r\nx-amz-trailer-signature:${'b'.repeat(64)}\r\n\r\n`;
    const headers = {
      ...signed,
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };
    const trailed = await send('PUT', `/${bucket}/trailed`, headers, framed + trailer);
    expect([trailed.status, trailed.headers['x-amz-checksum-crc32']]).toEqual([200, sum(body)]);
  });

  test('a body whose connection breaks leaves nothing behind', async () => {
    const before = await files();
    const socket = connect(Number(new URL(running.endpoint).port), '127.0.0.1');
    socket.write(`PUT /${bucket}/target HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n\r\n`);
    socket.write(randomBytes(1_500_000));
    await until(async () => (await files()) > before);
    socket.destroy();
    await until(async () => (await files()) === before);
    expect(await read('target')).toBe('the old object');
  });

  test('a body of unknown length is refused as S3 refuses it', async () => {
    const answer = await send('PUT', `/${bucket}/target`, { 'transfer-encoding': 'chunked' }, body);
    expect(answer.text).toContain('<Code>NotImplemented</Code>');
    expect(answer.text).toContain('<Header>Transfer-Encoding</Header>');
    const streamed = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'transfer-encoding': 'chunked' };
    expect((await send('PUT', `/${bucket}/target`, streamed, body)).code).toBe('MissingContentLength');
  });

  test('more than 5 GiB in one piece is refused before it is sent', async () => {
    const headers = {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': 5 * 1024 ** 3 + 1,
    };
    expect((await send('PUT', `/${bucket}/target`, headers)).code).toBe('EntityTooLarge');
  });

  test('a wrong checksum from the SDK itself is an error of the SDK', async () => {
    const input = {
      Bucket: bucket,
      Key: 'target',
      Body: body,
      ChecksumSHA256: hash('sha256', Buffer.from('x'), 'base64'),
    };
    await expect(running.client.send(new PutObjectCommand(input))).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(
      running.client.send(new UploadPartCommand({ ...input, UploadId: 'none', PartNumber: 1 })),
    ).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('what this stand-in does not do', () => {
  test.each([
    ['GET', `/${bucket}?acl`, 'NotImplemented'],
    ['PUT', `/${bucket}?policy`, 'NotImplemented'],
    ['PUT', `/${bucket}?notification`, 'NotImplemented'],
    ['GET', `/${bucket}?lifecycle`, 'NotImplemented'],
    ['GET', `/${bucket}/a?attributes`, 'NotImplemented'],
    ['POST', `/${bucket}/a?select`, 'NotImplemented'],
    ['POST', `/${bucket}`, 'NotImplemented'],
    ['PUT', '/', 'MethodNotAllowed'],
    ['GET', `/${bucket}/%ff`, 'InvalidURI'],
    ['PUT', '/Not_A_Bucket', 'InvalidBucketName'],
    ['GET', '/no-such-bucket', 'NoSuchBucket'],
  ])('%s %s is refused with %s', async (method, path, code) => {
    const answer = await send(method, path, {});
    expect([answer.code, answer.headers['content-type']]).toEqual([code, 'application/xml']);
  });

  test('a header that HTTP cannot carry is refused, and not half sent', async () => {
    await send('PUT', `/${bucket}/named`, {}, body);
    const answer = await send('GET', `/${bucket}/named?response-content-disposition=%F0%9F%8E%A5`, {});
    expect([answer.status, answer.code]).toEqual([400, 'InvalidArgument']);
  });

  test('metadata in a presigned address counts, and comes back as S3 encodes it', async () => {
    await send('PUT', `/${bucket}/signed?X-Amz-Meta-Title=Gr%C3%BC%C3%9Fe&X-Amz-Signature=x`, {}, body);
    const { headers } = await send('HEAD', `/${bucket}/signed`, {});
    expect(headers['x-amz-meta-title']).toBe('=?UTF-8?B?R3LDvMOfZQ==?=');
  });

  test('XML that is none is told so', async () => {
    for (const text of [
      '',
      '<Delete>',
      '<Delete></Other>',
      '<!DOCTYPE x><Delete/>',
      '<Other/>',
      '<Delete>&x;</Delete>',
    ]) {
      const headers = { 'content-md5': hash('md5', Buffer.from(text), 'base64'), 'content-length': text.length };
      expect((await send('POST', `/${bucket}?delete`, headers, text)).code).toBe('MalformedXML');
    }
    expect((await send('POST', `/${bucket}?delete`, {}, '<Delete/>')).code).toBe('InvalidRequest');
  });
});
