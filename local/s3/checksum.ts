import { createHash } from 'node:crypto';
import { s3Error } from './errors.ts';
import type { CrcName } from './crc.ts';
import { combineCrc, crcBytes, isCrc, runningCrc } from './crc.ts';

export const checksumNames = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumName = (typeof checksumNames)[number];
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum as S3 shows it: Base64, and `-N` behind it when it is the checksum of the N parts' checksums. */
export interface Checksum {
  name: ChecksumName;
  value: string;
  type: ChecksumType;
}

export const checksumHeader = (name: ChecksumName): string => `x-amz-checksum-${name.toLowerCase()}`;
export const checksumElement = (name: ChecksumName): string => `Checksum${name}`;

const lengths: Record<ChecksumName, number> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

export const parseChecksumName = (given: string): ChecksumName => {
  const name = checksumNames.find((candidate) => candidate === given.toUpperCase());
  if (name) return name;
  throw s3Error(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${checksumNames.join(', ')}]`,
  );
};

export const isChecksumValue = (name: ChecksumName, value: string): boolean =>
  Buffer.from(value, 'base64').length === lengths[name] && Buffer.from(value, 'base64').toString('base64') === value;

export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  digest(): string;
}

const encodeCrc = (name: CrcName, crc: bigint): string =>
  Buffer.from(crc.toString(16).padStart(crcBytes(name) * 2, '0'), 'hex').toString('base64');

export const runningChecksum = (name: ChecksumName): RunningChecksum => {
  if (!isCrc(name)) {
    const hash = createHash(name.toLowerCase());
    return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
  }
  const crc = runningCrc(name);
  return { update: (chunk) => crc.update(chunk), digest: () => encodeCrc(name, crc.value()) };
};

const decodeCrc = (value: string): bigint => BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);

/** The checksum of a multipart object from those of its parts, in O(parts). */
export const combineChecksums = (
  name: ChecksumName,
  type: ChecksumType,
  parts: readonly { value: string; size: number }[],
): Checksum => {
  if (type === 'COMPOSITE') {
    const running = runningChecksum(name);
    for (const part of parts) running.update(Buffer.from(part.value, 'base64'));
    return { name, type, value: `${running.digest()}-${parts.length}` };
  }
  if (!isCrc(name)) throw s3Error('InvalidRequest', fullObjectOnlyForCrc(name));
  const crc = parts.reduce((sum, part) => combineCrc(name, sum, decodeCrc(part.value), part.size), 0n);
  return { name, type, value: encodeCrc(name, crc) };
};

export const fullObjectOnlyForCrc = (name: ChecksumName): string =>
  `The FULL_OBJECT checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`;
