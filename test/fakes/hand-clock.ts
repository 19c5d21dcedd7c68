import type { Clock } from '../../local/gateway/clock.ts';

/** A clock that a test moves by hand: sleepers wake when it has come to their time, and not before. */
export const handClock = (start: string) => {
  let now = Date.parse(start);
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const waiting = new Set<() => void>();
  const changed = (): void => waiting.forEach((look) => look());

  const clock: Clock = {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const sleeper = {
          at: now + milliseconds,
          wake: () => {
            signal.removeEventListener('abort', abort);
            resolve();
          },
        };
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        changed();
      }),
  };
  /** Resolves when so many sleep: what was awake before has done its work. */
  const asleep = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (sleepers.size !== count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const moveTo = (moment: string | number): void => {
    now = typeof moment === 'string' ? Date.parse(moment) : moment;
    for (const sleeper of [...sleepers]) {
      if (sleeper.at > now) continue;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  return {
    clock,
    asleep,
    moveTo,
    /** Moves on by steps of at most so much, letting as many as slept before fall asleep again each time. */
    pass: async (milliseconds: number, step = milliseconds): Promise<void> => {
      const end = now + milliseconds;
      while (now < end) {
        const count = sleepers.size;
        moveTo(Math.min(end, now + step));
        await asleep(count);
      }
    },
  };
};
