import { bindingsOf, positionOf, recordIn, remember } from './branch.ts';
import type { Branch } from './branch.ts';
import type { Json, TaskState } from './definition.ts';
import { expectWhole } from './evaluate.ts';
import type { Answer } from './execution.ts';
import { StateFailure, payloadLimit, refuseLargePayload } from './failure.ts';
import { invoke } from './invoke.ts';
import { isLambdaArn, waitsForToken } from './resource.ts';
import { createController, either, interruptible, sleepUntil } from './run.ts';
import { readScheduled, readSucceeded, taskEvents } from './task-events.ts';
import type { TaskEvents, TaskLimits } from './task-events.ts';
import { createToken } from './token.ts';

const longestLimit = 99_999_999;

const evaluateLimit = async (branch: Branch, state: TaskState, field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
  const template = state[field];
  if (template === undefined) return undefined;
  const value = await branch.run.services.evaluate(template, field, bindingsOf(branch));
  return expectWhole(value, template, field, 1, longestLimit);
};

/** On disk before the function is called: a token that was given away stays good after a crash. */
const schedule = async (branch: Branch, state: TaskState, events: TaskEvents): Promise<void> => {
  const { execution, services } = branch.run;
  const { input, progress } = positionOf(branch);
  const token = waitsForToken(state.Resource) ? createToken(execution.arn) : undefined;
  const bindings = bindingsOf(branch, {}, token === undefined ? {} : { Task: { Token: token } });
  const given = state.Arguments === undefined ? input : await services.evaluate(state.Arguments, 'Arguments', bindings);
  refuseLargePayload(JSON.stringify(given), `input of the task '${positionOf(branch).state}'`);
  const timeout = await evaluateLimit(branch, state, 'TimeoutSeconds');
  const heartbeat = await evaluateLimit(branch, state, 'HeartbeatSeconds');
  const limits = { ...(timeout !== undefined && { timeout }), ...(heartbeat !== undefined && { heartbeat }) };
  recordIn(branch, {
    events: [events.scheduled(given, limits), events.started()],
    progress: {
      ...(progress.retries && { retries: progress.retries }),
      scheduled: execution.eventCount + 1,
      ...(token !== undefined && { token }),
    },
  });
};

/** Rejects when the task has had its time. A missed heartbeat is reported as States.Timeout, as recorded on AWS. */
const expire = async (branch: Branch, limits: TaskLimits, from: number, signal: AbortSignal): Promise<never> => {
  const { clock } = branch.run.services;
  const { heartbeats } = branch.run;
  const { token = '' } = positionOf(branch).progress;
  if (limits.timeout === undefined && limits.heartbeat === undefined)
    return interruptible(new Promise(() => {}), signal);
  // The pause of a stopped cloud is not held against the worker: after a resume its heartbeat counts anew.
  const resumedAt = clock.now();
  for (;;) {
    const timeoutAt = from + (limits.timeout ?? Number.POSITIVE_INFINITY) * 1000;
    const silentAt = (heartbeats.get(token) ?? resumedAt) + (limits.heartbeat ?? Number.POSITIVE_INFINITY) * 1000;
    await sleepUntil(clock, Math.min(timeoutAt, silentAt), signal);
    if (clock.now() >= timeoutAt) throw new StateFailure('States.Timeout', undefined);
    const heardAt = heartbeats.get(token) ?? resumedAt;
    if (clock.now() >= heardAt + (limits.heartbeat ?? Number.POSITIVE_INFINITY) * 1000)
      throw new StateFailure('States.Timeout', undefined, true);
  }
};

const settle = (answer: Answer): Json => {
  if ('output' in answer) return answer.output;
  throw new StateFailure(answer.error, answer.cause);
};

/** Resolves when SendTaskSuccess or SendTaskFailure has come; it may come before the function has returned. */
const untilAnswered = (branch: Branch, token: string): Promise<Answer> =>
  new Promise((resolve) => {
    const look = (): void => {
      const { answer } = branch.run.execution.positions.get(branch.path)?.progress ?? {};
      if (answer) resolve(answer);
    };
    branch.run.waiting.set(token, look);
    look();
  });

const awaitToken = async (
  branch: Branch,
  token: string,
  events: TaskEvents,
  call: () => Promise<Json>,
): Promise<Json> => {
  const answered = untilAnswered(branch, token).then((answer) => ({ answer }));
  if (!positionOf(branch).progress.submitted) {
    const first = await Promise.race([answered, call().then((result) => ({ result }))]);
    if ('answer' in first) return settle(first.answer);
    const { progress } = positionOf(branch);
    recordIn(branch, { events: [events.submitted(first.result)], progress: { ...progress, submitted: true } });
  }
  return settle((await answered).answer);
};

const perform = async (branch: Branch, state: TaskState, events: TaskEvents): Promise<Json> => {
  const { clock } = branch.run.services;
  const { progress } = positionOf(branch);
  const event = branch.run.execution.history[(progress.scheduled ?? 0) - 1];
  const { input, limits } = readScheduled(event);
  const { token } = progress;
  const [ended, expired] = [createController(), createController()];
  const call = (): Promise<Json> => invoke(branch, state.Resource, input, either(branch.signal, expired.signal));
  // A task that waits for its token keeps its deadline through a crash; a function is called again with all its time.
  const from = token !== undefined && event ? Math.round(event.timestamp * 1000) : clock.now();
  const work = token === undefined ? call() : awaitToken(branch, token, events, call);
  try {
    const limit = expire(branch, limits, from, either(branch.signal, ended.signal));
    return await interruptible(Promise.race([work, limit]), branch.signal);
  } catch (error) {
    // After a time-out nobody listens to the function any more; on AWS it would run on to its own limit.
    expired.abort();
    throw error;
  } finally {
    ended.abort();
    if (token !== undefined) branch.run.waiting.delete(token);
    if (token !== undefined) branch.run.heartbeats.delete(token);
  }
};

/** Runs the task, or goes on with it, and answers its result. */
export const runTask = async (branch: Branch, state: TaskState): Promise<Json> => {
  const { execution } = branch.run;
  const events = taskEvents(state.Resource, execution.machine.arn);
  if (positionOf(branch).progress.scheduled === undefined) await schedule(branch, state, events);
  const { succeeded } = positionOf(branch).progress;
  if (succeeded !== undefined) return readSucceeded(execution.history[succeeded - 1]);
  try {
    const result = await perform(branch, state, events);
    if (Buffer.byteLength(JSON.stringify(result)) > payloadLimit) {
      const what = isLambdaArn(state.Resource) ? state.Resource : 'lambda';
      const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
      throw new StateFailure('States.DataLimitExceeded', cause);
    }
    const { progress } = positionOf(branch);
    recordIn(branch, {
      events: [events.succeeded(result)],
      progress: { ...progress, succeeded: execution.eventCount + 1 },
    });
    return result;
  } catch (error) {
    if (error instanceof StateFailure) {
      const { error: name, reason } = error;
      const event = name === 'States.Timeout' ? events.timedOut(name) : events.failed(name, reason);
      recordIn(branch, { events: [event], progress: remember(branch, error) });
    }
    throw error;
  }
};
