import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that are made when they are read, so that a file of many GB costs no memory. `end` is exclusive. */
export type Content = {
  readonly length: number;
  read(start: number, end: number): Iterable<Buffer>;
};

const PIECE = 256 * 1024;

/** Served as it is; for headers and small files. */
export const bytes = (buffer: Buffer): Content => ({
  length: buffer.length,
  *read(start, end) {
    if (end > start) yield buffer.subarray(start, end);
  },
});

/** The same bytes over and over. */
export const repeated = (pattern: Buffer, times: number): Content => ({
  length: pattern.length * times,
  *read(start, end) {
    const perPiece = Math.max(1, Math.floor(PIECE / pattern.length));
    const piece = Buffer.concat(Array.from({ length: Math.min(perPiece, times) }, () => pattern));
    for (let at = start; at < end;) {
      const offset = at % piece.length;
      const taken = piece.subarray(offset, Math.min(piece.length, offset + end - at));
      yield taken;
      at += taken.length;
    }
  },
});

let noiseBlock: Buffer | undefined;

/**
 * Incompressible filler. Every piece is a copy of one block, stamped with the seed and its own index: a piece that
 * ends up at the wrong place or in the wrong file changes the checksum, and a GB costs little more than its copying.
 */
export const noise = (seed: string, length: number): Content => {
  const stamp = createHash('sha256').update(seed).digest().subarray(0, 8);
  return {
    length,
    *read(start, end) {
      noiseBlock ??= createCipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16)).update(Buffer.alloc(PIECE));
      for (let at = start; at < end;) {
        const index = Math.floor(at / PIECE);
        const piece = Buffer.from(noiseBlock);
        stamp.copy(piece, 0);
        piece.writeBigUInt64BE(BigInt(index), 8);
        const offset = at - index * PIECE;
        const taken = piece.subarray(offset, Math.min(PIECE, offset + end - at));
        yield taken;
        at += taken.length;
      }
    },
  };
};

export const sequence = (...parts: readonly Content[]): Content => ({
  length: parts.reduce((sum, part) => sum + part.length, 0),
  *read(start, end) {
    let base = 0;
    for (const part of parts) {
      const from = Math.max(0, start - base);
      const to = Math.min(part.length, end - base);
      if (from < to) yield* part.read(from, to);
      base += part.length;
    }
  },
});

/** The checksum that a faithful copy has. */
export const sha256Of = (content: Content): string => {
  const hash = createHash('sha256');
  for (const piece of content.read(0, content.length)) hash.update(piece);
  return hash.digest('hex');
};
