import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { AwsError } from '../gateway/aws-error.ts';
import type { InvokeFunction, LambdaOutcome } from '../lambda-outcome.ts';
import { readResponse } from './function-response.ts';
import type { HttpAnswer } from './function-response.ts';
import { parseTarget, requestEvent } from './request-event.ts';
import { findRoute } from './routing.ts';

export interface HttpRoute {
  /** A method, `ANY`, or `$default` for whatever no other route takes. */
  readonly method: string;
  readonly path: string;
  readonly functionArn: string;
  /** How long the function may take; 30 s where nothing is said, which is also the most on AWS. */
  readonly timeoutMs?: number;
}

export interface HttpApiOptions {
  readonly port: number;
  readonly routes: readonly HttpRoute[];
  readonly invoke: InvokeFunction;
  readonly requestContext?: { readonly accountId?: string; readonly apiId?: string };
  /** The longest that the headers, and the whole request, may take to arrive. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly now?: () => number;
  readonly onRequest?: (entry: { method: string; path: string; status: number; durationMs: number }) => void;
}

export interface HttpApi {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** 10 MB: the largest request of an HTTP API. A function's own limit of 6 MB answers in the same way. */
const BODY_LIMIT = 10 * 1024 * 1024;
/** An HTTP API takes 10,240 bytes of request line and headers. */
const HEADER_LIMIT = 10_240;

/** The front of an API Gateway HTTP API on 127.0.0.1. */
export const startHttpApi = async (options: HttpApiOptions): Promise<HttpApi> => {
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = options;
  const server = createServer(
    {
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    },
    (request, response) => void serve(request, response, options),
  );
  server.on('clientError', refuseMalformed);
  // Without a listener node would close such a connection without a word.
  server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => refuse(socket, 400, 'Bad Request'));
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuse(socket, 400, 'Bad Request'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(`Port ${options.port} on 127.0.0.1 is in use. Stop the other program or choose another port.`)
          : error,
      );
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const serve = async (request: IncomingMessage, response: ServerResponse, options: HttpApiOptions): Promise<void> => {
  const startedAt = performance.now();
  try {
    send(response, await handle(request, options));
  } catch {
    // The connection is gone, there is no such function, or it named a header that HTTP does not know.
    for (const name of response.headersSent ? [] : response.getHeaderNames()) response.removeHeader(name);
    if (!response.headersSent && !response.destroyed) send(response, message(500, 'Internal Server Error'));
  }
  options.onRequest?.({
    method: request.method ?? '',
    path: request.url ?? '',
    status: response.statusCode,
    durationMs: performance.now() - startedAt,
  });
};

const handle = async (request: IncomingMessage, options: HttpApiOptions): Promise<HttpAnswer> => {
  const target = parseTarget(request.url ?? '');
  if (!target) return message(400, 'Bad Request');
  const match = findRoute(options.routes, request.method ?? '', target.path);
  if (!match) return message(404, 'Not Found');
  const body = await readBody(request);
  if (!body) return message(413, 'Request Entity Too Large');

  const { accountId = '000000000000', apiId = 'local' } = options.requestContext ?? {};
  const event = requestEvent(request, target, match, body, { accountId, apiId }, (options.now ?? Date.now)());
  const outcome = await invokeInTime(match.route, event, options);
  if (outcome === 'too large') return message(413, 'Request Entity Too Large');
  if (outcome === 'unavailable') return message(503, 'Service Unavailable');
  if ('functionError' in outcome) return message(500, 'Internal Server Error');
  return readResponse(outcome.payload) ?? message(500, 'Internal Server Error');
};

const invokeInTime = async (
  route: HttpRoute,
  event: unknown,
  { invoke }: HttpApiOptions,
): Promise<LambdaOutcome | 'too large' | 'unavailable'> => {
  // The function is not stopped when the client's time is over; only nobody waits for it any longer.
  const signal = AbortSignal.timeout(route.timeoutMs ?? 30_000);
  try {
    return await invoke(route.functionArn, event, signal);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'RequestTooLargeException') return 'too large';
    if (signal.aborted) return 'unavailable';
    throw error;
  }
};

/** Undefined for a body over the limit. The rest of such a body is read and dropped, so that its sender hears the answer. */
const readBody = (request: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) resolve(undefined);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_LIMIT) return void chunks.push(chunk);
      chunks.length = 0;
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });

const message = (status: number, text: string): HttpAnswer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify({ message: text })),
});

const send = (response: ServerResponse, { status, headers, body }: HttpAnswer): void => {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader('content-length', body.length);
  response.end(body);
};

/** What is no HTTP never reaches a handler; it is answered on the bare connection. */
const refuseMalformed = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return refuse(socket, 408, 'Request Timeout');
  if (error.code === 'HPE_HEADER_OVERFLOW') return refuse(socket, 431, 'Request Header Fields Too Large');
  refuse(socket, 400, 'Bad Request');
};

const refuse = (socket: Duplex, status: number, text: string): void => {
  if (!socket.writable || (socket as Socket).destroyed) return void socket.destroy();
  const body = JSON.stringify({ message: text });
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
};
