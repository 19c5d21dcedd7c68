import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { projectRoot } from '../../../local/root.ts';
import { coverageTable } from './coverage.ts';
import { createFixture } from './engine-fixture.ts';

const path = join(projectRoot(), 'local/stepfunctions/COVERAGE.md');

test('each feature, operation, error, type of event and refusal has its test, and the table says which', async () => {
  const { operations } = createFixture(undefined, {}).engine;
  const table = await format(coverageTable(operations), { parser: 'markdown' });
  if (process.env.COVERAGE === 'write') writeFileSync(path, table);
  expect(readFileSync(path, 'utf8')).toBe(table);
});
