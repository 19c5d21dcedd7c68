import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { filled, openBuiltPage, type BuiltPage } from '../../../core/page/built-page.ts';
import { consoleAsset } from '../../../functions/http/console-asset/console-asset.ts';

let folder: string;
let built: BuiltPage;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rapporteur-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', 'page-abc123.js'), 'let page');
  writeFileSync(join(folder, 'assets', 'notes.txt'), 'not for others');
  writeFileSync(join(folder, 'message.html'), '<h1>{{title}}</h1>{{nothing}}');
  writeFileSync(join(folder, 'secret.js'), 'not for others');
  built = openBuiltPage(pathToFileURL(`${folder}/`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (name: string) =>
  consoleAsset({ built })({
    routeKey: 'GET /assets/{name}',
    headers: {},
    query: {},
    path: { name },
    body: Buffer.alloc(0),
  });

test('a script is handed out once and for all, since its name holds what it is', async () => {
  expect(await get('page-abc123.js')).toMatchObject({
    status: 200,
    content: Buffer.from('let page'),
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    },
  });
});

test.each(['../secret.js', '..%2Fsecret.js', 'secret.js', 'notes.txt', '', '__proto__.js', 'page-old.js'])(
  '%j is not to be had',
  async (name) =>
    expect(await get(name)).toMatchObject({ status: 404, headers: { 'cache-control': 'private, no-store' } }),
);

test('a document is filled with text, never with markup', () => {
  expect(filled(built.document('message'), { title: `<b>"&'` })).toBe('<h1>&#60;b&#62;&#34;&#38;&#39;</h1>');
});
