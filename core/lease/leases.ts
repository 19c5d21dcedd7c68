import { digest } from '../keys.ts';
import { TransientError } from '../step/errors.ts';
import { freeSlots, type Lease, type LeaseRows } from './lease.ts';

export type LeaseRules = {
  readonly driver: string;
  /** The most that may be at the provider at once. */
  readonly cap: number;
  /**
   * For how long work may be started under a lease. Longer than whoever acquires it can live: when it is over, no
   * request of theirs can still be on its way.
   */
  readonly windowMs: number;
};

/** Longer than any function runs. */
export const defaultWindowMs = 20 * 60_000;

/** Others may take the same free slot at the same time; with so many goes one is found or there is none. */
const mostGoes = 12;

export type Acquired =
  | 'full'
  | {
      readonly lease: Lease;
      /** Nobody else can be at work for this holder: the row was not there before. */
      readonly isFresh: boolean;
    };

export type Leases = ReturnType<typeof openLeases>;

export const openLeases = (rows: LeaseRows, { driver, cap, windowMs }: LeaseRules, now: () => number) => ({
  driver,
  now,
  windowMs,
  rows,

  /** The holder's place: the one it has, or a free one. A repeated call, or one whose answer was lost, finds the same. */
  acquire: async (holder: string): Promise<Acquired> => {
    for (let go = 0; go < mostGoes; go += 1) {
      const held = await rows.list(driver);
      const at = now();
      const own = held.find((row) => row.holder === holder);
      if (own) {
        const until = at + windowMs;
        if (await rows.renew(own, until)) {
          return { lease: { ...own, until, renewals: own.renewals + 1 }, isFresh: false };
        }
        continue;
      }
      const free = freeSlots(held, cap);
      // Spread by name: those who come together seldom reach for the same slot.
      const slot = free[parseInt(digest(holder, String(go)).slice(0, 8), 16) % free.length];
      if (slot === undefined) return 'full';
      const row = { driver, slot, holder, acquiredAt: at, until: at + windowMs, renewals: 0 };
      if (await rows.add(row)) return { lease: row, isFresh: true };
    }
    throw new TransientError(`no place at ${driver} could be had, so many reach for one`);
  },

  /** The work never came to the provider: gives back this very lease, and not one that somebody has renewed since. */
  giveBack: ({ lease }: { lease: Lease }): Promise<boolean> => rows.remove(lease),

  /** The provider said that the work has ended. What has ended under a name never runs again, so repeated calls do no harm. */
  release: async (holder: string): Promise<void> => {
    for (let go = 0; go < mostGoes; go += 1) {
      const own = (await rows.list(driver)).filter((row) => row.holder === holder);
      const removed = await Promise.all(own.map((row) => rows.remove(row)));
      if (removed.every(Boolean)) return;
    }
    throw new TransientError(`the place of ${holder} at ${driver} could not be released, it changes all the time`);
  },
});
