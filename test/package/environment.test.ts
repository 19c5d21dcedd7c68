import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Deployment } from '../../local/template/deployment.ts';
import { compile, deployed, everySwitch, packagingMillis } from './compiled.ts';

let plain: Deployment;
/** With every switch on: a switched-off feature's functions go without its variables. */
let deployment: Deployment;
const real = process.env;
beforeAll(async () => {
  plain = deployed(await compile('dev'), 'dev');
  deployment = deployed(await compile('dev', everySwitch), 'dev');
}, packagingMillis);
// A handler reads its environment once, when it is loaded.
beforeEach(() => void jest.resetModules());
afterAll(() => {
  process.env = real;
});

/** Runs a function's handler as Lambda does at its start, and notes what `readConfig` asks the environment for. */
const start = async (handler: string, variables: Readonly<Record<string, string>>): Promise<string[]> => {
  const asked = new Set<string>();
  process.env = new Proxy(
    { ...variables, AWS_REGION: 'eu-central-1' },
    {
      get: (all: Record<string, string | undefined>, name) => {
        if (typeof name === 'string' && /core\/step\/config\.ts/.test(new Error().stack ?? '')) asked.add(name);
        return all[String(name)];
      },
    },
  );
  try {
    await import(`../../${handler.replace(/\.handler$/, '.ts')}`);
  } finally {
    process.env = real;
  }
  return [...asked].sort();
};

describe('the environment', () => {
  test('of each function has every variable that its handler declares, in the right form, and no other', async () => {
    expect(deployment.functions.length).toBeGreaterThan(0);
    for (const { key, handler, environment } of deployment.functions)
      expect([key, await start(handler, environment)]).toEqual([key, Object.keys(environment).sort()]);
  });

  test('of a function holds nothing that its handler does not know, with every switch off', async () => {
    expect(plain.functions.length).toBeGreaterThan(0);
    for (const { key, handler, environment } of plain.functions) {
      const known = await start(handler, environment);
      expect([key, Object.keys(environment).filter((name) => !known.includes(name))]).toEqual([key, []]);
    }
  });

  test('of a function holds at most the 4 KB that Lambda takes, and no more than a person can look over', () => {
    for (const { key, environment } of deployment.functions) {
      const size = Object.entries(environment).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
      expect([key, size]).toEqual([key, expect.any(Number)]);
      expect(size).toBeLessThan(4_096);
      expect(Object.keys(environment).length).toBeLessThanOrEqual(14);
    }
  });

  test('holds names of secrets, never secrets', () => {
    const names = deployment.functions.flatMap(({ environment }) => Object.entries(environment));
    for (const [name, value] of names)
      if (/SECRET|TOKEN|PASSWORD/.test(name) && value !== '')
        expect([name, value]).toEqual([name, expect.stringMatching(/^(arn:aws:secretsmanager:|rapporteur\/)/)]);
  });

  test('names the resources of its own stage', () => {
    const { arn } = deployment.stateMachines[0] ?? {};
    const values = (name: string) =>
      new Set(deployment.functions.flatMap(({ environment }) => environment[name] ?? []));
    const tables = new Set([...values('JOB_TABLE'), ...values('LEASE_TABLE'), ...values('MAIL_TABLE')]);
    expect(tables).toEqual(new Set(deployment.tables.map(({ name }) => name)));
    expect(values('ARCHIVE_BUCKET')).toEqual(new Set(deployment.buckets.map(({ name }) => name)));
    expect(values('RECORDING_MACHINE')).toEqual(new Set([arn]));
  });
});
