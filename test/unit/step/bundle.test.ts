import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { parse } from 'yaml';

const source = `
  import * as z from 'zod';
  import { PermanentError, TransientError } from './core/step/errors.ts';
  import { step } from './core/step/step.ts';
  const errors = {
    permanent: () => new PermanentError('ZOOM_REFUSED', 'no'),
    transient: () => new TransientError('later'),
    unknown: () => new TypeError('x is undefined'),
  };
  const fail = step({
    name: 'DownloadPart',
    input: z.object({ what: z.enum(['permanent', 'transient', 'unknown']) }),
    run: async ({ what }) => { throw errors[what](); },
  });
  for (const what of [...Object.keys(errors), 'input that is refused'])
    await fail({ what }, {}).catch(({ name, message }) => console.log('RESULT ' + JSON.stringify({ name, message })));
`;

type ServerlessFile = { custom: { esbuild: { minify: boolean; target: string; banner: { js: string } } } };

/** The settings with which functions are bundled; tags of CloudFormation elsewhere in the file mean nothing here. */
const bundleSettings = async () => {
  const file = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'silent' }) as ServerlessFile;
  return file.custom.esbuild;
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the names of errors survive in the minified bundle of a step', async () => {
  const { minify, target, banner } = await bundleSettings();
  expect(minify).toBe(true);
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', mainFields: ['module', 'main'] },
    ...{ minify, target, banner },
  });
  const bundle = outputFiles[0]?.text ?? '';
  expect(bundle).not.toMatch(/class (PermanentError|TransientError) /);

  const path = join(folder, 'step.mjs');
  await writeFile(path, bundle);
  const { stdout } = await promisify(execFile)(process.execPath, [path]);
  const results = stdout.split('\n').filter((line) => line.startsWith('RESULT '));
  expect(results.map((line) => JSON.parse(line.slice(7)) as unknown)).toEqual([
    { name: 'PermanentError', message: 'ZOOM_REFUSED: no' },
    { name: 'TransientError', message: 'later' },
    { name: 'TransientError', message: 'TypeError: x is undefined' },
    { name: 'PermanentError', message: expect.stringMatching(/^BAD_INPUT: what: /) },
  ]);
});
