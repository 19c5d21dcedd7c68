import type { Clock } from '../gateway/clock.ts';
import { openDeliveryLog, type Delivery } from './delivery-log.ts';

export interface DeliveriesOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Undefined when the target has taken it, else why not. */
  readonly attempt: (delivery: Delivery, signal: AbortSignal) => Promise<unknown>;
  /** The wait before the next attempt, in milliseconds; nothing when there is no further one. */
  readonly retryAfter: (delivery: Delivery, reason: unknown) => number | undefined;
  /** Hears when a delivery has ended, well or as a dead letter. */
  readonly onEnd?: (delivery: Delivery) => Promise<void>;
}

export interface Deliveries {
  /** Resolves when they would survive a kill; they begin at once. */
  readonly send: (deliveries: readonly Delivery[]) => Promise<void>;
  /** What an earlier process left, begun with `resume`. */
  readonly leftOver: readonly Delivery[];
  /** Whether something of this rule is under way or waits for `resume`. */
  readonly isOpen: (rule: string) => boolean;
  /** Begins what an earlier process left. */
  readonly resume: () => void;
  /** Resolves when every delivery that was begun has ended, retries included. */
  readonly drain: () => Promise<void>;
  /** Stops delivering. What has not ended is delivered again after the next resume. */
  readonly close: () => Promise<void>;
}

/** Hands events over to their targets, again and again, until they are taken or given up. */
export const openDeliveries = async (options: DeliveriesOptions): Promise<Deliveries> => {
  const { folder, clock, attempt, retryAfter, onEnd = () => Promise.resolve() } = options;
  const log = await openDeliveryLog(folder);
  const stop = new AbortController();
  const underWay = new Map<Promise<void>, string>();
  let leftOver = log.leftOver;

  const deliver = async (first: Delivery): Promise<void> => {
    for (let delivery = first; ;) {
      const wait = delivery.dueAt - clock.now();
      if (wait > 0) await clock.sleep(wait, stop.signal);
      const reason = await attempt(delivery, stop.signal);
      // An invocation that was cut off by our own stop says nothing about the function.
      if (stop.signal.aborted && reason !== undefined) return;
      const delay = reason === undefined ? undefined : retryAfter(delivery, reason);
      const next = { ...delivery, attempts: delivery.attempts + 1, dueAt: clock.now() + (delay ?? 0) };
      if (delay !== undefined) {
        delivery = next;
        await log.keep([delivery]);
        continue;
      }
      await (reason === undefined ? log.end(delivery) : log.bury(next, reason, clock.now()));
      return onEnd(delivery);
    }
  };

  const begin = (delivery: Delivery): void => {
    const task = deliver(delivery)
      .catch((error: unknown) => {
        if (!stop.signal.aborted)
          console.error(`Delivering the event ${delivery.id} stopped; it is delivered after the next start.`, error);
      })
      .finally(() => underWay.delete(task));
    underWay.set(task, delivery.rule);
  };

  return {
    leftOver,
    send: async (deliveries) => {
      if (stop.signal.aborted) throw new Error('The events are closed.');
      if (deliveries.length > 0) await log.keep(deliveries);
      deliveries.forEach(begin);
    },
    isOpen: (rule) => [...underWay.values()].includes(rule) || leftOver.some((one) => one.rule === rule),
    resume: () => {
      leftOver.forEach(begin);
      leftOver = [];
    },
    drain: async () => {
      while (underWay.size > 0) await Promise.all(underWay.keys());
    },
    close: async () => {
      // Invocations end with the signal, at the latest; their functions may run on.
      stop.abort();
      await Promise.all(underWay.keys());
    },
  };
};
