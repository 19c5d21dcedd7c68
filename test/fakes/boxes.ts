/** MP4 boxes as bytes, whether they make sense or not. */
export const box = (type: string, ...parts: readonly (Buffer | readonly number[])[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part))));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

/** A box whose header says whatever it is told to. */
export const boxSaying = (type: string, size: number | bigint, body: Buffer = Buffer.alloc(0)): Buffer => {
  const isLong = typeof size === 'bigint';
  const head = Buffer.alloc(isLong ? 16 : 8);
  head.writeUInt32BE(isLong ? 1 : size, 0);
  head.write(type, 4, 'latin1');
  if (isLong) head.writeBigUInt64BE(size, 8);
  return Buffer.concat([head, body]);
};

/** Reads a file that lies in memory, and counts. */
export const readerOf = (bytes: Buffer) => {
  const asked: number[] = [];
  return {
    asked,
    read: async (from: number, length: number): Promise<Buffer> => {
      asked.push(length);
      return bytes.subarray(from, from + length);
    },
  };
};
