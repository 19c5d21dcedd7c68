import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import type { Operations } from '../gateway/service.ts';
import type { Json } from './definition.ts';
import { apply } from './execution.ts';
import type { Answer, Entry, Execution, Position } from './execution.ts';
import { Interrupted } from './failure.ts';
import { executionAborted, executionRedriven, executionStarted } from './history.ts';
import { readRequest, requireArn, requireJson, requireName } from './request.ts';
import { record } from './run.ts';
import type { Services } from './run.ts';
import type { Runner } from './runner.ts';
import { redriveObstacle } from './status-change.ts';
import type { Store } from './store.ts';
import { executionOfToken } from './token.ts';

interface Parts {
  readonly store: Store;
  readonly runner: Runner;
  readonly services: Services;
}

const seconds = (milliseconds: number): number => milliseconds / 1000;
const arn = z.string().min(1).max(256);
const error = z.string().max(256).optional();
const cause = z.string().max(32_768).optional();
const taskToken = z.string().min(1).max(2048);

const startExecution =
  ({ store, runner, services }: Parts) =>
  async (input: unknown) => {
    const shape = { stateMachineArn: arn, name: z.string().optional(), input: z.string().optional() };
    const request = readRequest(shape, input, 'StartExecution');
    requireArn(request.stateMachineArn, 'stateMachine');
    const machine = store.machine(request.stateMachineArn);
    const { name = randomUUID(), input: text = '{}' } = request;
    requireName(name);
    requireJson(
      text,
      (why) => new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`),
    );
    const executionArn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = store.executions.get(executionArn);
    if (known) {
      if (known.status === 'RUNNING' && known.input === text)
        return { executionArn, startDate: seconds(known.startedAt) };
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    const at = services.clock.now();
    const { type, details } = executionStarted(text, machine.roleArn);
    const started = {
      id: 1,
      previousEventId: 0,
      timestamp: at / 1000,
      type,
      ...(details && { [details[0]]: details[1] }),
    };
    const entry: Entry = { at, start: { arn: executionArn, name, input: text, machine }, events: [started] };
    services.log.append(executionArn, entry);
    const execution = apply(undefined, entry);
    store.executions.set(executionArn, execution);
    runner.go(execution);
    return { executionArn, startDate: seconds(at) };
  };

const stopExecution =
  ({ store, runner, services }: Parts) =>
  async (input: unknown) => {
    const request = readRequest({ executionArn: arn, error, cause }, input, 'StopExecution');
    requireArn(request.executionArn, 'execution');
    const execution = store.execution(request.executionArn);
    if (execution.status === 'RUNNING') {
      record({ execution, services }, undefined, {
        events: [executionAborted(request.error, request.cause)],
        end: {
          status: 'ABORTED',
          ...(request.error !== undefined && { error: request.error }),
          ...(request.cause !== undefined && { cause: request.cause }),
        },
      });
      const run = runner.runOf(execution.arn);
      // Without a run the engine has not resumed yet: nothing is at work that would notice the end.
      if (run) run.controller.abort(new Interrupted());
      else runner.announce(execution);
    }
    return { stopDate: seconds(execution.stoppedAt ?? services.clock.now()) };
  };

/** AWS answers a repeated request of the last fifteen minutes as it answered the first. */
const tokenLifeMs = 15 * 60 * 1000;

const redriveExecution =
  ({ store, runner, services }: Parts) =>
  async (input: unknown) => {
    const shape = { executionArn: arn, clientToken: z.string().min(1).max(64).optional() };
    const { executionArn, clientToken } = readRequest(shape, input, 'RedriveExecution');
    requireArn(executionArn, 'execution');
    const execution = store.restore(executionArn);
    const repeated = clientToken === undefined ? undefined : execution.redriveTokens.get(clientToken);
    if (repeated !== undefined && services.clock.now() - repeated < tokenLifeMs)
      return { redriveDate: seconds(repeated) };
    const obstacle = redriveObstacle(execution);
    if (obstacle !== undefined) throw new AwsError('ExecutionNotRedrivable', `${obstacle}.`);
    record({ execution, services }, undefined, {
      events: [executionRedriven(execution.redriveCount + 1, execution.eventCount)],
      redrive: clientToken === undefined ? {} : { clientToken },
    });
    runner.go(execution);
    return { redriveDate: seconds(execution.redrivenAt ?? services.clock.now()) };
  };

/** The execution and the branch that wait for the token. */
const holderOf = ({ store }: Parts, token: string): { readonly execution: Execution; readonly path: string } => {
  const executionArn = executionOfToken(token);
  if (executionArn === undefined) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  const execution = store.executions.get(executionArn);
  if (!execution) throw new AwsError('TaskDoesNotExist', 'Task Does Not Exist');
  const isWaiting = ({ progress }: Position): boolean =>
    progress.token === token && progress.answer === undefined && progress.succeeded === undefined;
  const holders = execution.status === 'RUNNING' ? [...execution.positions] : [];
  const [path] = holders.find(([, position]) => isWaiting(position)) ?? [];
  if (path === undefined) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  return { execution, path };
};

/** On disk before it is acknowledged; the branch takes it from there, at once or after the next resume. */
const answer = (parts: Parts, token: string, given: Answer): Record<string, never> => {
  const { execution, path } = holderOf(parts, token);
  const progress = execution.positions.get(path)?.progress ?? {};
  record({ execution, services: parts.services }, path, { progress: { ...progress, answer: given } });
  parts.runner.runOf(execution.arn)?.waiting.get(token)?.();
  return {};
};

/** Operations that change something: on disk before they answer. */
export const createWriteOperations = (parts: Parts): Operations => ({
  StartExecution: startExecution(parts),
  StopExecution: stopExecution(parts),
  RedriveExecution: redriveExecution(parts),
  SendTaskSuccess: async (input: unknown) => {
    const request = readRequest({ taskToken, output: z.string() }, input, 'SendTaskSuccess');
    requireJson(request.output, (why) => new AwsError('InvalidOutput', `Invalid Output: '${why}'`));
    return answer(parts, request.taskToken, { output: JSON.parse(request.output) as Json });
  },
  SendTaskFailure: async (input: unknown) => {
    const request = readRequest({ taskToken, error, cause }, input, 'SendTaskFailure');
    return answer(parts, request.taskToken, { error: request.error ?? '', cause: request.cause ?? '' });
  },
  SendTaskHeartbeat: async (input: unknown) => {
    const request = readRequest({ taskToken }, input, 'SendTaskHeartbeat');
    const { execution } = holderOf(parts, request.taskToken);
    const { heartbeats } = parts.runner.runOf(execution.arn) ?? {};
    heartbeats?.set(request.taskToken, parts.services.clock.now());
    return {};
  },
});
