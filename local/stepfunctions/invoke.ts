import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { LambdaOutcome } from '../lambda-outcome.ts';
import type { Branch } from './branch.ts';
import type { Json } from './definition.ts';
import { Interrupted, StateFailure } from './failure.ts';
import { isLambdaArn } from './resource.ts';
import { interruptible } from './run.ts';

/** A refusal of the Lambda service itself, as Step Functions names it. */
const refused = (error: unknown): StateFailure =>
  error instanceof AwsError
    ? new StateFailure(`Lambda.${error.code}`, error.message)
    : new StateFailure('Lambda.Unknown', error instanceof Error ? error.message : String(error));

const call = async (branch: Branch, name: string, payload: Json, signal: AbortSignal): Promise<Json> => {
  let outcome: LambdaOutcome;
  try {
    // A function that ignores the signal must not reach a later attempt of its task.
    outcome = await interruptible(branch.run.services.invokeFunction(name, payload, signal), signal);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw refused(error);
  }
  if ('functionError' in outcome)
    throw new StateFailure(outcome.payload.errorType || 'Lambda.Unknown', JSON.stringify(outcome.payload));
  return (outcome.payload ?? null) as Json;
};

/** The integration wraps what the function answers in the response of the Lambda API. */
const wrap = (payload: Json): Json => {
  const requestId = randomUUID();
  const headers = {
    'Content-Type': 'application/json',
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-RequestId': requestId,
  };
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};

/** Invokes the function of a task and answers what the state gets as its result. */
export const invoke = async (branch: Branch, resource: string, input: Json, signal: AbortSignal): Promise<Json> => {
  if (isLambdaArn(resource)) return call(branch, resource, input, signal);
  const { FunctionName: name, Payload: payload = {} } = input as { FunctionName?: Json; Payload?: Json };
  if (typeof name !== 'string') throw new StateFailure('States.Runtime', 'The Arguments must have a FunctionName.');
  return wrap(await call(branch, name, payload, signal));
};
