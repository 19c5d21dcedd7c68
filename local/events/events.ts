import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Service } from '../gateway/service.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import { openDeliveryLog, type Delivery } from './delivery-log.ts';
import { putEvents } from './put-events.ts';
import { createRules, type EventEnvelope, type Rule } from './rules.ts';

export interface PublishedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: object;
  readonly resources?: readonly string[];
  readonly time?: Date;
  readonly id?: string;
}

export interface EventsOptions {
  readonly folder: string;
  readonly invokeFunction: InvokeFunction;
  readonly clock?: Clock;
  /** Waits before each retry, in milliseconds. After the last retry a delivery is a dead letter. */
  readonly retryDelays?: readonly number[];
}

export interface LocalEvents {
  /** EventBridge, as far as PutEvents; its scope name is `events`. */
  readonly service: Service;
  putRule(rule: Rule): void;
  /** Resolves with the event's id when its deliveries would survive a kill; they begin at once. */
  publish(event: PublishedEvent): Promise<string>;
  /** Begins what an earlier process left undelivered. To be called when rules and functions are there. */
  resume(): void;
  /** Resolves when every delivery that was begun has ended, retries included. */
  drain(): Promise<void>;
  /** Stops delivering. What has not ended is delivered again after the next resume. */
  close(): Promise<void>;
}

/** Lambda's own, for an asynchronous invocation: two retries, a minute and two minutes later. */
const lambdaRetryDelays = [60_000, 120_000];

const reasonOf = (error: unknown): unknown =>
  error instanceof Error ? { errorType: error.name, errorMessage: error.message } : error;

export const createEvents = async (options: EventsOptions): Promise<LocalEvents> => {
  const { folder, invokeFunction, clock = systemClock, retryDelays = lambdaRetryDelays } = options;
  const log = await openDeliveryLog(folder);
  const rules = createRules();
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let leftOver = log.leftOver;

  /** Undefined when the function has succeeded, else why not. */
  const attempt = async ({ arn, payload }: Delivery): Promise<unknown> => {
    try {
      const outcome = await invokeFunction(arn, payload, stop.signal);
      return 'functionError' in outcome ? outcome.payload : undefined;
    } catch (error) {
      return reasonOf(error);
    }
  };

  const deliver = async (first: Delivery): Promise<void> => {
    for (let delivery = first; ;) {
      const wait = delivery.dueAt - clock.now();
      if (wait > 0) await clock.sleep(wait, stop.signal);
      const reason = await attempt(delivery);
      // An invocation that was cut off by our own stop says nothing about the function.
      if (stop.signal.aborted && reason !== undefined) return;
      if (reason === undefined) return log.end(delivery);
      const delay = retryDelays[delivery.attempts];
      if (delay === undefined) return log.bury({ ...delivery, attempts: delivery.attempts + 1 }, reason, clock.now());
      delivery = { ...delivery, attempts: delivery.attempts + 1, dueAt: clock.now() + delay };
      await log.keep([delivery]);
    }
  };

  const begin = (delivery: Delivery): void => {
    const task = deliver(delivery)
      .catch((error: unknown) => {
        if (!stop.signal.aborted)
          console.error(`Delivering the event ${delivery.id} stopped; it is delivered after the next start.`, error);
      })
      .finally(() => underWay.delete(task));
    underWay.add(task);
  };

  const publish = async (event: PublishedEvent): Promise<string> => {
    if (stop.signal.aborted) throw new Error('The events are closed.');
    const id = event.id ?? randomUUID();
    const envelope: EventEnvelope = {
      version: '0',
      id,
      'detail-type': event['detail-type'],
      source: event.source,
      account: localAccount,
      time: (event.time ?? new Date(clock.now())).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region: localRegion,
      resources: event.resources ?? [],
      detail: event.detail,
    };
    const deliveries = rules
      .address(envelope)
      .map((addressed): Delivery => ({ id: randomUUID(), ...addressed, attempts: 0, dueAt: 0 }));
    if (deliveries.length > 0) await log.keep(deliveries);
    deliveries.forEach(begin);
    return id;
  };

  return {
    service: jsonService({
      prefix: 'AWSEvents',
      version: '1.1',
      operations: { PutEvents: (input: Parameters<typeof putEvents>[0]) => putEvents(input, publish) },
    }),
    putRule: rules.put,
    publish,
    resume: () => {
      leftOver.forEach(begin);
      leftOver = [];
    },
    drain: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: async () => {
      // Invocations end with the signal, at the latest; their functions may run on.
      stop.abort();
      await Promise.all(underWay);
    },
  };
};
