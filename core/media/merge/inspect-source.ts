import { fileNameOf } from '../../keys.ts';
import { bytesToCheck, checkIsMp4 } from '../ffmpeg/inputs.ts';
import type { ReadRange } from '../ffmpeg/range-proxy.ts';
import { probeMp4, type Mp4Info } from '../mp4/probe-mp4.ts';
import type { Source } from './ports.ts';

/** What an object says of itself, after a look at its first bytes. */
export const inspectSource = async (read: ReadRange, { key, bytes }: Source, signal: AbortSignal): Promise<Mp4Info> => {
  const readBytes = async (from: number, length: number): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of read(key, from, from + length - 1, signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  checkIsMp4(fileNameOf(key), bytes === 0 ? Buffer.alloc(0) : await readBytes(0, Math.min(bytesToCheck, bytes)));
  return probeMp4(readBytes, bytes);
};
