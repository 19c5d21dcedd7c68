import { timetable, type Timetable } from '../events/schedule-expression.ts';
import type { Clock } from '../gateway/clock.ts';
import { keyOf, type Schedule, type Store } from './store.ts';
import { delayOf } from './targets.ts';

/** setTimeout counts to 24 days; a wait that is cut short only looks at the clock once more. */
const longestWait = 86_400_000;

export const timetableOf = (schedule: Schedule): Timetable =>
  timetable(schedule.expression, schedule.timezone, schedule.startAt ?? schedule.createdAt);

/** The next time that is due and not yet sent on its way. Start and end mean nothing to a one-time schedule. */
const nextOf = (schedule: Schedule): number | undefined => {
  const { isOnce, next } = timetableOf(schedule);
  if (isOnce) return next(schedule.until);
  const due = next(Math.max(schedule.until, (schedule.startAt ?? 0) - 1));
  return due !== undefined && due > (schedule.endAt ?? Infinity) ? undefined : due;
};

type Ports = {
  readonly store: Store;
  readonly clock: Clock;
  /** Resolves when the occurrence would survive a kill. */
  readonly fire: (schedule: Schedule, due: number) => Promise<void>;
  /** Whether an earlier process sent this occurrence on its way: a kill came before that was noted. */
  readonly wasSent: (key: string, due: number) => boolean;
  readonly onComplete: (schedule: Schedule) => Promise<void>;
};

/** Follows the timetable of every schedule. What was missed while nothing ran comes once. */
export const keepTime = ({ store, clock, fire, wasSent, onComplete }: Ports) => {
  const loops = new Map<string, AbortController>();
  const running = new Set<Promise<void>>();

  const follow = async (key: string, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const schedule = store.schedules.get(key);
      if (!schedule || signal.aborted || schedule.state === 'DISABLED' || schedule.isComplete) return;
      const due = nextOf(schedule);
      if (due === undefined) {
        const complete = { ...schedule, isComplete: true } as const;
        await store.change({ schedule: complete });
        return onComplete(complete);
      }
      const wait = due + delayOf(schedule, due) - clock.now();
      if (wait > 0) {
        await clock.sleep(Math.min(wait, longestWait), signal);
        continue;
      }
      if (!wasSent(key, due)) await fire(schedule, due);
      // The schedule may have been changed or deleted meanwhile; then this is not its occurrence any more.
      if (store.schedules.get(key) === schedule)
        await store.change({ schedule: { ...schedule, until: Math.max(due, clock.now()) } });
    }
  };

  const stop = (key: string): void => {
    loops.get(key)?.abort();
    loops.delete(key);
  };
  return {
    /** Begins again with a schedule as it is now. */
    start: (about: { group: string; name: string }): void => {
      const key = keyOf(about);
      stop(key);
      const loop = new AbortController();
      loops.set(key, loop);
      const task = follow(key, loop.signal)
        .catch((error: unknown) => {
          if (!loop.signal.aborted) console.error(`The schedule ${key} stopped until the next start.`, error);
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    stop,
    close: async (): Promise<void> => {
      for (const key of [...loops.keys()]) stop(key);
      await Promise.all(running);
    },
  };
};
