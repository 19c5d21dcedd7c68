import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { packagedFunction } from '../../bench/bundles.ts';

/** Packaging takes its time where nobody did it before. */
const patience = 120_000;
/** Of the 60 kB that a page may weigh, the rest is for what it shows: the words of a long meeting. */
const mostBytes = 25_000;

describe('the built pages', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join((await packagedFunction('recordingPage')).taskRoot ?? '', 'console', 'dist');
  }, patience);
  const assets = (): string[] => readdirSync(join(folder, 'assets'));
  const documents = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.html'));
  const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');

  test('lie beside both functions that hand them out', async () => {
    const other = join((await packagedFunction('consoleAsset')).taskRoot ?? '', 'console', 'dist');
    expect(readdirSync(join(other, 'assets'))).toEqual(assets());
    expect(documents().sort()).toEqual(['message.html', 'recording.html']);
  });

  test(`weigh at most ${mostBytes / 1_000} kB, compressed`, () => {
    const files = [['recording.html'], ...assets().map((name) => ['assets', name])];
    const bytes = files.reduce((sum, path) => sum + gzipSync(text(...path)).length, 0);
    expect(bytes).toBeLessThanOrEqual(mostBytes);
  });

  test('load only files of their own, each with a digest in its name, and hold nothing inline', () => {
    for (const name of documents()) {
      const html = text(name);
      const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
      expect(loaded.length).toBeGreaterThan(0);
      for (const address of loaded) {
        expect(address).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(js|css|svg)$/);
        expect(assets()).toContain(address.slice('/assets/'.length));
      }
      expect(html).not.toMatch(/<style|style="|<script(?![^>]*\ssrc=)|\son\w+="/);
    }
  });

  test('name no address of anybody else', () => {
    const hosts = assets().flatMap((name) => text('assets', name).match(/https?:\/\/[\w.-]+/g) ?? []);
    // Names of XML, which nothing is ever asked of.
    expect(hosts.filter((host) => host !== 'http://www.w3.org')).toEqual([]);
  });
});
