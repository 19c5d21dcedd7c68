import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { healLeases } from '../../../core/lease/heal-leases.ts';
import { freeSlots, type Lease, type LeaseRows } from '../../../core/lease/lease.ts';
import { openLeases, type Leases } from '../../../core/lease/leases.ts';
import { startUnderLease, type StartAnswer, type WorkState } from '../../../core/lease/start-under-lease.ts';
import { fakeLeaseRows } from '../../fakes/lease-rows.ts';

const driver = 'transcribe';
const windowMs = 60_000;
let now: number;
let rows: LeaseRows;
let leases: Leases;
const withCap = (cap: number): Leases => openLeases(rows, { driver, cap, windowMs }, () => now);
beforeEach(() => {
  now = 1_000_000;
  rows = fakeLeaseRows();
  leases = withCap(2);
});
const holders = async (): Promise<string[]> => (await rows.list(driver)).map(({ holder }) => holder).sort();
const start = (holder: string, answer: StartAnswer, known: WorkState = 'absent') =>
  startUnderLease({ leases, start: async () => answer, state: async () => known }, holder);

describe('a lease', () => {
  test('is had by as many as the cap allows, by each once however often it asks', async () => {
    const first = await leases.acquire('a');
    const again = await leases.acquire('a');
    expect([first, again]).toMatchObject([{ isFresh: true }, { isFresh: false, lease: { renewals: 1 } }]);
    await leases.acquire('b');
    expect(await leases.acquire('c')).toBe('full');
    expect(await holders()).toEqual(['a', 'b']);
  });

  test('is released once and for all, by name', async () => {
    await leases.acquire('a');
    await leases.release('a');
    await leases.release('a');
    await leases.release('never-had-one');
    expect(await holders()).toEqual([]);
  });

  test('does not end by itself: a place is not free because time has passed', async () => {
    await leases.acquire('a');
    await leases.acquire('b');
    now += 10 * windowMs;
    expect(await leases.acquire('c')).toBe('full');
  });

  test('given back is gone, unless somebody goes on with it', async () => {
    const first = await leases.acquire('a');
    await leases.acquire('a');
    if (first === 'full') throw new Error('expected a place');
    expect(await leases.giveBack(first)).toBe(false);
    expect(await holders()).toEqual(['a']);
  });

  test('under a cap that was lowered is had only when fewer than the new cap remain', async () => {
    leases = withCap(4);
    for (const name of ['a', 'b', 'c', 'd']) await leases.acquire(name);
    leases = withCap(2);
    for (const name of ['a', 'b']) {
      expect(await leases.acquire('e')).toBe('full');
      await leases.release(name);
    }
    expect(await leases.acquire('e')).toBe('full');
    await leases.release('c');
    expect(await leases.acquire('e')).toMatchObject({ isFresh: true });
    expect(await leases.acquire('f')).toBe('full');
  });
});

test('the free slots and the held ones together are never more than the cap, unless the held ones are by themselves', () => {
  const held = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(held, fc.integer({ min: 0, max: 30 }), (slots, cap) => {
      const taken = slots.map((slot) => ({ slot }) as Lease);
      const free = freeSlots(taken, cap);
      expect(free.length + slots.length).toBeLessThanOrEqual(Math.max(cap, slots.length));
      expect(free.filter((slot) => slots.includes(slot))).toEqual([]);
      if (slots.every((slot) => slot < cap)) expect(free.length + slots.length).toBe(cap);
    }),
    { numRuns: 300 },
  );
});

describe('work under a lease', () => {
  test('is started, and found again when it is started twice', async () => {
    expect(await start('a', 'started')).toBe('started');
    expect(await start('a', 'already')).toBe('already');
    expect(await holders()).toEqual(['a']);
  });

  test('waits without a request when there is no place', async () => {
    await leases.acquire('a');
    await leases.acquire('b');
    const asked: string[] = [];
    const ports = { leases, start: async (name: string) => (asked.push(name), 'started' as const), state: async () => 'absent' as const }; // prettier-ignore
    expect(await startUnderLease(ports, 'c')).toBe('wait');
    expect(asked).toEqual([]);
  });

  test('that the provider has no room for gives its place back and waits', async () => {
    expect(await start('a', 'busy')).toBe('wait');
    expect(await holders()).toEqual([]);
  });

  test('that runs already keeps its place, also where the provider speaks of its limit first', async () => {
    expect(await start('a', 'busy', 'running')).toBe('already');
    expect(await holders()).toEqual(['a']);
  });

  test('keeps its place when the answer was lost, and when a later go finds no room', async () => {
    const lost = { leases, start: () => Promise.reject(new Error('lost')), state: async () => 'absent' as const };
    await expect(startUnderLease(lost, 'a')).rejects.toThrow('lost');
    expect(await start('a', 'busy')).toBe('wait');
    expect(await holders()).toEqual(['a']);
  });

  test('is not begun when its process was held up for longer than the lease lasts', async () => {
    const slow: Leases = { ...leases, acquire: async (name) => {
      const acquired = await leases.acquire(name);
      now += windowMs;
      return acquired;
    } }; // prettier-ignore
    const ports = { leases: slow, start: () => Promise.reject(new Error('started')), state: async () => 'absent' as const }; // prettier-ignore
    expect(await startUnderLease(ports, 'a')).toBe('wait');
  });
});

describe('healing', () => {
  const heal = (states: Record<string, WorkState>) =>
    healLeases({
      leases,
      state: async (holder) => {
        const known = states[holder];
        if (!known) throw new Error('no answer');
        return known;
      },
    });

  test('leaves alone what is not over', async () => {
    await leases.acquire('a');
    now += windowMs - 1;
    expect(await heal({ a: 'absent' })).toEqual({ freed: [], renewed: [], unknown: [] });
  });

  test('frees what has ended or never came, and gives more time to what runs', async () => {
    leases = withCap(4);
    for (const name of ['a', 'b', 'c', 'd']) await leases.acquire(name);
    now += windowMs;
    const healed = await heal({ a: 'ended', b: 'absent', c: 'running' });
    expect(healed.freed.sort((one, other) => (one.holder < other.holder ? -1 : 1))).toEqual([
      { holder: 'a', state: 'ended' },
      { holder: 'b', state: 'absent' },
    ]);
    expect(healed).toMatchObject({ renewed: ['c'], unknown: ['d'] });
    expect(await holders()).toEqual(['c', 'd']);
    expect((await heal({ c: 'absent', d: 'ended' })).freed).toEqual([{ holder: 'd', state: 'ended' }]);
  });

  test('takes nothing from a holder that came back while the provider was asked', async () => {
    await leases.acquire('a');
    now += windowMs;
    const healed = await healLeases({
      leases,
      state: async (holder) => {
        await leases.acquire(holder);
        return 'absent';
      },
    });
    expect(healed.freed).toEqual([]);
    expect(await holders()).toEqual(['a']);
  });
});
