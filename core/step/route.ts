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

export type Answer = {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of JSON; its type stands among the headers. */
  readonly content?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Lower-cased names, whatever the sender wrote. */
export type Headers = Readonly<Record<string, string | undefined>>;

export type RawRequest = {
  readonly headers: Headers;
  /** The bytes as they were sent: signatures are computed over these. */
  readonly body: Buffer;
};

type Route = { readonly name: string; readonly run: (request: RawRequest, signal: AbortSignal) => Promise<Answer> };

const toHttp = ({ status, body, content, headers }: Answer): APIGatewayProxyStructuredResultV2 => {
  const head = { statusCode: status, ...(headers ? { headers: { ...headers } } : {}) };
  if (Buffer.isBuffer(content)) return { ...head, body: content.toString('base64'), isBase64Encoded: true };
  if (content !== undefined) return { ...head, body: content };
  if (body === undefined) return head;
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { ...head, headers: { ...type, ...headers }, body: JSON.stringify(body) };
};

const toAnswer = (error: unknown): Answer => {
  if (error instanceof HttpError) {
    const { status, code, message, field } = error;
    log.warn('request refused', { status, code });
    return { status, body: { error: { code, message, ...(field ? { field } : {}) } } };
  }
  log.error('route failed', { error });
  return {
    status: 500,
    body: { error: { code: 'INTERNAL', message: 'Something broke on our side. Send the request again later.' } },
  };
};

export const bytesOf = ({ body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): Buffer =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

export const lowerCased = (headers: Headers | undefined): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

/** What every endpoint shares: its log lines bear its name, and whatever is thrown becomes an answer of our shape. */
export const endpoint = (name: string, run: (event: APIGatewayProxyEventV2, signal: AbortSignal) => Promise<Answer>) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>({ timeoutEarlyInMillis: 500 })
    .before(({ context }) => setLogContext({ route: name, requestId: context.awsRequestId }))
    .onError((request) => {
      request.response = toHttp(toAnswer(request.error));
    })
    .handler(async (event: APIGatewayProxyEventV2, _context: Context, { signal }: { signal: AbortSignal }) =>
      toHttp(await run(event, signal)),
    );

/** The wrapper around an endpoint that reads the raw body itself: the webhook, and contracts of older systems. */
export const route = ({ name, run }: Route) =>
  endpoint(name, (event, signal) => run({ headers: lowerCased(event.headers), body: bytesOf(event) }, signal));
