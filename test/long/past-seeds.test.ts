import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../local/root.ts';
import { runSequence } from './random/run-sequence.ts';
import type { Step } from './random/steps.ts';

/** What random sequences have once found, cut down to the steps that matter. */
const folder = join(projectRoot(), 'test/fixtures/seeds');
const kept = readdirSync(folder).map((name) => {
  const { why, steps } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { why: string; steps: Step[] };
  return { why, steps };
});

test.each(kept)('$why', async ({ steps }) => expect(await runSequence(steps)).toEqual([]), 120_000);
