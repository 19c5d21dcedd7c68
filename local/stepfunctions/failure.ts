/** A state failed. The name of the error is what Retry and Catch compare. */
export class StateFailure extends Error {
  constructor(
    readonly error: string | undefined,
    readonly reason: string | undefined,
    /** A missed heartbeat is reported as States.Timeout; only the matcher States.HeartbeatTimeout tells it apart. */
    readonly missedHeartbeat = false,
  ) {
    super(`${error ?? 'no error name'}: ${reason ?? 'no cause'}`);
    this.name = 'StateFailure';
  }
}

/** The branch is no longer wanted: the engine closes, the execution was stopped, or a sibling failed. Nothing is recorded any more. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** AWS lets the wildcards pass these by; States.Runtime ends the execution even where a matcher names it. */
const terminal: ReadonlySet<string> = new Set(['States.DataLimitExceeded', 'States.Runtime']);

const matches = (matcher: string, failure: StateFailure): boolean => {
  const error = failure.error ?? '';
  if (error === 'States.Runtime') return false;
  switch (matcher) {
    case 'States.ALL':
      return !terminal.has(error);
    case 'States.TaskFailed':
      return !terminal.has(error) && error !== 'States.Timeout';
    case 'States.HeartbeatTimeout':
      return failure.missedHeartbeat;
    default:
      return matcher === error;
  }
};

export const isMatchedBy = (failure: StateFailure, errorEquals: readonly string[]): boolean =>
  errorEquals.some((matcher) => matches(matcher, failure));

/** The longest JSON text (UTF-8) that may travel between states. */
export const payloadLimit = 256 * 1024;

/** The most that all variables of an execution may hold. */
export const variablesLimit = 10 * 1024 * 1024;

export const refuseLargePayload = (text: string, what: string, limit = payloadLimit): void => {
  if (Buffer.byteLength(text) > limit)
    throw new StateFailure(
      'States.DataLimitExceeded',
      `The ${what} has a size exceeding the maximum number of bytes service limit.`,
    );
};
