import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bundleBudget } from '../../bench/budgets.ts';
import { packagedFunctions, type PackagedFunction } from '../../bench/bundles.ts';

/** Packaging takes its time where nobody did it before. */
const patience = 120_000;

describe('the packaged functions', () => {
  let functions: PackagedFunction[];
  beforeAll(async () => {
    functions = await packagedFunctions();
  }, patience);

  test('are within their budgets: webhook 550 kB, mails 1 MB, findInsights 6 MB, every other 1.5 MB', () => {
    expect(functions.map(({ key }) => key)).toContain('zoomWebhook');
    const tooLarge = functions.filter(({ key, bytes }) => bytes > bundleBudget(key));
    expect(tooLarge.map(({ key, bytes }) => `${key}: ${bytes} bytes`)).toEqual([]);
  });

  test('leave the SDK out of the webhook, whose cold start it would double', () => {
    const bundle = (key: string): string =>
      readFileSync(functions.find((fn) => fn.key === key)?.entryFile ?? '', 'utf8');
    const sdk = /SecretsManagerClient|DynamoDBClient|SFNClient|@smithy\//;
    expect(bundle('closeJob')).toMatch(sdk);
    expect(bundle('zoomWebhook')).not.toMatch(sdk);
  });
});
