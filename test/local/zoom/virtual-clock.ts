import type { Clock } from '../../../local/zoom/clock.ts';

/** A clock that stands still until it is told to go on. */
export const virtualClock = (start: number) => {
  let now = start;
  const timers = new Map<symbol, { due: number; callback: () => void }>();
  const clock: Clock = {
    now: () => now,
    after: (milliseconds, callback) => {
      const key = Symbol('timer');
      timers.set(key, { due: now + milliseconds, callback });
      return () => timers.delete(key);
    },
  };
  return {
    clock,
    /** How long from now until each pending timer, the earliest first. */
    pending: (): number[] => [...timers.values()].map(({ due }) => due - now).sort((a, b) => a - b),
    advance: (milliseconds: number): void => {
      now += milliseconds;
      for (const [key, { due, callback }] of [...timers]) {
        if (due > now || !timers.delete(key)) continue;
        callback();
      }
    },
  };
};
