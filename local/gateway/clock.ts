import { setTimeout as wait } from 'node:timers/promises';

/** Time as the stand-ins see it, so that tests move it instead of waiting for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the time has passed; rejects when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  // Not referenced: a pending retry or sweep must not keep a process alive that has nothing else to do.
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal, ref: false }),
};
