import { expect, test } from '@jest/globals';
import { runSequence } from '../long/random/run-sequence.ts';
import { stepsOf } from '../long/random/steps.ts';

// The long run has 2,000 steps; this one tells at once when the ground has given way.
test('after forty random steps every accepted file is archived or visibly missing, and nothing is left behind', async () => {
  expect(await runSequence(stepsOf(5, 40))).toEqual([]);
}, 120_000);
