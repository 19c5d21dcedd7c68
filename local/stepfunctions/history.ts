import type { Json, Variables } from './definition.ts';

/** One event as GetExecutionHistory answers it; the timestamp is in seconds since 1970, with milliseconds as fraction. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

/** An event before it has its id, its time and, unless given, its predecessor. */
export interface EventDraft {
  readonly type: string;
  readonly previous?: number;
  /** The name of the member that holds the details, and the details; some types have none. */
  readonly details?: readonly [name: `${string}EventDetails`, value: Readonly<Record<string, unknown>>];
}

/** AWS fails the execution rather than recording more; the last event is the failure. */
export const historyLimit = 25_000;

const whole = { truncated: false } as const;

const failure = (error: string | undefined, cause: string | undefined): Record<string, string> => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

export const stateEntered = (type: string, name: string, input: Json): EventDraft => ({
  type: `${type}StateEntered`,
  details: ['stateEnteredEventDetails', { name, input: JSON.stringify(input), inputDetails: whole }],
});

export const stateExited = (type: string, name: string, output: Json, assigned: Variables): EventDraft => {
  const variables = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)] as const);
  return {
    type: `${type}StateExited`,
    details: [
      'stateExitedEventDetails',
      {
        name,
        output: JSON.stringify(output),
        outputDetails: whole,
        ...(variables.length > 0
          ? { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: whole }
          : {}),
      },
    ],
  };
};

export const executionStarted = (input: string, roleArn: string): EventDraft => ({
  type: 'ExecutionStarted',
  details: ['executionStartedEventDetails', { input, inputDetails: whole, roleArn }],
});

export const executionSucceeded = (output: string): EventDraft => ({
  type: 'ExecutionSucceeded',
  details: ['executionSucceededEventDetails', { output, outputDetails: whole }],
});

export const executionFailed = (error: string | undefined, cause: string | undefined): EventDraft => ({
  type: 'ExecutionFailed',
  details: ['executionFailedEventDetails', failure(error, cause)],
});

// Recorded on AWS: an execution that ends from outside follows on nothing.
export const executionAborted = (error: string | undefined, cause: string | undefined): EventDraft => ({
  type: 'ExecutionAborted',
  previous: 0,
  details: ['executionAbortedEventDetails', failure(error, cause)],
});

export const executionTimedOut = (): EventDraft => ({
  type: 'ExecutionTimedOut',
  previous: 0,
  details: ['executionTimedOutEventDetails', {}],
});

export const executionRedriven = (redriveCount: number, previous: number): EventDraft => ({
  type: 'ExecutionRedriven',
  previous,
  details: ['executionRedrivenEventDetails', { redriveCount }],
});

export const evaluationFailed = (state: string, location: string, error: string, cause: string): EventDraft => ({
  type: 'EvaluationFailed',
  details: ['evaluationFailedEventDetails', { error, cause, location, state }],
});

export const mapStateStarted = (length: number): EventDraft => ({
  type: 'MapStateStarted',
  details: ['mapStateStartedEventDetails', { length }],
});

export const mapIteration = (
  what: 'Started' | 'Succeeded' | 'Failed' | 'Aborted',
  name: string,
  index: number,
  previous?: number,
): EventDraft => ({
  type: `MapIteration${what}`,
  details: [`mapIteration${what}EventDetails`, { name, index }],
  ...(previous === undefined ? {} : { previous }),
});

/** Members that carry the execution's data, left out when the caller asks for a history without it. */
const data: ReadonlySet<string> = new Set(['input', 'output', 'parameters', 'assignedVariables']);

export const withoutData = (event: HistoryEvent): HistoryEvent =>
  Object.fromEntries(
    Object.entries(event).map(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [key, Object.fromEntries(Object.entries(value).filter(([member]) => !data.has(member)))]
        : [key, value],
    ),
  ) as unknown as HistoryEvent;
