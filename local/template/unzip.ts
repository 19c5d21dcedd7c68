import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

/** Offsets and signatures of the zip format; all numbers in it are little-endian. */
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly path: string;
  readonly content: Buffer;
}

/** The files of a zip archive, checked against their checksums. No zip64 and no encryption: Lambda takes neither. */
export const readZip = (archive: Buffer): ZipEntry[] => {
  const end = archive.lastIndexOf(signature(END_OF_DIRECTORY));
  if (end < 0) throw new Error('This is no zip archive, or it was cut short.');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('The directory of the zip archive is damaged.');
    const method = archive.readUInt16LE(at + 10);
    const sum = archive.readUInt32LE(at + 16);
    const size = archive.readUInt32LE(at + 20);
    const [pathLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      archive.readUInt16LE(at + offset),
    ) as [number, number, number];
    const header = archive.readUInt32LE(at + 42);
    const path = archive.toString('utf8', at + 46, at + 46 + pathLength);
    at += 46 + pathLength + extraLength + commentLength;
    if (path.endsWith('/')) continue;
    // The local header repeats the lengths, and its extra field may be longer than the directory's.
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const packed = archive.subarray(start, start + size);
    if (method !== STORED && method !== DEFLATED)
      throw new Error(`${path}: the zip method ${method} is not supported.`);
    const content = method === STORED ? packed : inflateRawSync(packed);
    if (crc32(content) !== sum) throw new Error(`${path}: the checksum in the zip archive does not match.`);
    entries.push({ path, content });
  }
  return entries;
};

export const unzipTo = (archive: Buffer, folder: string): void => {
  for (const { path, content } of readZip(archive)) {
    const relative = normalize(path);
    if (relative.startsWith('..') || /^([/\\]|[A-Za-z]:)/.test(relative))
      throw new Error(`${path}: leads out of the zip archive.`);
    const file = join(folder, relative);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
};

const signature = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
