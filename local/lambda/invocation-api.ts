import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { AwsError, notSupported } from '../gateway/aws-error.ts';
import type { Service } from '../gateway/service.ts';
import type { InvokeFunction } from '../lambda-outcome.ts';
import type { LocalFunction } from './local-function.ts';
import { EVENT_LIMIT, REQUEST_LIMIT } from './outcomes.ts';

export interface InvocationApiOptions {
  readonly find: (nameOrArn: string) => LocalFunction;
  readonly invoke: InvokeFunction;
  readonly retryDelaysMs?: readonly number[];
}

/** Lambda waits a minute, then two, before it repeats an asynchronous invocation. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** The Invoke operation of the Lambda API: `POST /2015-03-31/functions/NAME/invocations`. */
export const lambdaService = (options: InvocationApiOptions): { service: Service; close: () => void } => {
  const timers = new Set<NodeJS.Timeout>();
  const delays = options.retryDelaysMs ?? RETRY_DELAYS_MS;

  const deliver = async (fn: LocalFunction, event: unknown, attempt: number): Promise<void> => {
    const outcome = await options.invoke(fn.name, event).catch(() => undefined);
    if (!outcome || !('functionError' in outcome) || attempt >= (fn.asyncRetries ?? 2)) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void deliver(fn, event, attempt + 1);
      },
      delays[Math.min(attempt, delays.length - 1)],
    );
    timers.add(timer);
  };

  const service: Service = async (request, response, url) => {
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname) ?? [];
    if (!name || request.method !== 'POST') throw notSupported(`Lambda ${request.method ?? ''} ${url.pathname}`);
    const qualifier = url.searchParams.get('Qualifier');
    const fn = options.find(decodeURIComponent(name) + (qualifier ? `:${qualifier}` : ''));
    const type = header(request, 'x-amz-invocation-type') ?? 'RequestResponse';
    if (header(request, 'x-amz-log-type') === 'Tail') throw notSupported('Lambda LogType Tail');
    if (type === 'DryRun') return answer(response, 204, '');
    if (type !== 'RequestResponse' && type !== 'Event') {
      throw new AwsError('InvalidParameterValueException', `Unknown invocation type: ${type}`);
    }
    const event = parse(await readBody(request, type, type === 'Event' ? EVENT_LIMIT : REQUEST_LIMIT));
    if (type === 'Event') {
      void deliver(fn, event, 0);
      return answer(response, 202, '');
    }
    const outcome = await options.invoke(fn.name, event);
    if ('functionError' in outcome) response.setHeader('X-Amz-Function-Error', outcome.functionError);
    answer(response, 200, JSON.stringify(outcome.payload));
  };

  return {
    service,
    close: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'x-amzn-RequestId': randomUUID(),
    'X-Amz-Executed-Version': '$LATEST',
  });
  response.end(body);
};

const readBody = async (request: IncomingMessage, type: string, limit: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What lies beyond the limit is read and thrown away, so that the client hears the answer instead of a reset.
    if (bytes <= limit) chunks.push(chunk);
  }
  if (bytes > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `${bytes} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
      413,
    );
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** An invocation without a payload gets an empty object. */
const parse = (body: string): unknown => {
  if (body === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
};
