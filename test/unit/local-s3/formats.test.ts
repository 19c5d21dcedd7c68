import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeChunks } from '../../../local/s3/chunked.ts';
import { compareKeys } from '../../../local/s3/key-order.ts';
import { recordName } from '../../../local/s3/records.ts';
import { checkKey, parsePath } from '../../../local/s3/request.ts';
import { parseTagHeader } from '../../../local/s3/tagging.ts';
import { childText, element, parseXml, text } from '../../../local/s3/xml.ts';

/** Keys as people and machines make them: any character, path tricks and all. */
const anyKey = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
    fc
      .array(fc.constantFrom('a', '/', '..', '.', ' ', '+', '%', '%2F', '\\', 'é', '🎥', '?', '#', '&'), {
        minLength: 1,
      })
      .map((parts) => parts.join('')),
  )
  .filter((key) => !key.split('/').includes('..'));

describe('names', () => {
  test('a key in a path is read as it was written', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const path = `/bucket/${key.split('/').map(encodeURIComponent).join('/')}`;
        expect(parsePath(path)).toEqual({ bucket: 'bucket', key });
      }),
    );
  });

  test('a key on disk is a plain name of its own, whatever it contains', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        expect(recordName(one)).toMatch(/^[0-9a-f]{64}\.json$/);
        expect(recordName(one) === recordName(other)).toBe(one === other);
      }),
    );
  });

  test('dots are literal as long as they stay in the bucket', () => {
    expect(checkKey('a/../b')).toBe('a/../b');
    for (const key of ['..', '../a', 'a/../../b']) expect(() => checkKey(key)).toThrow();
  });

  test('keys are ordered like their UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        expect(Math.sign(compareKeys(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      }),
    );
  });
});

describe('XML', () => {
  test('any text comes back out of the XML it was put into', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const root = parseXml(`<?xml version="1.0"?>\n${element('Root', text('Key', value), '<Empty/>')}`);
        expect([root.name, childText(root, 'Key'), childText(root, 'Empty'), childText(root, 'Other')]).toEqual([
          'Root',
          value,
          '',
          undefined,
        ]);
      }),
    );
  });

  test('what is not well-formed is refused', () => {
    const bad = [
      '',
      'x',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a>&x;</a>',
      '<a>&amp</a>',
      '<!DOCTYPE a><a/>',
      '<a b=c/>',
      '</a>',
      '<a>'.repeat(20) + '</a>'.repeat(20),
    ];
    for (const source of bad) expect(() => parseXml(source)).toThrow(SyntaxError);
  });
});

describe('aws-chunked', () => {
  test('is decoded wherever the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }),
        async (chunks, cuts) => {
          const framed = Buffer.concat([
            ...chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
            Buffer.from('0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
          ]);
          async function* pieces(): AsyncGenerator<Buffer> {
            for (let at = 0, cut = 0; at < framed.length; at += cuts[cut++ % cuts.length]!) {
              yield framed.subarray(at, at + cuts[cut % cuts.length]!);
            }
          }
          const trailers = new Map<string, string>();
          const decoded: Buffer[] = [];
          for await (const chunk of decodeChunks(pieces(), trailers)) decoded.push(chunk);
          expect(Buffer.concat(decoded).equals(Buffer.concat(chunks))).toBe(true);
          expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'AAAAAA==']]);
        },
      ),
    );
  });
});

describe('tags', () => {
  test('ten at most, each key once, no strange characters', () => {
    expect(parseTagHeader('a=1&b=two%20words')).toEqual({ a: '1', b: 'two words' });
    expect(parseTagHeader('')).toEqual({});
    const eleven = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&');
    for (const bad of [eleven, 'a=1&a=2', 'a=%3C', `${'k'.repeat(129)}=v`, `k=${'v'.repeat(257)}`]) {
      expect(() => parseTagHeader(bad)).toThrow();
    }
  });
});
