import * as z from 'zod';
import { healLeases } from '../../../core/lease/heal-leases.ts';
import type { Leases } from '../../../core/lease/leases.ts';
import type { WorkState } from '../../../core/lease/start-under-lease.ts';
import { log } from '../../../core/step/log.ts';
import { settleWork, type SettlePorts } from '../../../core/transcription/settle-work.ts';

/** A schedule's event says nothing but that it is time. */
export const event = z.looseObject({});

export type Ports = Omit<SettlePorts, 'leases'> & { readonly leases: Leases };

/**
 * Events are best effort: each place that is held at the provider is looked after here, until its work has ended.
 * Places of those who crashed become free with it.
 */
export const pollTranscriptions =
  (ports: Ports | undefined) =>
  async (_event: unknown): Promise<void> => {
    // Deployed where speech recognition is on.
    if (!ports) return;
    const { leases } = ports;
    const states = new Map<string, WorkState>();
    // One after the other: the provider takes some twenty questions a second, and others ask it too.
    for (const { holder, until } of await leases.rows.list(leases.driver))
      try {
        const isOver = until <= leases.now();
        const state = await settleWork(ports, holder, { isOver });
        // What was asked earlier may have been overtaken by a start under the lease.
        if (isOver) states.set(holder, state);
      } catch (error) {
        // One that the provider does not answer for must not stand in the way of the others.
        log.warn('a transcription could not be looked after', { work: holder, error });
      }
    const healed = await healLeases({
      leases,
      state: (holder) => {
        const known = states.get(holder);
        return known ? Promise.resolve(known) : Promise.reject(new Error('the provider did not answer'));
      },
    });
    for (const { holder, state } of healed.freed) log.warn('a place was left behind', { work: holder, state });
  };
