import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

import { expect, test } from '@jest/globals';

import { readZip, unzipTo } from '../../../local/template/unzip.ts';

interface Entry {
  readonly path: string;
  readonly content: string;
  readonly method?: number;
  readonly sum?: number;
}

/** A zip archive as the format's specification describes it, with a longer extra field in front of the files than in the directory. */
const zip = (entries: readonly Entry[], comment = ''): Buffer => {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, method = 8, sum = crc32(content) } of entries) {
    const name = Buffer.from(path);
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(sum, 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(Buffer.byteLength(content), 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    const file = Buffer.concat([local, name, Buffer.alloc(4), packed]);
    files.push(file);
    directory.push(entry, name);
    offset += file.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...files, listing, end, Buffer.from(comment)]);
};

test('packed and plain files come out as they went in, folders are left out', () => {
  const archive = zip([
    { path: 'functions/', content: '', method: 0 },
    { path: 'functions/größe.mjs', content: 'x'.repeat(100_000) },
    { path: 'plain.txt', content: 'plain', method: 0 },
    { path: 'empty', content: '' },
  ]);
  expect(readZip(archive).map(({ path, content }) => [path, content.length, content.toString()[0]])).toEqual([
    ['functions/größe.mjs', 100_000, 'x'],
    ['plain.txt', 5, 'p'],
    ['empty', 0, undefined],
  ]);
  expect(readZip(zip([{ path: 'a', content: 'b' }], 'a comment at the end'))).toHaveLength(1);
});

test.each([
  ['no archive', Buffer.from('hello'), 'This is no zip archive'],
  ['one that was cut short', zip([{ path: 'a', content: 'b' }]).subarray(0, -22), 'This is no zip archive'],
  [
    'a wrong checksum',
    zip([{ path: 'a', content: 'b', sum: 1 }]),
    'a: the checksum in the zip archive does not match.',
  ],
  ['an unknown method', zip([{ path: 'a', content: 'b', method: 12 }]), 'a: the zip method 12 is not supported.'],
])('%s is refused', (_what, archive, message) => {
  expect(() => readZip(archive)).toThrow(message);
});

test('files are written below the folder and nowhere else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-unzip-'));
  try {
    unzipTo(zip([{ path: 'a/b/c.txt', content: 'deep' }]), join(folder, 'in'));
    expect(readFileSync(join(folder, 'in/a/b/c.txt'), 'utf8')).toBe('deep');
    for (const path of ['../out.txt', 'a/../../out.txt', '/tmp/out.txt', 'C:\\out.txt']) {
      expect(() => unzipTo(zip([{ path, content: 'x' }]), join(folder, 'in'))).toThrow('leads out of the zip archive');
    }
    expect(existsSync(join(folder, 'out.txt'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
