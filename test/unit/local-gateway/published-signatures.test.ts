import { describe, expect, test } from '@jest/globals';
import { sha256Hex } from '../../../local/gateway/canonical-request.ts';
import { readSignature } from '../../../local/gateway/signature.ts';
import { expectedSignature } from '../../../local/gateway/verify-signature.ts';

/** The worked examples of the Amazon S3 API Reference ("Authenticating Requests"), with the keys printed there. */
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const credential = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const empty = sha256Hex('');

const examples = [
  {
    name: 'GET object with a range',
    method: 'GET',
    target: '/test.txt',
    headers: { range: 'bytes=0-9', 'x-amz-content-sha256': empty, 'x-amz-date': '20130524T000000Z' },
    signed: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object with a dollar in its key',
    method: 'PUT',
    target: '/test$file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': sha256Hex('Welcome to Amazon S3.'),
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    signed: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    method: 'GET',
    target: '/?lifecycle',
    headers: { 'x-amz-content-sha256': empty, 'x-amz-date': '20130524T000000Z' },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET bucket list',
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: { 'x-amz-content-sha256': empty, 'x-amz-date': '20130524T000000Z' },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

describe('the published example', () => {
  test.each(examples)('$name has the signature that AWS prints', ({ method, target, headers, signed, signature }) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signed},Signature=${signature}`;
    const all = { Host: 'examplebucket.s3.amazonaws.com', ...headers, authorization };
    const request = { method, target, rawHeaders: Object.entries(all).flat() };
    const read = readSignature(request);
    expect(expectedSignature(request, read, read.payloadHash ?? '', secret).expected.toString('hex')).toBe(signature);
    expect(read.signature).toBe(signature);
  });

  test('of a presigned URL has the signature that AWS prints', () => {
    const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const query = [
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=${encodeURIComponent(credential)}`,
      'X-Amz-Date=20130524T000000Z',
      'X-Amz-Expires=86400',
      'X-Amz-SignedHeaders=host',
      `X-Amz-Signature=${signature}`,
    ].join('&');
    const request = {
      method: 'GET',
      target: `/test.txt?${query}`,
      rawHeaders: ['host', 'examplebucket.s3.amazonaws.com'],
    };
    const read = readSignature(request);
    expect(read.expires).toBe(86400);
    expect(expectedSignature(request, read, 'UNSIGNED-PAYLOAD', secret).expected.toString('hex')).toBe(signature);
  });
});
