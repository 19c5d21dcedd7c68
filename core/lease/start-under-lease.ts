import type { Leases } from './leases.ts';

/** What the provider says when it is asked to start something. */
export type StartAnswer =
  | 'started'
  /** Work of that name is there, or was. */
  | 'already'
  /** Not now. Nothing was started by this request. */
  | 'busy';

/** What the provider knows of work of a name. */
export type WorkState = 'running' | 'ended' | 'absent';

export type StartPorts = {
  readonly leases: Leases;
  /** Exactly one request: one that is repeated out of sight could still arrive after the last was answered. */
  readonly start: (holder: string) => Promise<StartAnswer>;
  readonly state: (holder: string) => Promise<WorkState>;
};

/**
 * Starts work at a provider, if there is a place for it. `wait` costs nothing and is to be repeated later, under the
 * same name. An error is thrown with the lease kept: the request may have arrived, and the next go finds the place.
 */
export const startUnderLease = async (
  { leases, start, state }: StartPorts,
  holder: string,
): Promise<'started' | 'already' | 'wait'> => {
  const acquired = await leases.acquire(holder);
  if (acquired === 'full') return 'wait';
  // The process was held up after it got the place: somebody may have taken it over.
  if (leases.now() >= acquired.lease.until) return 'wait';
  const answer = await start(holder);
  if (answer !== 'busy') return answer;
  // A limit may be checked before the name: work that runs already is no reason to give its place away.
  const known = await state(holder);
  if (known !== 'absent') return 'already';
  // An earlier go may still have a request on its way; its place is left to healing, or to the next go.
  if (acquired.isFresh) await leases.giveBack(acquired);
  return 'wait';
};
