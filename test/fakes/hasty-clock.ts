import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from '../../local/gateway/clock.ts';

/** Waits of a machine and the first pauses of its retries are shorter; its time limits, which are longer, stay real. */
const longestSkipped = 60_000;

/** Lets short sleeps pass at once, moving the time with them, so that a machine on real functions never really waits. */
export const hastyClock = (): Clock => {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: async (milliseconds, signal) => {
      if (milliseconds > longestSkipped) return systemClock.sleep(milliseconds, signal);
      await setImmediate(undefined, { signal });
      ahead += milliseconds;
    },
  };
};
