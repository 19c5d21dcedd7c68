import type { LambdaOutcome } from '../lambda-outcome.ts';

export type Failure = Extract<LambdaOutcome, { functionError: string }>['payload'];

/** 6 MB and a little for the envelope: the largest answer of a synchronous invocation. */
export const RESPONSE_LIMIT = 6_291_556;
/** 6 MB: the largest payload of a synchronous invocation. */
export const REQUEST_LIMIT = 6_291_456;
/** 1 MB: the largest payload of an asynchronous invocation. */
export const EVENT_LIMIT = 1_048_576;

/** Node's runtime reports each error, thrown or not, as unhandled. */
export const failed = (payload: Failure): LambdaOutcome => ({ functionError: 'Unhandled', payload });

export const answered = (json: string): LambdaOutcome =>
  Buffer.byteLength(json) > RESPONSE_LIMIT
    ? failed({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`,
      })
    : { payload: JSON.parse(json) as unknown };

export const timedOut = (requestId: string, seconds: number): LambdaOutcome =>
  failed({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  });

/** How an execution environment came to its end by itself. */
export interface Death {
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

export const died = (requestId: string, { code, signal, outOfMemory }: Death): LambdaOutcome => {
  const how = signal
    ? ` with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal === 'SIGABRT' ? 'aborted' : signal}`
    : code
      ? ` with error: exit status ${code}`
      : ' without providing a reason';
  return failed({
    errorType: outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited${how}`,
  });
};
