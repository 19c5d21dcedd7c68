import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from '../../local/gateway/clock.ts';

/** Waits of a machine and the first pauses of its retries take no time; its time limits do, unless they are pushed. */
const longestSkipped = 60_000;
const glanceMs = 50;

/** A clock that a test pushes ahead, to let time limits end whose time no test has. */
export const pushedClock = (): Clock & { readonly push: (milliseconds: number) => void } => {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  return {
    now,
    push: (milliseconds) => (ahead += milliseconds),
    sleep: async (milliseconds, signal) => {
      if (milliseconds <= longestSkipped) {
        await setImmediate(undefined, { signal });
        ahead += milliseconds;
        return;
      }
      const due = now() + milliseconds;
      while (now() < due) await systemClock.sleep(Math.min(glanceMs, due - now()), signal);
    },
  };
};
