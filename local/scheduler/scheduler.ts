import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { openDeliveries } from '../events/deliver.ts';
import type { Delivery } from '../events/delivery-log.ts';
import { notSupported } from '../gateway/aws-error.ts';
import { readBody } from '../gateway/body.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import type { Operations, Service } from '../gateway/service.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import { keepTime } from './keep-time.ts';
import { operations } from './operations.ts';
import { readInput, refusal, shapes } from './read-input.ts';
import { keyOf, openStore, type Schedule } from './store.ts';
import { executionOf, isFunction, payloadOf } from './targets.ts';

export interface SchedulerOptions {
  readonly folder: string;
  readonly invokeFunction: InvokeFunction;
  readonly startExecution: (request: { stateMachineArn: string; name?: string; input: string }) => Promise<unknown>;
  readonly clock?: Clock;
}

export interface Scheduler {
  /** EventBridge Scheduler; its scope name is `scheduler`. */
  readonly service: Service;
  /** Begins to keep time. To be called when functions and machines are there. */
  resume(): Promise<void>;
  /** Resolves when every occurrence that was sent on its way has ended. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Lambda's own, for an asynchronous invocation, which is what the service makes. */
const lambdaRetryDelays = [60_000, 120_000];
/** Between two attempts at a target that does not take an occurrence: twice as long each time, up to an hour. */
const retryDelay = (attempts: number): number => Math.min(3_600_000, 1_000 * 2 ** Math.min(attempts, 20));

export const createScheduler = async (options: SchedulerOptions): Promise<Scheduler> => {
  const { folder, invokeFunction, startExecution, clock = systemClock } = options;
  const store = await openStore(folder, clock.now());

  const forgetComplete = async (key: string): Promise<void> => {
    const schedule = store.schedules.get(key);
    if (schedule?.isComplete && schedule.afterCompletion === 'DELETE') await store.change({ gone: key });
  };

  const deliveries = await openDeliveries({
    folder,
    clock,
    attempt: async ({ arn, payload }, signal) => {
      try {
        if (!isFunction(arn)) return void (await startExecution(executionOf(arn, payload)));
        const outcome = await invokeFunction(arn, payload, signal);
        return 'functionError' in outcome ? outcome.payload : undefined;
      } catch (error) {
        return error instanceof Error ? { errorType: error.name, errorMessage: error.message } : error;
      }
    },
    retryAfter: (delivery) => {
      if (isFunction(delivery.arn)) return lambdaRetryDelays[delivery.attempts];
      const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } = (delivery as Occurrence).policy ?? {};
      const delay = retryDelay(delivery.attempts);
      const isTooOld = clock.now() + delay > (delivery as Occurrence).due + MaximumEventAgeInSeconds * 1_000;
      return delivery.attempts >= MaximumRetryAttempts || isTooOld ? undefined : delay;
    },
    onEnd: ({ rule }) => forgetComplete(rule),
  });

  const timekeeper = keepTime({
    store,
    clock,
    wasSent: (key, due) => deliveries.leftOver.some((one) => one.rule === key && (one as Occurrence).due === due),
    fire: (schedule, due) => deliveries.send([occurrence(schedule, due)]),
    // While its last occurrence is on its way the schedule stays; the end of that forgets it.
    onComplete: async (schedule) => (deliveries.isOpen(keyOf(schedule)) ? undefined : forgetComplete(keyOf(schedule))),
  });

  const service = restService(
    operations({ store, now: () => clock.now(), started: timekeeper.start, stopped: timekeeper.stop }),
  );
  return {
    service,
    resume: async () => {
      for (const key of [...store.schedules.keys()]) if (!deliveries.isOpen(key)) await forgetComplete(key);
      for (const schedule of store.schedules.values()) timekeeper.start(schedule);
      deliveries.resume();
    },
    drain: deliveries.drain,
    close: async () => {
      await timekeeper.close();
      await deliveries.close();
    },
  };
};

type Occurrence = Delivery & { readonly due: number; readonly policy?: Schedule['target']['RetryPolicy'] };

const occurrence = (schedule: Schedule, due: number): Occurrence => ({
  ...{ id: randomUUID(), rule: keyOf(schedule), arn: schedule.target.Arn, payload: payloadOf(schedule, due) },
  ...{ attempts: 0, dueAt: 0, due },
  ...(schedule.target.RetryPolicy ? { policy: schedule.target.RetryPolicy } : {}),
});

const routes: readonly [method: string, path: RegExp, operation: keyof typeof shapes][] = [
  ['POST', /^\/schedules\/([^/]+)$/, 'CreateSchedule'],
  ['PUT', /^\/schedules\/([^/]+)$/, 'UpdateSchedule'],
  ['GET', /^\/schedules\/([^/]+)$/, 'GetSchedule'],
  ['DELETE', /^\/schedules\/([^/]+)$/, 'DeleteSchedule'],
  ['GET', /^\/schedules\/?$/, 'ListSchedules'],
  ['POST', /^\/schedule-groups\/([^/]+)$/, 'CreateScheduleGroup'],
  ['GET', /^\/schedule-groups\/([^/]+)$/, 'GetScheduleGroup'],
  ['DELETE', /^\/schedule-groups\/([^/]+)$/, 'DeleteScheduleGroup'],
  ['GET', /^\/schedule-groups\/?$/, 'ListScheduleGroups'],
];
const queryNames: Record<string, string> = {
  groupName: 'GroupName',
  ScheduleGroup: 'GroupName',
  clientToken: 'ClientToken',
};
/** A schedule with the largest input, in JSON. */
const bodyLimit = 1_048_576;

/** The service speaks REST: the operation by method and path, members in path, query and body. */
const restService =
  (operationsByName: Operations): Service =>
  async (request, response, url) => {
    const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname));
    if (!route) throw notSupported(`EventBridge Scheduler ${request.method ?? ''} ${url.pathname}`);
    const [, path, operation] = route;
    const name = path.exec(url.pathname)?.[1];
    const query = [...url.searchParams].map(([key, value]) => [queryNames[key] ?? key, value] as const);
    const input: Record<string, unknown> = {
      ...(await bodyOf(request)),
      ...Object.fromEntries(query),
      ...(name === undefined ? {} : { Name: decodeURIComponent(name) }),
    };
    if (typeof input['MaxResults'] === 'string') input['MaxResults'] = Number(input['MaxResults']);
    readInput(operation, shapes[operation], input);
    const answer = await operationsByName[operation]?.(input as never);
    const body = JSON.stringify(answer);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
    });
    response.end(body);
  };

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const body = (await readBody(request, bodyLimit)).toString('utf8');
  try {
    const parsed: unknown = body === '' ? {} : JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as never;
  } catch {
    // Answered below, like any other body that is not an object.
  }
  throw refusal('SerializationException', 400, 'The request body must be one JSON object.');
};
