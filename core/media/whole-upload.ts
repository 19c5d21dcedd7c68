import type { ListedPart } from './copy.ts';
import { crc32Text, joinCrc32 } from './crc32.ts';

const numberOf = (crc32: string): number => Buffer.from(crc32, 'base64').readUInt32BE();

/** Length and checksum of what the parts will be together; undefined where one is missing in between. */
export const joinParts = (parts: readonly ListedPart[]): { bytes: number; crc32: string } | undefined => {
  if (parts.length === 0 || parts.some(({ number }, index) => number !== index + 1)) return undefined;
  let bytes = 0;
  let whole = 0;
  for (const part of parts) {
    whole = joinCrc32(whole, numberOf(part.crc32), part.bytes);
    bytes += part.bytes;
  }
  return { bytes, crc32: crc32Text(whole) };
};
