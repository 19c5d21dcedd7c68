import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

type Check = {
  complaintAbout: (path: string, arch: string) => string | undefined;
  complaintAboutLayer: (arch: string, folder?: string) => string | undefined;
  sha256Of: (path: string) => string;
};
const require = createRequire(import.meta.url);
const { complaintAbout, complaintAboutLayer, sha256Of } = require('../../layers/ffmpeg/check-binary.cjs') as Check;
const Plugin = require('../../layers/ffmpeg/layer.cjs') as new (serverless: object) => object;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The beginning of a program for Linux, as far as it is looked at. */
const elf = ({ machine = 0xb7, bits = 2, header = 1 } = {}): Buffer => {
  const bytes = Buffer.alloc(64 + 56);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes[4] = bits;
  bytes[5] = 1;
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(header, 64);
  return bytes;
};
const write = (bytes: Buffer): string => {
  const path = join(folder, 'bin', 'ffmpeg');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};

describe('a binary for the layer', () => {
  test('is a static program of the architecture that the functions have', () => {
    expect(complaintAbout(write(elf()), 'arm64')).toBeUndefined();
    expect(complaintAbout(write(elf({ machine: 0x3e })), 'x64')).toBeUndefined();
  });

  test.each<[string, Buffer, RegExp]>([
    ['of the other architecture', elf({ machine: 0x3e }), /is for x64, and the functions run on arm64/],
    ['of an unknown machine', elf({ machine: 0x08 }), /machine 8/],
    ['of 32 bits', elf({ bits: 1 }), /64-bit/],
    ['that needs shared libraries', elf({ header: 3 }), /static/],
    ['of macOS', Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(100)]), /no program for Linux/],
    ['that is empty', Buffer.alloc(0), /no program for Linux/],
  ])('%s is refused', (_what, bytes, reason) => {
    expect(complaintAbout(write(bytes), 'arm64')).toMatch(reason);
  });
});

describe('the layer', () => {
  test('that is not built says in one sentence what to run', () => {
    const complaint = complaintAboutLayer('arm64', folder) ?? '';
    expect(complaint).toContain('`npm run layer:ffmpeg`');
    expect(complaint.match(/\.(\s|$)/g)).toHaveLength(1);
  });

  test('that was built for another architecture, or changed since, is not deployed', () => {
    const sha256 = sha256Of(write(elf()));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ sha256 }));
    expect(complaintAboutLayer('arm64', folder)).toBeUndefined();
    expect(complaintAboutLayer('x64', folder)).toMatch(/--arch x64/);
    write(Buffer.concat([elf(), Buffer.from('more')]));
    expect(complaintAboutLayer('arm64', folder)).toMatch(/not the one that was built/);
  });

  test('is asked for by a deploy alone', () => {
    const serverless = (commands: string[]) => ({
      processedInput: { commands },
      // No folder holds a layer for this one.
      configurationInput: { provider: { architecture: 'of-nobody' } },
      classes: { Error },
    });
    expect(() => new Plugin(serverless(['package']))).not.toThrow();
    expect(() => new Plugin(serverless(['deploy', 'function']))).not.toThrow();
    expect(() => new Plugin(serverless(['deploy']))).toThrow(/npm run layer:ffmpeg/);
  });

  test('is pinned to the version of the package that npm installs', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      optionalDependencies: Record<string, string>;
    };
    const pinned = JSON.parse(readFileSync('layers/ffmpeg/pinned.json', 'utf8')) as { package: string };
    expect(pinned.package).toBe(`ffmpeg-static@${optionalDependencies['ffmpeg-static']}`);
  });
});
