import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { log, setLogContext } from './log.ts';

/** A refusal with a status, a code and a sentence; becomes `{ "error": { "code", "message", "field"? } }`. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.name = 'HttpError';
  }
}

export type Answer = { readonly status: number; readonly body?: unknown };

export type RawRequest = {
  /** Lower-cased names, whatever the sender wrote. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they were sent: signatures are computed over these. */
  readonly body: Buffer;
};

type Route = { readonly name: string; readonly run: (request: RawRequest, signal: AbortSignal) => Promise<Answer> };

export const toHttp = ({ status, body }: Answer): APIGatewayProxyStructuredResultV2 =>
  body === undefined
    ? { statusCode: status }
    : {
        statusCode: status,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
      };

const toAnswer = (error: unknown): Answer => {
  if (error instanceof HttpError) {
    const { status, code, message, field } = error;
    return { status, body: { error: { code, message, ...(field ? { field } : {}) } } };
  }
  log.error('route failed', { error });
  return {
    status: 500,
    body: { error: { code: 'INTERNAL', message: 'Something broke on our side. Send the request again later.' } },
  };
};

export const lowerCased = (
  headers: Record<string, string | undefined> | undefined,
): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

/** The wrapper around an HTTP endpoint that reads the raw body itself: the webhook, and contracts of older systems. */
export const route = ({ name, run }: Route) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>({ timeoutEarlyInMillis: 500 })
    .onError((request) => {
      request.response = toHttp(toAnswer(request.error));
    })
    .handler(async (event: APIGatewayProxyEventV2, context: Context, { signal }: { signal: AbortSignal }) => {
      setLogContext({ route: name, requestId: context.awsRequestId });
      const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
      return toHttp(await run({ headers: lowerCased(event.headers), body }, signal));
    });
