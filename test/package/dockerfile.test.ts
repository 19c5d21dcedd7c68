import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const lines = readFileSync('container/Dockerfile', 'utf8')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '');
const instructions = lines.filter((line) => !line.startsWith('#'));
const of = (name: string): string[] => instructions.filter((line) => line.startsWith(`${name} `));
/** The instructions of each stage, by its name. */
const stages = new Map<string, string[]>();
for (const line of instructions) {
  const [, name] = /^FROM .+ AS (\w+)$/.exec(line) ?? [];
  if (name) stages.set(name, []);
  else [...stages.values()].at(-1)?.push(line);
}
const media = stages.get('media') ?? [];

/** What linters of Dockerfiles look for. */
describe('the Dockerfile', () => {
  test('has the targets that the documents name', () => {
    expect([...stages.keys()]).toEqual(expect.arrayContaining(['build', 'media']));
  });

  test('stands on one version of one release, nowhere on the latest', () => {
    expect(of('ARG')).toEqual([
      expect.stringMatching(/^ARG BASE=node:\d+\.\d+\.\d+-(bookworm|trixie)-slim(@sha256:[0-9a-f]{64})?$/),
    ]);
    for (const line of of('FROM')) expect(line).toMatch(/^FROM \$\{BASE\} AS \w+$/);
    expect(instructions.join('\n')).not.toMatch(/latest/);
  });

  test('fetches nothing but packages: no ADD, no curl, no wget, no pipe into a shell', () => {
    expect(of('ADD')).toEqual([]);
    for (const line of of('RUN')) expect(line).not.toMatch(/\b(curl|wget)\b|\|\s*(ba)?sh\b|sudo|chmod 777/);
  });

  test('installs without recommendations and leaves no lists behind', () => {
    for (const line of of('RUN').filter((one) => one.includes('apt-get install'))) {
      expect(line).toContain('apt-get update');
      expect(line).toContain('--no-install-recommends');
      expect(line).toContain('--yes');
      expect(line).toContain('rm -rf /var/lib/apt/lists/*');
    }
    for (const line of of('RUN').filter((one) => /\bnpm\b/.test(one)))
      expect(line).toContain('npm ci --ignore-scripts');
  });

  test('runs as nobody in particular, set after everything that needs more', () => {
    const user = media.findIndex((line) => line.startsWith('USER '));
    expect(media[user]).toMatch(/^USER (?!root|0)\w+$/);
    expect(media.slice(user).some((line) => line.startsWith('RUN '))).toBe(false);
  });

  test('answers for its health, or says why nobody asks', () => {
    const at = lines.findIndex((line) => line.startsWith('HEALTHCHECK '));
    expect(at).toBeGreaterThan(0);
    if (lines[at] === 'HEALTHCHECK NONE') expect(lines[at - 1]).toMatch(/^# \w+/);
  });

  test('starts its program without a shell, so that signals reach it', () => {
    expect(media.filter((line) => line.startsWith('CMD '))).toEqual([
      expect.stringMatching(/^CMD \["node", "\/app\/media\.mjs"\]$/),
    ]);
    expect(of('ENTRYPOINT')).toEqual([]);
  });

  test('takes only what it names into the build, and everything it names exists', () => {
    const ignore = readFileSync('container/Dockerfile.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(ignore[0]).toBe('*');
    const taken = ignore.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = of('COPY')
      .filter((line) => !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const path of copied) {
      expect(existsSync(path)).toBe(true);
      expect(taken).toContain(path);
    }
    expect(of('COPY').join('\n')).not.toMatch(/\.env|\.local|\.git|node_modules/);
  });

  test('keeps no secret: none is an argument or in the environment', () => {
    expect([...of('ARG'), ...of('ENV')].join('\n')).not.toMatch(/secret|token|password|key/i);
  });
});
