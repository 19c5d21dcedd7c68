import { crc32 as nativeCrc32 } from 'node:zlib';

/** A running CRC. The value is a bigint so that 32 and 64 bits share one shape; it is built once per digest, never per byte. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  value(): bigint;
}

// Reflected polynomials. All three CRCs start and end with all bits inverted.
const polynomials = {
  CRC32: { width: 32, reflected: 0xedb88320n },
  CRC32C: { width: 32, reflected: 0x82f63b78n },
  CRC64NVME: { width: 64, reflected: 0x9a6c9329ac4bc9b5n },
} as const;
export type CrcName = keyof typeof polynomials;
export const isCrc = (name: string): name is CrcName => name in polynomials;
export const crcBytes = (name: CrcName): number => polynomials[name].width / 8;

/** Eight tables of 256 entries (slicing by eight), each entry split in two 32-bit halves, since bigint arithmetic per byte would be a hundred times slower. */
const sliceTables = (reflected: bigint): { low: Uint32Array; high: Uint32Array } => {
  const entries: bigint[] = [];
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ reflected : crc >> 1n;
    entries.push(crc);
  }
  for (let index = 256; index < 8 * 256; index++) {
    const before = entries[index - 256]!;
    entries.push((before >> 8n) ^ entries[Number(before & 0xffn)]!);
  }
  return {
    low: Uint32Array.from(entries, (entry) => Number(entry & 0xffffffffn)),
    high: Uint32Array.from(entries, (entry) => Number(entry >> 32n)),
  };
};

const lazy = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};
const crc32cTables = lazy(() => sliceTables(polynomials.CRC32C.reflected).low);
const crc64Tables = lazy(() => sliceTables(polynomials.CRC64NVME.reflected));

const runningCrc32 = (): RunningCrc => {
  let crc = 0;
  return {
    update: (chunk) => void (crc = nativeCrc32(chunk, crc)),
    value: () => BigInt(crc),
  };
};

const runningCrc32c = (): RunningCrc => {
  const table = crc32cTables();
  let crc = 0xffffffff;
  return {
    update(b) {
      let c = crc;
      let i = 0;
      for (const end = b.length - 7; i < end; i += 8) {
        c ^= b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
        c =
          table[1792 + (c & 255)]! ^
          table[1536 + ((c >>> 8) & 255)]! ^
          table[1280 + ((c >>> 16) & 255)]! ^
          table[1024 + (c >>> 24)]! ^
          table[768 + b[i + 4]!]! ^
          table[512 + b[i + 5]!]! ^
          table[256 + b[i + 6]!]! ^
          table[b[i + 7]!]!;
      }
      for (; i < b.length; i++) c = (c >>> 8) ^ table[(c ^ b[i]!) & 255]!;
      crc = c;
    },
    value: () => BigInt(~crc >>> 0),
  };
};

const runningCrc64 = (): RunningCrc => {
  const { low: tl, high: th } = crc64Tables();
  let low = -1;
  let high = -1;
  return {
    update(b) {
      let l = low;
      let h = high;
      let i = 0;
      for (const end = b.length - 7; i < end; i += 8) {
        l ^= b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
        h ^= b[i + 4]! | (b[i + 5]! << 8) | (b[i + 6]! << 16) | (b[i + 7]! << 24);
        const a0 = 1792 + (l & 255);
        const a1 = 1536 + ((l >>> 8) & 255);
        const a2 = 1280 + ((l >>> 16) & 255);
        const a3 = 1024 + (l >>> 24);
        const a4 = 768 + (h & 255);
        const a5 = 512 + ((h >>> 8) & 255);
        const a6 = 256 + ((h >>> 16) & 255);
        const a7 = h >>> 24;
        l = tl[a0]! ^ tl[a1]! ^ tl[a2]! ^ tl[a3]! ^ tl[a4]! ^ tl[a5]! ^ tl[a6]! ^ tl[a7]!;
        h = th[a0]! ^ th[a1]! ^ th[a2]! ^ th[a3]! ^ th[a4]! ^ th[a5]! ^ th[a6]! ^ th[a7]!;
      }
      for (; i < b.length; i++) {
        const at = (l ^ b[i]!) & 255;
        l = ((l >>> 8) | (h << 24)) ^ tl[at]!;
        h = (h >>> 8) ^ th[at]!;
      }
      low = l;
      high = h;
    },
    value: () => (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0),
  };
};

export const runningCrc = (name: CrcName): RunningCrc => {
  if (name === 'CRC32') return runningCrc32();
  return name === 'CRC32C' ? runningCrc32c() : runningCrc64();
};

/** Product of two polynomials modulo the CRC's own, in reflected bit order: the highest bit is x^0. */
const multiply = (a: bigint, b: bigint, name: CrcName): bigint => {
  const { width, reflected } = polynomials[name];
  let product = 0n;
  let factor = b;
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ reflected : factor >> 1n;
  }
  return product;
};

// Parts of one upload have one length, so the last answer is nearly always the next one.
const shifts = new Map<CrcName, { bytes: number; shift: bigint }>();

/** x^(8 * bytes): what multiplying by it does to a CRC equals appending that many zero bytes. */
const shiftBy = (bytes: number, name: CrcName): bigint => {
  const known = shifts.get(name);
  if (known?.bytes === bytes) return known.shift;
  const { width } = polynomials[name];
  let shift = 1n << BigInt(width - 1);
  let power = 1n << BigInt(width - 9); // x^8
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(shift, power, name);
    power = multiply(power, power, name);
  }
  shifts.set(name, { bytes, shift });
  return shift;
};

/** The CRC of A followed by B, from the CRCs of both and the length of B: no byte is read again. */
export const combineCrc = (name: CrcName, first: bigint, second: bigint, secondBytes: number): bigint =>
  multiply(shiftBy(secondBytes, name), first, name) ^ second;
