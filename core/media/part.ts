import { crc32Of, crc32Text } from './crc32.ts';

/**
 * A part on its way into the bucket, which may be sent while it still arrives: what is passed on while the processor
 * has it in its cache costs a fifth less. It stays until the bucket has all of it, so that it can be sent once more.
 */
export type Part = {
  readonly number: number;
  readonly length: number;
  /** Bytes from there on, as soon as there are some. Throws what keeps the rest from coming. */
  readonly from: (at: number) => Promise<Buffer>;
  /** Of all of it, in base64, so not before it is there. */
  readonly crc32: () => string;
};

type Growth = {
  /** So far it has come, with this checksum. */
  readonly grow: (until: number, crc: number) => void;
  readonly fail: (error: unknown) => void;
};

/** The buffer is the part's own until the bucket has it. */
export const growingPart = (number: number, bytes: Buffer): Part & Growth => {
  let filled = 0;
  let checksum = 0;
  let failure: Error | undefined;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const go of woken) go();
  };
  return {
    number,
    length: bytes.length,
    from: async (at) => {
      while (filled <= at && !failure) await new Promise<void>((resolve) => waiting.push(resolve));
      if (failure) throw failure;
      return bytes.subarray(at, filled);
    },
    crc32: () => crc32Text(checksum),
    grow: (until, crc) => {
      filled = until;
      checksum = crc;
      wake();
    },
    fail: (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
      wake();
    },
  };
};

/** A part of which every byte is there. */
export const wholePart = (number: number, bytes: Buffer, crc = crc32Of(bytes)): Part => {
  const part = growingPart(number, bytes);
  part.grow(bytes.length, crc);
  return part;
};
