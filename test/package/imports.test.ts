import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** What lies under these folders is looked at; `bench` may not exist yet. */
const roots = ['functions', 'core', 'statemachines', 'local', 'test', 'container', 'console', 'bench'];

const sources = (readdirSync('.', { withFileTypes: true }) as { name: string; isDirectory(): boolean }[])
  .filter((one) => one.isDirectory() && roots.includes(one.name))
  .flatMap(({ name }) =>
    (readdirSync(name, { recursive: true }) as string[])
      .filter((file) => /\.(tsx?|mjs|cjs|js)$/.test(file) && !/node_modules|fixtures|dist\//.test(file))
      .map((file) => join(name, file).replaceAll('\\', '/')),
  );

const importsOf = (text: string): string[] =>
  [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g),
    ...text.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g),
    ...text.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g),
  ].map(([, specifier = '']) => specifier);

/** Files by path, packages by name; `needs` is what is left when types are erased. */
const graph = new Map(
  sources.map((file) => {
    const text = readFileSync(file, 'utf8');
    const resolve = (to: string): string =>
      to.startsWith('.') ? normalize(join(dirname(file), to)).replaceAll('\\', '/') : to;
    const erased = text.replace(/(^|\n)\s*(import|export) type\b[^;]*?from\s*['"][^'"]+['"]/g, '$1');
    return [file, { text, imports: importsOf(text).map(resolve), needs: importsOf(erased).map(resolve) }] as const;
  }),
);
const files = [...graph].map(([file, { text, imports }]) => ({ file, text, imports }));

const isHandler = (file: string): boolean => /^functions\/.+\/handler\.ts$/.test(file);
const isDomain = (file: string): boolean => file.startsWith('functions/') && !isHandler(file);
const under = (folder: string) => (path: string) => path.startsWith(`${folder}/`);

/** `from -> to` for every import of the one kind that is of the other. */
const edges = (from: (file: string) => boolean, to: (path: string) => boolean): string[] =>
  files.flatMap(({ file, imports }) => (from(file) ? imports.filter(to).map((path) => `${file} -> ${path}`) : []));
const isAnyOf =
  (...folders: string[]) =>
  (path: string) =>
    folders.some((folder) => under(folder)(path));

describe('imports run one way', () => {
  test('the graph is read: a handler imports its domain function, that one imports core', () => {
    expect(graph.size).toBeGreaterThan(150);
    expect(graph.get('functions/recording/close-job/handler.ts')?.imports).toContain(
      'functions/recording/close-job/close-job.ts',
    );
    expect(edges(isDomain, under('core')).length).toBeGreaterThan(10);
    const unresolved = files
      .filter(({ file }) => !file.startsWith('test/'))
      .flatMap(({ file, imports }) =>
        imports
          .filter((path) => /^(functions|core|local|test)\//.test(path) && !graph.has(path))
          .map((path) => `${file} -> ${path}`),
      );
    expect(unresolved.filter((edge) => !/\.(json|vtt|yml)$/.test(edge))).toEqual([]);
  });

  test('core uses nobody', () => {
    expect(
      edges(under('core'), isAnyOf('functions', 'local', 'container', 'console', 'statemachines', 'bench')),
    ).toEqual([]);
  });

  test('a page in a browser uses the types of core, and no code of anybody', () => {
    const needed = [...graph].flatMap(([file, { needs }]) =>
      file.startsWith('console/src/') ? needs.filter((path) => !/^(console\/src\/|preact(\/hooks)?$)/.test(path)) : [],
    );
    expect(graph.get('console/src/recording.tsx')?.imports).toContain('core/page/recording-page.ts');
    expect(needed).toEqual([]);
  });

  test('a domain function uses core, and of its neighbours nothing', () => {
    expect(edges(isDomain, isAnyOf('local', 'container', 'console', 'statemachines', 'bench'))).toEqual([]);
    const neighbours = edges(isDomain, under('functions')).filter((edge) => {
      const [from = '', to = ''] = edge.split(' -> ');
      return dirname(from) !== dirname(to) || isHandler(to);
    });
    expect(neighbours).toEqual([]);
  });

  test('a handler uses its own domain function and core, and nobody uses a handler', () => {
    const strangers = edges(isHandler, under('functions')).filter((edge) => {
      const [from = '', to = ''] = edge.split(' -> ');
      return dirname(from) !== dirname(to);
    });
    expect(strangers).toEqual([]);
    expect(edges((file) => !file.startsWith('test/') && !file.startsWith('bench/'), isHandler)).toEqual([]);
  });

  test('nothing outside test/ uses test/, nothing outside local/ uses local/', () => {
    expect(edges((file) => !file.startsWith('test/'), under('test'))).toEqual([]);
    // The benchmark runs the local cloud.
    expect(edges((file) => !/^(local|test|bench)\//.test(file), under('local'))).toEqual([]);
  });

  test('a domain function, and what core knows, imports no AWS package but for types', () => {
    const values = (text: string): string[] =>
      [
        ...text.matchAll(/(?:^|\n)\s*(import|export)\s+(?!type\b)([^'"`;]*?)\bfrom\s*['"](@aws-sdk\/[^'"]+)['"]/g),
      ].flatMap(
        // `import { type A, type B } from` is erased like `import type`.
        ([, , names = '', name = '']) => (/^\{(\s*type\s+\w+(\s+as\s+\w+)?,?)+\s*\}\s*$/.test(names) ? [] : [name]),
      );
    const own = (file: string) => isDomain(file) || (file.startsWith('core/') && !file.startsWith('core/aws/'));
    const found = files
      .filter(({ file }) => own(file))
      .flatMap(({ file, text }) => values(text).map((to) => `${file} -> ${to}`));
    // Turns rows into DynamoDB's form and back; speaks to nobody.
    expect(found.filter((edge) => !edge.endsWith('-> @aws-sdk/util-dynamodb'))).toEqual([]);
  });

  test('the environment is read in one place', () => {
    const readers = files.filter(({ file, text }) => isAnyOf('functions', 'core')(file) && /process\.env\b/.test(text));
    expect(readers.map(({ file }) => file).sort()).toEqual([
      // Credentials, region and endpoint that Lambda puts there, as the SDK reads them.
      'core/aws/json-api.ts',
      'core/step/config.ts',
    ]);
  });

  test('a domain function reads no clock and draws no lots', () => {
    const found = files.filter(
      ({ file, text }) => isDomain(file) && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\b/.test(text),
    );
    expect(found.map(({ file }) => file)).toEqual([]);
  });

  test('no circle of files', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file)) return;
      for (const next of graph.get(file)?.needs ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const { file } of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  test.each(['utils', 'helpers', 'common', 'types'])('there is no folder %s', (name) => {
    expect(files.filter(({ file }) => file.split('/').includes(name))).toEqual([]);
  });

  test('there is no barrel', () => {
    expect(files.filter(({ file }) => /\/index\.(ts|js)$/.test(file))).toEqual([]);
  });

  test('a handler decides nothing', () => {
    const deciding = files.filter(
      ({ file, text }) => isHandler(file) && /\b(if|switch|for|while|try)\b *[({]|\s\?\s/.test(text),
    );
    expect(deciding.map(({ file }) => file)).toEqual([]);
  });

  test('a file of the product has at most 350 lines', () => {
    const long = files.filter(({ file, text }) => !file.startsWith('test/') && text.split('\n').length > 351);
    expect(long.map(({ file }) => file)).toEqual([]);
  });
});
