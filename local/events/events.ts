import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Service } from '../gateway/service.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import { openDeliveries } from './deliver.ts';
import type { Delivery } from './delivery-log.ts';
import { putEvents } from './put-events.ts';
import { createRules, targetReader, type Addressed, type EventEnvelope, type Rule, type Target } from './rules.ts';
import { openSchedules } from './schedules.ts';

export interface PublishedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: object;
  readonly resources?: readonly string[];
  readonly time?: Date;
  readonly id?: string;
}

export interface Schedule {
  readonly name: string;
  readonly expression: string;
  readonly targets: readonly Target[];
  readonly retries?: number;
}

export interface EventsOptions {
  readonly folder: string;
  readonly invokeFunction: InvokeFunction;
  readonly clock?: Clock;
  /** Of rules with a schedule; the system's, since a clock that skips waits would never let them rest. */
  readonly scheduleClock?: Clock;
  /** Waits before each retry, in milliseconds. After the last retry a delivery is a dead letter. */
  readonly retryDelays?: readonly number[];
}

export interface LocalEvents {
  /** EventBridge, as far as PutEvents; its scope name is `events`. */
  readonly service: Service;
  putRule(rule: Rule): void;
  /** A rule with a schedule; its events begin with `resume`. Their function is tried `retries` times more, Lambda's own two unless it says otherwise. */
  putSchedule(rule: Schedule): Promise<void>;
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
  const { folder, invokeFunction, clock = systemClock, scheduleClock = systemClock } = options;
  const { retryDelays = lambdaRetryDelays } = options;
  const rules = createRules();
  const scheduled = new Map<string, { retries: number; address: (event: EventEnvelope) => Addressed[] }>();

  const deliveries = await openDeliveries({
    folder,
    clock,
    attempt: async ({ arn, payload }, signal) => {
      try {
        const outcome = await invokeFunction(arn, payload, signal);
        return 'functionError' in outcome ? outcome.payload : undefined;
      } catch (error) {
        return reasonOf(error);
      }
    },
    retryAfter: ({ rule, attempts }) =>
      attempts >= (scheduled.get(rule)?.retries ?? Infinity) ? undefined : retryDelays[attempts],
  });
  const schedules = await openSchedules({
    folder,
    clock: scheduleClock,
    leftOver: new Set(deliveries.leftOver.map(({ rule }) => rule)),
    fire: (name, at) => {
      const event = envelopeOf({
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        detail: {},
        resources: [`arn:aws:events:${localRegion}:${localAccount}:rule/${name}`],
        time: new Date(at),
      });
      return deliveries.send((scheduled.get(name)?.address(event) ?? []).map(delivery));
    },
  });

  const envelopeOf = (event: PublishedEvent): EventEnvelope => ({
    version: '0',
    id: event.id ?? randomUUID(),
    'detail-type': event['detail-type'],
    source: event.source,
    account: localAccount,
    time: (event.time ?? new Date(clock.now())).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: localRegion,
    resources: event.resources ?? [],
    detail: event.detail,
  });
  const delivery = (addressed: Addressed): Delivery => ({ id: randomUUID(), ...addressed, attempts: 0, dueAt: 0 });

  const publish = async (event: PublishedEvent): Promise<string> => {
    const envelope = envelopeOf(event);
    await deliveries.send(rules.address(envelope).map(delivery));
    return envelope.id;
  };

  return {
    service: jsonService({
      prefix: 'AWSEvents',
      version: '1.1',
      operations: { PutEvents: (input: Parameters<typeof putEvents>[0]) => putEvents(input, publish) },
    }),
    putRule: rules.put,
    putSchedule: async ({ name, expression, targets, retries = Infinity }) => {
      scheduled.set(name, { retries, address: targetReader(name, targets) });
      await schedules.put({ name, expression });
    },
    publish,
    resume: () => {
      schedules.resume();
      deliveries.resume();
    },
    drain: deliveries.drain,
    close: async () => {
      await schedules.close();
      await deliveries.close();
    },
  };
};
