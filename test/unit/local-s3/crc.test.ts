import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CrcName } from '../../../local/s3/crc.ts';
import { combineCrc, runningCrc } from '../../../local/s3/crc.ts';

const crcOf = (name: CrcName, ...chunks: Uint8Array[]): bigint => {
  const crc = runningCrc(name);
  for (const chunk of chunks) crc.update(chunk);
  return crc.value();
};

describe('CRCs', () => {
  // Check values of the catalogue of parametrised CRC algorithms.
  test.each<[CrcName, bigint]>([
    ['CRC32', 0xcbf43926n],
    ['CRC32C', 0xe3069283n],
    ['CRC64NVME', 0xae8b14860a799888n],
  ])('%s of "123456789" is its published check value', (name, expected) => {
    expect(crcOf(name, Buffer.from('123456789'))).toBe(expected);
  });

  test.each<CrcName>(['CRC32', 'CRC32C', 'CRC64NVME'])(
    '%s does not depend on how the bytes are cut, and combines',
    (name) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (first, second) => {
          const whole = crcOf(name, Buffer.concat([first, second]));
          expect(crcOf(name, first, second)).toBe(whole);
          expect(combineCrc(name, crcOf(name, first), crcOf(name, second), second.length)).toBe(whole);
        }),
      );
    },
  );

  test('ten thousand parts of one size are combined at once', () => {
    const started = process.cpuUsage().user;
    let crc = 0n;
    for (let part = 0; part < 10_000; part++) crc = combineCrc('CRC64NVME', crc, BigInt(part), 64 * 1024 ** 2);
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(5);
    expect(crc).toBeGreaterThan(0n);
  });
});
