import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32Of, crc32Text, joinCrc32 } from '../../../core/media/crc32.ts';

describe('checksums', () => {
  test('are those of the published check value, written as S3 writes them', () => {
    expect(crc32Of(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32Text(0xcbf43926)).toBe('y/Q5Jg==');
    expect(crc32Text(0)).toBe('AAAAAA==');
  });

  test('of two pieces join to that of the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        const [first, second] = [Buffer.from(a), Buffer.from(b)];
        const joined = joinCrc32(crc32Of(first), crc32Of(second), second.length);
        expect(joined).toBe(crc32Of(Buffer.concat([first, second])));
      }),
    );
  });

  test('join over lengths beyond 32 bits as they do piece by piece', () => {
    const [first, last] = [0x12345678, 0x9abcdef0];
    const half = 5_000_000_000;
    const zeros = joinCrc32(joinCrc32(first, 0, half), 0, half);
    expect(joinCrc32(first, last, 2 * half)).toBe((zeros ^ last) >>> 0);
  });
});
