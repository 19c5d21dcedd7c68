import * as z from 'zod';

/** One place at a provider, and who holds it. A place nobody holds has no row. */
export const lease = z.object({
  /** Whose places these are: `transcribe`, `symbl`. */
  driver: z.string(),
  slot: z.number().int().min(0),
  /** The name of the work at the provider: the one thing the provider can be asked about. */
  holder: z.string(),
  acquiredAt: z.number(),
  /** Milliseconds since 1970. After it nobody may start anything under the lease; it does not make the place free. */
  until: z.number(),
  /** Grows with every renewal, so that a change can be made on what was read and on nothing else. */
  renewals: z.number().int(),
});
export type Lease = z.output<typeof lease>;

/** Rows as a store keeps them. Each write says whether the row was as the writer had read it. */
export type LeaseRows = {
  /** All of a driver, as they are now. */
  list(driver: string): Promise<Lease[]>;
  /** If the slot has no row. */
  add(row: Lease): Promise<boolean>;
  /** If the row is still this one. */
  renew(row: Lease, until: number): Promise<boolean>;
  /** If the row is still this one. */
  remove(row: Lease): Promise<boolean>;
};

/**
 * The slots that may be taken, where those in `held` are. Normally all below the cap; after the cap was lowered, so
 * many fewer as still run above it. So the number of places never grows beyond the cap that holds now.
 */
export const freeSlots = (held: readonly Lease[], cap: number): number[] => {
  const taken = new Set(held.map(({ slot }) => slot));
  let end = cap;
  while (end > 0 && end + held.filter(({ slot }) => slot >= end).length > cap) end -= 1;
  return Array.from({ length: end }, (_, slot) => slot).filter((slot) => !taken.has(slot));
};
