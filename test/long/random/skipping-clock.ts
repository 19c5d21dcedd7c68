import { closeSync, existsSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import type { Clock } from '../../../local/gateway/clock.ts';

/** Limits of whole executions are not waits: nobody skips to them. */
const longestSkip = 3_600_000;
/** Of quiet before time is skipped: what follows from an answer has begun by then. */
const quietMillis = 8;

/** A file that says how far the shared time is ahead; see shifted-time.cjs. */
export const shiftedTimeFile = (file: string) => {
  if (!existsSync(file)) writeFileSync(file, Buffer.alloc(8));
  const handle = openSync(file, 'r+');
  const buffer = Buffer.alloc(8);
  return {
    add: (milliseconds: number): void => {
      readSync(handle, buffer, 0, 8, 0);
      buffer.writeDoubleLE(buffer.readDoubleLE(0) + milliseconds);
      writeSync(handle, buffer, 0, 8, 0);
    },
    close: (): void => closeSync(handle),
  };
};

/**
 * While something is at work time passes as it does; while nothing is, it skips to what is waited for. So a pause of
 * five minutes takes none, and a function still has all of its real time. Needs a process with shifted-time.cjs.
 */
export const createSkippingClock = (time: { add: (milliseconds: number) => void }) => {
  type Sleeper = { readonly at: number; readonly wake: () => void };
  const sleepers = new Set<Sleeper>();
  let atWork = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled || atWork > 0 || sleepers.size === 0) return;
    isScheduled = true;
    const seen = sleepers.size;
    setTimeout(() => {
      isScheduled = false;
      if (atWork > 0) return;
      if (sleepers.size !== seen) return schedule();
      const [next] = [...sleepers].sort((one, other) => one.at - other.at);
      const ahead = (next?.at ?? Infinity) - Date.now();
      if (!next || ahead > longestSkip) return;
      if (ahead > 0) time.add(ahead);
      next.wake();
    }, quietMillis).unref();
  };
  const wakeDue = (): void => {
    for (const sleeper of [...sleepers]) if (sleeper.at <= Date.now()) sleeper.wake();
  };

  const clock: Clock = {
    now: () => Date.now(),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const end = (): void => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', abort);
          schedule();
        };
        const abort = (): void => {
          end();
          reject(signal.reason as Error);
        };
        const sleeper: Sleeper = {
          at: Date.now() + milliseconds,
          wake: () => {
            end();
            resolve();
          },
        };
        const timer = setTimeout(sleeper.wake, milliseconds).unref();
        signal.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        schedule();
      }),
  };
  return {
    clock,
    atWork: (): number => atWork,
    busy: async <T>(work: () => Promise<T>): Promise<T> => {
      atWork += 1;
      try {
        return await work();
      } finally {
        atWork -= 1;
        schedule();
      }
    },
    pass: (milliseconds: number): void => {
      time.add(milliseconds);
      wakeDue();
    },
  };
};
