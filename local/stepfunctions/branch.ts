import type { Block, Json, Template, Variables } from './definition.ts';
import { QueryFailure } from './evaluate.ts';
import type { Bindings } from './evaluate.ts';
import type { Position, Progress } from './execution.ts';
import { Interrupted, StateFailure, refuseLargePayload, variablesLimit } from './failure.ts';
import { evaluationFailed } from './history.ts';
import { record } from './run.ts';
import type { Change, Run } from './run.ts';

/** A sequence of states at work: the machine itself, an iteration of a Map or a branch of a Parallel. */
export interface Branch {
  readonly run: Run;
  /** Its key in the log; see `Entry.path`. */
  readonly path: string;
  readonly block: Block;
  /** Variables of the scopes around it: to be read, not assigned. */
  readonly outer: Variables;
  readonly signal: AbortSignal;
  /** Event that its first event follows on. */
  readonly origin: number;
  /** The member Map of the context object, inside an iteration. */
  readonly item?: Json;
  /** What is recorded together with its end. */
  readonly closing: (output: Json) => Change;
}

/** How a state was left: `next` is absent where the branch ends. */
export interface Step {
  readonly output: Json;
  readonly assigned: Variables;
  readonly next?: string | undefined;
}

export const positionOf = ({ run, path }: Branch): Position => {
  const position = run.execution.positions.get(path);
  if (!position) throw new Error(`The branch ${path} of ${run.execution.arn} stands in no state.`);
  return position;
};

export const recordIn = (branch: Branch, change: Change): void => {
  if (branch.signal.aborted) throw new Interrupted();
  record(branch.run, branch.path, change);
};

const timeText = (at: number): string => new Date(at).toISOString();

/** Only these count their attempts in the context object; that of a Pass, recorded on AWS, has no RetryCount. */
const mayRetry: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

const contextOf = (branch: Branch, extra: Readonly<Record<string, Json>>): Json => {
  const { execution } = branch.run;
  const position = positionOf(branch);
  const retries = position.progress.retries ?? [];
  const type = branch.block.States[position.state]?.Type ?? '';
  return {
    Execution: {
      Id: execution.arn,
      Input: JSON.parse(execution.input) as Json,
      Name: execution.name,
      RoleArn: execution.machine.roleArn,
      StartTime: timeText(execution.startedAt),
      RedriveCount: execution.redriveCount,
      ...(execution.redrivenAt !== undefined && { RedriveTime: timeText(execution.redrivenAt) }),
    },
    StateMachine: { Id: execution.machine.arn, Name: execution.machine.name },
    State: {
      Name: position.state,
      EnteredTime: timeText(position.enteredAt),
      ...(mayRetry.has(type) && { RetryCount: retries.reduce((sum, count) => sum + count, 0) }),
    },
    ...(branch.item !== undefined && { Map: branch.item }),
    ...extra,
  };
};

/** What expressions of the present state can see. */
export const bindingsOf = (
  branch: Branch,
  states: Readonly<Record<string, Json>> = {},
  context: Readonly<Record<string, Json>> = {},
): Bindings => {
  const { input, variables } = positionOf(branch);
  return {
    states: { input, context: contextOf(branch, context), ...states },
    variables: { ...branch.outer, ...variables },
  };
};

/** AWS bounds what one Assign writes, and what an execution keeps: here, what the branch can see. */
const refuseLargeVariables = (branch: Branch, assigned: Variables): void => {
  if (Object.keys(assigned).length === 0) return;
  refuseLargePayload(JSON.stringify(Object.values(assigned)), 'total of the assigned variables');
  const all = { ...branch.outer, ...positionOf(branch).variables, ...assigned };
  refuseLargePayload(JSON.stringify(all), 'total of the variables', variablesLimit);
};

/** Evaluates Assign and Output of a state, a choice or a catcher, both with the variables as they were. */
export const conclude = async (
  branch: Branch,
  part: { readonly Output?: Template; readonly Assign?: Readonly<Record<string, Template>> },
  next: string | undefined,
  fallback: Json,
  states: Readonly<Record<string, Json>> = {},
): Promise<Step> => {
  const { evaluate } = branch.run.services;
  const bindings = bindingsOf(branch, states);
  const assigned = (part.Assign === undefined ? {} : await evaluate(part.Assign, 'Assign', bindings)) as Variables;
  const output = part.Output === undefined ? fallback : await evaluate(part.Output, 'Output', bindings);
  refuseLargeVariables(branch, assigned);
  refuseLargePayload(JSON.stringify(output), `output of the state '${positionOf(branch).state}'`);
  return { output, assigned, next };
};

/** An error of an expression or of the definition, told with the state it happened in. */
export const inState = (branch: Branch, reason: string): string => {
  const { state, entered } = positionOf(branch);
  return `An error occurred while executing the state '${state}' (entered at the event id #${entered}). ${reason}`;
};

/** What a failure leaves in the log, together with its event, so that no crash makes it happen twice. */
export const remember = (branch: Branch, { error, reason, missedHeartbeat }: StateFailure): Progress => ({
  ...positionOf(branch).progress,
  failed: { error, reason, missedHeartbeat },
});

/** Goes on with a failure that was told before a crash. */
export const throwRemembered = (branch: Branch): void => {
  const { failed } = positionOf(branch).progress;
  if (failed) throw new StateFailure(failed.error, failed.reason, failed.missedHeartbeat);
};

/** A failed expression gets its own event, whether it is caught afterwards or not. */
export const explain = (branch: Branch, error: unknown): unknown => {
  if (!(error instanceof QueryFailure)) return error;
  const failure = new StateFailure(error.error, inState(branch, error.reason ?? ''));
  const event = evaluationFailed(positionOf(branch).state, error.field, failure.error ?? '', failure.reason ?? '');
  recordIn(branch, { events: [event], progress: remember(branch, failure) });
  return failure;
};
