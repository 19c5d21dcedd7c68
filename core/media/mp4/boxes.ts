import { PermanentError, TransientError } from '../../step/errors.ts';

/** Reads bytes of the file: exactly as many as asked for, which always lie inside it. */
export type ReadBytes = (from: number, length: number) => Promise<Buffer>;

/** A box of the file; `from` to `to` is what it holds, without its header. */
export type Box = { readonly type: string; readonly from: number; readonly to: number };

/** What may be asked of the bytes of one file; everything is bounded, since anybody may have written them. */
export type Mp4Reader = {
  bytes(from: number, length: number): Promise<Buffer>;
  /** The boxes between two places, in order. */
  boxes(from: number, to: number): AsyncGenerator<Box>;
  readonly size: number;
};

export const notAnMp4 = (detail: string): PermanentError =>
  new PermanentError('FILE_NOT_AS_EXPECTED', `not a readable MP4: ${detail}`);

/** One read is a request to S3: small boxes that lie together are read together. */
const windowBytes = 65_536;
/** No table is read whole; the largest thing that is wanted is a list of parameter sets. */
const mostBytesAtOnce = 1_048_576;
const mostReads = 10_000;
const mostBytes = 268_435_456;
const mostBoxes = 100_000;

const headerBytes = 8;
const longHeaderBytes = 16;

export const mp4Reader = (read: ReadBytes, size: number): Mp4Reader => {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  let reads = 0;
  let total = 0;
  let seen = 0;

  const bytes = async (from: number, length: number): Promise<Buffer> => {
    if (length > mostBytesAtOnce) throw notAnMp4(`a header of ${length} bytes`);
    if (from + length > size) throw notAnMp4('it ends in the middle of a box');
    if (from < start || from + length > start + window.length) {
      const wanted = Math.min(Math.max(length, windowBytes), size - from);
      reads += 1;
      total += wanted;
      if (reads > mostReads || total > mostBytes) throw notAnMp4('its boxes are scattered over too many places');
      const got = await read(from, wanted);
      if (got.length !== wanted) throw new TransientError(`${got.length} of ${wanted} bytes of a file could be read`);
      start = from;
      window = got;
    }
    return window.subarray(from - start, from - start + length);
  };

  async function* boxes(from: number, to: number): AsyncGenerator<Box> {
    // What is shorter than a header is padding.
    for (let at = from; at + headerBytes <= to;) {
      seen += 1;
      if (seen > mostBoxes) throw notAnMp4('it has too many boxes');
      const box = await header(at, to);
      yield box;
      at = box.to;
    }
  }

  const header = async (at: number, to: number): Promise<Box> => {
    const head = await bytes(at, headerBytes);
    const type = head.toString('latin1', 4, 8);
    const short = head.readUInt32BE(0);
    // 0: up to the end of what holds it.
    if (short === 0) return { type, from: at + headerBytes, to };
    if (short === 1 && at + longHeaderBytes > to) throw notAnMp4(`the box "${printable(type)}" is cut`);
    const long = short === 1 ? (await bytes(at, longHeaderBytes)).readBigUInt64BE(8) : BigInt(short);
    const headed = short === 1 ? longHeaderBytes : headerBytes;
    if (long < BigInt(headed)) throw notAnMp4(`the box "${printable(type)}" says it has ${long} bytes`);
    if (long > BigInt(to - at))
      throw notAnMp4(`the box "${printable(type)}" is ${long - BigInt(to - at)} bytes longer than what holds it`);
    return { type, from: at + headed, to: at + Number(long) };
  };

  return { bytes, boxes, size };
};

const printable = (type: string): string => type.replace(/[^ -~]/g, '?');
