import { afterAll, expect, test } from '@jest/globals';
import { runSequence } from './random/run-sequence.ts';
import { stepsOf } from './random/steps.ts';

/**
 * Random sequences of webhooks, faults, kills, stops and redrives against a whole local cloud, then the oracles of
 * `random/oracles.ts`. `RANDOM_SEED=7 npm run test:long -- random` repeats one sequence; `RANDOM_STEPS` is their number
 * altogether. What a seed does is fixed; how its steps and the cloud's own work interleave is up to the computer.
 */
const stepsInAll = Number(process.env.RANDOM_STEPS ?? 2_000);
const stepsInOne = Number(process.env.RANDOM_LENGTH ?? 40);
const onlySeed = process.env.RANDOM_SEED === undefined ? undefined : Number(process.env.RANDOM_SEED);
/** Another one each day, so that the search goes on; the same for everybody on that day. */
const firstSeed = onlySeed ?? Math.floor(Date.now() / 86_400_000) * 1_000;
const seeds = Array.from(
  { length: onlySeed === undefined ? Math.ceil(stepsInAll / stepsInOne) : 1 },
  (_, index) => firstSeed + index,
);

let done = 0;
afterAll(
  () => void process.stdout.write(`${done} random steps in ${seeds.length} sequences, from seed ${firstSeed}\n`),
);

test.each(seeds)(
  'whatever happens to it, the cloud loses and repeats nothing: RANDOM_SEED=%i npm run test:long -- random',
  async (seed) => {
    const steps = stepsOf(seed, stepsInOne);
    const happened: string[] = [];
    const wrong = await runSequence(steps, (text) => happened.push(text));
    done += steps.length;
    if (wrong.length > 0) process.stdout.write(`Seed ${seed}:\n${happened.join('\n')}\n`);
    expect(wrong).toEqual([]);
  },
  300_000,
);
