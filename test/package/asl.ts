/** A state as far as the checks look at it. */
export type AslState = {
  readonly Type: string;
  readonly Resource?: string;
  readonly Default?: string;
  readonly TimeoutSeconds?: number;
  readonly HeartbeatSeconds?: number;
  readonly Arguments?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Choices?: readonly { readonly Assign?: Readonly<Record<string, unknown>> }[];
  readonly Retry?: readonly Rule[];
  readonly Catch?: readonly Rule[];
  readonly ItemProcessor?: Asl;
  readonly Branches?: readonly Asl[];
};

type Rule = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly Assign?: Readonly<Record<string, unknown>>;
};

export type Asl = {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, AslState>>;
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
  readonly Comment?: string;
};

/** The function that a task calls: it stands in the place of the resource unless its answer is waited for. */
export const functionOf = ({ Resource, Arguments }: AslState): string | undefined =>
  Resource?.endsWith(':lambda:invoke.waitForTaskToken')
    ? (Arguments as { FunctionName?: string } | undefined)?.FunctionName
    : Resource;

/** Every state with those inside of Maps and Parallels. */
export const statesOf = ({ States }: Asl): [name: string, state: AslState][] =>
  Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, AslState],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
    ...(state.Branches ?? []).flatMap(statesOf),
  ]);

const ruleFlaws = (name: string, kind: string, rules: readonly Rule[] = []): string[] =>
  rules.flatMap(({ ErrorEquals }, index) => {
    if (!ErrorEquals.includes('States.ALL')) return [];
    return [
      ...(ErrorEquals.length > 1 ? [`${name}: States.ALL must stand alone in ${kind}`] : []),
      ...(index < rules.length - 1 ? [`${name}: States.ALL must be the last in ${kind}`] : []),
    ];
  });

/** Given to the function that is called, and to nothing after it: who waits for an answer has no other way to say where to. */
const ownToken = '"taskToken":"{% $states.context.Task.Token %}"';

/** Words that no value travelling between states may be called. */
const secret = /token|password|secret|passcode|credential|download_?url/i;

/** What AWS refuses, or what ends badly there, and no validator of npm says. */
export const flawsOf = (definition: Asl): string[] =>
  statesOf(definition).flatMap(([name, state]) => {
    const { Type, TimeoutSeconds, HeartbeatSeconds = 0, Choices = [], Catch = [] } = state;
    const assigned = [state, ...Choices, ...Catch].flatMap(({ Assign = {} }) => Object.keys(Assign));
    return [
      ...(Type === 'Choice' && state.Default === undefined ? [`${name} is a choice without Default`] : []),
      // Without one a lost answer is waited for until the whole execution has had its time.
      ...(Type === 'Task' && TimeoutSeconds === undefined ? [`${name} is a task without TimeoutSeconds`] : []),
      ...(TimeoutSeconds !== undefined && HeartbeatSeconds >= TimeoutSeconds
        ? [`${name}: the heartbeat must be shorter than the time-out`]
        : []),
      ...ruleFlaws(name, 'Retry', state.Retry),
      ...ruleFlaws(name, 'Catch', state.Catch),
      ...(assigned.includes('states') ? [`${name} assigns to states, a reserved name`] : []),
      ...(secret.test(JSON.stringify([state.Arguments ?? null, state.Assign ?? null]).replace(ownToken, ''))
        ? [`${name} passes what sounds like a secret`]
        : []),
    ];
  });
