/** The JSONata form of the Amazon States Language, as far as the local cloud runs it. `validate.ts` lets nothing else in. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value whose strings may be JSONata expressions, `{% … %}`. */
export type Template = Json;

export type Variables = Readonly<Record<string, Json>>;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

interface Outcome {
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

export interface Catcher extends Outcome {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface ChoiceRule extends Outcome {
  readonly Condition: boolean | string;
  readonly Next: string;
}

interface Flow extends Outcome {
  readonly Next?: string;
  readonly End?: true;
}

interface Fallible extends Flow {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Fallible {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly TimeoutSeconds?: number | string;
  readonly HeartbeatSeconds?: number | string;
}

export interface ParallelState extends Fallible {
  readonly Type: 'Parallel';
  readonly Branches: readonly Block[];
  readonly Arguments?: Template;
}

export interface MapState extends Fallible {
  readonly Type: 'Map';
  readonly ItemProcessor: Block;
  readonly Items?: Template;
  readonly ItemSelector?: Template;
  readonly MaxConcurrency?: number | string;
}

export interface PassState extends Flow {
  readonly Type: 'Pass';
}

export interface WaitState extends Flow {
  readonly Type: 'Wait';
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
}

export interface ChoiceState extends Outcome {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface SucceedState {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

export type State =
  TaskState | ParallelState | MapState | PassState | WaitState | ChoiceState | SucceedState | FailState;

export interface Block {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends Block {
  readonly TimeoutSeconds?: number;
}

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition as it was given. An execution keeps its own copy: a later definition does not change it, nor its redrive. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const definitions = new Map<string, Definition>();

/** The definition of a machine that has been validated. */
export const definitionOf = ({ source }: Machine): Definition => {
  const known = definitions.get(source);
  if (known) return known;
  const definition = JSON.parse(source) as Definition;
  definitions.set(source, definition);
  return definition;
};
