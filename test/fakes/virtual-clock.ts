import type { Clock } from '../../local/gateway/clock.ts';

/** Time that passes only when nothing else can happen: waits and retries take no real time. */
export interface VirtualClock extends Clock {
  /** While the work is under way, time stands still; its own sleeps let it pass. */
  busy<T>(work: () => Promise<T>): Promise<T>;
  /** For work that never ends by itself: lets time pass until the promise is settled. */
  idle<T>(promise: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export const createVirtualClock = (start = Date.parse('2026-01-01T00:00:00Z')): VirtualClock => {
  let now = start;
  let working = 0;
  let isScheduled = false;
  const sleepers = new Set<Sleeper>();

  // All that is ready to run does so before an immediate; then only time can move things on.
  const schedule = (): void => {
    if (isScheduled || working > 0 || sleepers.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (working > 0) return;
      const due = [...sleepers].sort((one, other) => one.at - other.at)[0];
      if (!due) return;
      now = Math.max(now, due.at);
      sleepers.delete(due);
      due.wake();
      schedule();
    });
  };

  const idle = async <T>(promise: Promise<T>): Promise<T> => {
    working -= 1;
    schedule();
    try {
      return await promise;
    } finally {
      working += 1;
    }
  };

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper: Sleeper = {
        at: now + milliseconds,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      sleepers.add(sleeper);
      schedule();
    });

  return {
    now: () => now,
    sleep,
    idle,
    busy: async (work) => {
      working += 1;
      try {
        return await work();
      } finally {
        working -= 1;
        schedule();
      }
    },
  };
};
