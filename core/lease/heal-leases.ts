import type { Leases } from './leases.ts';
import type { WorkState } from './start-under-lease.ts';

export type HealPorts = {
  readonly leases: Leases;
  /** Throws when the provider does not answer: then nothing is known, and nothing is taken over. */
  readonly state: (holder: string) => Promise<WorkState>;
};

export type Healed = {
  /** Holders whose place is free again; what the provider said of their work. */
  readonly freed: { holder: string; state: 'ended' | 'absent' }[];
  /** Still running at the provider, longer than expected. */
  readonly renewed: string[];
  /** The provider did not answer for them; they are tried again next time. */
  readonly unknown: string[];
};

/** Looks after leases whose time is over: their holders crashed, or their work takes long. Only the provider knows which. */
export const healLeases = async ({ leases, state }: HealPorts): Promise<Healed> => {
  const healed: Healed = { freed: [], renewed: [], unknown: [] };
  for (const row of await leases.rows.list(leases.driver)) {
    if (row.until > leases.now()) continue;
    let known: WorkState;
    try {
      known = await state(row.holder);
    } catch {
      healed.unknown.push(row.holder);
      continue;
    }
    if (known === 'running') {
      if (await leases.rows.renew(row, leases.now() + leases.windowMs)) healed.renewed.push(row.holder);
    } else if (await leases.rows.remove(row)) healed.freed.push({ holder: row.holder, state: known });
  }
  return healed;
};
