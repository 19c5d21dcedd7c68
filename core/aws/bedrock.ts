import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Converse } from '../insight/bedrock/bedrock-engine.ts';
import { PermanentError, TransientError } from '../step/errors.ts';

/** Throttling lasts for minutes; a whole report takes one or two. */
const attempts = 8;
const patienceMs = 300_000;

/**
 * Amazon Bedrock. Throttling is retried by the SDK and nowhere else: its adaptive mode slows down all that this process
 * asks for. What is wrong for good has a code of its own.
 */
export const bedrockConverse = (
  client = new BedrockRuntimeClient({
    maxAttempts: attempts,
    retryMode: 'adaptive',
    // HTTP/1.1 as every other client here: the usual HTTP/2 of this one is for streams in both directions.
    requestHandler: new NodeHttpHandler({ requestTimeout: patienceMs }),
  }),
): Converse => {
  return async (request, signal) => {
    try {
      return await client.send(new ConverseCommand(request), { abortSignal: signal });
    } catch (error) {
      throw error instanceof Error ? readError(error, request.modelId ?? '') : error;
    }
  };
};

/** Messages of Bedrock name the model and the reason, and repeat nothing of what was sent. */
const readError = (error: Error, model: string): Error => {
  const said = `${error.name}: ${error.message}`.slice(0, 500);
  if (/^(AccessDenied|ResourceNotFound|Validation)Exception$/.test(error.name))
    return new PermanentError('MODEL_NOT_AVAILABLE', `${model}: ${said}`);
  return new TransientError(`Bedrock did not answer for ${model} (${said})`);
};
