import { crc32 } from 'node:zlib';

/** As S3 writes it: four bytes, big end first, in base64. */
export const crc32Text = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
};

/** `before`: of the bytes that stand in front of these. */
export const crc32Of = (bytes: Buffer, before = 0): number => crc32(bytes, before) >>> 0;

const polynomial = 0xedb88320;

/** Product of two polynomials modulo the CRC's own; the lowest power is the highest bit. */
const multiply = (a: number, b: number): number => {
  let product = 0;
  let factor = b;
  for (let bit = 31; bit >= 0; bit -= 1) {
    if ((a >>> bit) & 1) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return product >>> 0;
};

/** x to the power of 8 × bytes: what appending that many zero bytes does to a CRC. */
const shiftBy = (bytes: number): number => {
  let result = 0x80000000;
  let square = 0x00800000;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
};

/**
 * CRC of two pieces laid end to end, from theirs alone: the whole object's checksum costs no second pass over the
 * bytes, and parts that were copied elsewhere can be joined.
 */
export const joinCrc32 = (first: number, second: number, bytesOfSecond: number): number =>
  (multiply(shiftBy(bytesOfSecond), first) ^ second) >>> 0;
