import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { fileNameOf } from '../../keys.ts';
import { copy } from '../copy.ts';
import { probeMp4, type Mp4Info } from '../mp4/probe-mp4.ts';
import { PermanentError, TransientError } from '../../step/errors.ts';
import type { MergePorts, Product } from './ports.ts';
import { readFlac, type FlacInfo } from './read-flac.ts';
import type { ObjectLabels } from '../object-head.ts';

type ReadBytes = (from: number, length: number) => Promise<Buffer>;

const withFile = async <Result>(
  path: string,
  run: (read: ReadBytes, size: number) => Promise<Result>,
): Promise<Result> => {
  const file = await open(path);
  try {
    const read = async (from: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    };
    return await run(read, (await file.stat()).size);
  } finally {
    await file.close();
  }
};

export const probeFile = (path: string): Promise<Mp4Info> => withFile(path, probeMp4);
export const probeFlac = (path: string): Promise<FlacInfo | undefined> =>
  withFile(path, async (read) => readFlac(await read(0, 64)));

/** The encoder's last frame, and what containers round; or what a long recording's clocks differ by. */
export const isAsLong = (actual: number, expected: number): boolean =>
  Math.abs(actual - expected) <= Math.max(1, expected * 0.005);

/** Success is more than an exit code: an encoder may have written half of it, and said nothing. */
export const demandLength = (what: string, actual: number | undefined, expected: number): void => {
  if (actual === undefined || !isAsLong(actual, expected))
    throw new PermanentError(
      'FILE_NOT_AS_EXPECTED',
      `${what} is ${actual?.toFixed(1) ?? '?'} s long where ${expected.toFixed(1)} s were expected`,
    );
};

/** Streams a finished file into the archive and looks at what lies there then. */
export const storeProduct = async (
  archive: MergePorts['archive'],
  { path, key, contentType }: Product,
  labels: ObjectLabels,
  signal: AbortSignal,
): Promise<void> => {
  const { size } = await stat(path);
  const body = createReadStream(path, { highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>;
  const sent = await copy(archive, body, { key, contentType, ...labels, length: size }, signal);
  const head = await archive.head(key);
  if (head?.bytes !== size || head.crc32 !== sent.crc32)
    throw new TransientError(`${fileNameOf(key)} does not lie in the archive as it was sent`);
};
