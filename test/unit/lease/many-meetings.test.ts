import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { healLeases } from '../../../core/lease/heal-leases.ts';
import type { LeaseRows } from '../../../core/lease/lease.ts';
import { openLeases } from '../../../core/lease/leases.ts';
import { startUnderLease, type StartAnswer, type WorkState } from '../../../core/lease/start-under-lease.ts';
import { fakeLeaseRows } from '../../fakes/lease-rows.ts';

const second = 1_000;
const minute = 60 * second;
const driver = 'transcribe';
const cap = 50;
const meetings = 200;

/** Numbers from a seed, so that a run that fails can be run again. */
const numbersFrom = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { chance: (share: number) => next() < share, between: (from: number, to: number) => from + next() * (to - from) };
}; // prettier-ignore

/** Time that moves on to the next sleeper when nobody is awake. */
const createTime = () => {
  let now = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (forMs: number): Promise<void> =>
      new Promise((wake) => {
        const at = now + forMs;
        let [low, high] = [0, sleepers.length];
        while (low < high) {
          const middle = (low + high) >>> 1;
          if ((sleepers[middle]?.at ?? 0) > at) low = middle + 1;
          else high = middle;
        }
        sleepers.splice(low, 0, { at, wake });
      }),
    runUntil: async (isOver: () => boolean): Promise<void> => {
      while (!isOver()) {
        await new Promise((ready) => setImmediate(ready));
        const next = sleepers.pop();
        if (!next) throw new Error('nobody does anything any more');
        now = next.at;
        next.wake();
      }
    },
  };
};

const simulate = async (seed: number) => {
  const { chance, between } = numbersFrom(seed);
  const time = createTime();
  const { now, sleep } = time;

  const work = new Map<string, { endsAt: number }>();
  let most = 0;
  const stateAt = (holder: string): WorkState => {
    const known = work.get(holder);
    return known ? (known.endsAt > now() ? 'running' : 'ended') : 'absent';
  };
  const arrive = (holder: string): StartAnswer => {
    // As unkind as can be: the limit is looked at before the name.
    if (chance(0.05)) return 'busy';
    if (work.has(holder)) return 'already';
    work.set(holder, { endsAt: now() + between(minute, 40 * minute) });
    most = Math.max(most, [...work.values()].filter(({ endsAt }) => endsAt > now()).length);
    return 'started';
  };

  /** A request takes its time there and back; its answer can be lost, or itself, and it can arrive late. */
  const send = async <T>(act: () => T | Promise<T>): Promise<T> => {
    await sleep(between(5, 200));
    if (chance(0.02)) throw new Error('lost on the way');
    if (chance(0.02)) {
      void sleep(between(second, 60 * second)).then(act);
      throw new Error('late');
    }
    const answer = await act();
    await sleep(between(5, 200));
    if (chance(0.03)) throw new Error('answer lost');
    return answer;
  };
  const kept = fakeLeaseRows();
  const rows: LeaseRows = {
    list: (of) => send(() => kept.list(of)),
    add: (row) => send(() => kept.add(row)),
    renew: (row, until) => send(() => kept.renew(row, until)),
    remove: (row) => send(() => kept.remove(row)),
  };
  const leases = openLeases(rows, { driver, cap, windowMs: 20 * minute }, now);
  const state = (holder: string) => send(() => stateAt(holder));
  const ports = { leases, state, start: (holder: string) => send(() => arrive(holder)) };

  let finished = 0;
  /** One call of the function that starts work; a crash is a call that never says anything. */
  const go = async (
    holder: string,
    crashes: boolean,
  ): Promise<'started' | 'already' | 'wait' | 'error' | 'crashed'> => {
    const dead = new Promise<never>(() => undefined);
    const dying = crashes ? between(0, 2 * second) : Infinity;
    const bornAt = now();
    const mortal = <T>(call: (name: string) => Promise<T>) => async (name: string): Promise<T> => {
      if (now() - bornAt > dying) return dead;
      const answer = await call(name);
      return now() - bornAt > dying ? dead : answer;
    }; // prettier-ignore
    const own = { leases: { ...leases, acquire: mortal(leases.acquire), giveBack: leases.giveBack }, state: mortal(state), start: mortal(ports.start) }; // prettier-ignore
    const going = startUnderLease(own, holder).catch(() => 'error' as const);
    // The machine waits for as long as the function may run, and then takes it for dead.
    return crashes ? Promise.race([going, sleep(15 * minute).then(() => 'crashed' as const)]) : going;
  };
  const meet = async (holder: string, crashes: boolean): Promise<void> => {
    await sleep(between(0, 5 * minute));
    for (let goes = 0; ; goes += 1) {
      const twice = chance(0.03) ? go(holder, false) : undefined;
      const said = await go(holder, crashes && goes === 0);
      await twice;
      if (said === 'started' || said === 'already') break;
      await sleep(between(20 * second, 90 * second));
    }
    // Nobody waits for the end of this one any more: its lease leaks.
    const leaks = crashes && chance(0.7);
    for (;;) {
      await sleep(between(20 * second, 60 * second));
      const known = await state(holder).catch(() => undefined);
      if (known !== 'ended') continue;
      if (leaks) break;
      const released = await leases.release(holder).then(() => true, () => false); // prettier-ignore
      if (released) break;
    }
    finished += 1;
  };
  const healer = async (): Promise<void> => {
    for (;;) {
      await sleep(between(4 * minute, 6 * minute));
      await healLeases({ leases, state }).catch(() => undefined);
    }
  };
  for (let meeting = 0; meeting < meetings; meeting += 1) void meet(`meeting-${meeting}`, meeting % 10 === 0);
  void healer();
  void healer();

  let left = meetings;
  const count = async (): Promise<void> => {
    for (;;) {
      await sleep(minute);
      left = (await kept.list(driver)).length;
    }
  };
  void count();
  await time.runUntil(() => now() > 48 * 60 * minute || (finished === meetings && left === 0));
  return { most, finished, left, works: work.size, hours: now() / 60 / minute };
};

test('of 200 meetings never more than 50 are at the provider, and all come to an end, though 20 crash and answers are lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const { most, ...rest } = await simulate(seed);
      expect(most).toBeLessThanOrEqual(cap);
      // Places are used, too.
      expect(most).toBeGreaterThan(cap - 5);
      expect(rest).toMatchObject({ finished: meetings, left: 0, works: meetings });
    }),
    { numRuns: 5, seed: 20_261_121 },
  );
}, 60_000);
