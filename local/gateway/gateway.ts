import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerError } from './answer-error.ts';
import { AwsError, notSupported } from './aws-error.ts';
import { readBody, withBody } from './body.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Service } from './service.ts';
import { readSignature } from './signature.ts';
import { verifySignature } from './verify-signature.ts';

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** By the name a service has in the SigV4 scope: `states`, `dynamodb`, `s3`, `ses`, ... */
  readonly services: Readonly<Record<string, Service>>;
  readonly clock?: Pick<Clock, 'now'>;
  /** Hears of errors that are no AWS errors, and so are the local cloud's own. */
  readonly onUnexpectedError?: (error: unknown) => void;
}

export interface Gateway {
  /** What AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** More than any request of a service other than S3 may have: a mail of 40 MB, in base64 and JSON. */
const bodyLimit = 56 * 1024 * 1024;

export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { services, clock = systemClock, onUnexpectedError = console.error } = options;
  let origin = '';

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    setService: (name: string) => void,
  ): Promise<void> => {
    const wire = { method: request.method ?? '', target: request.url ?? '/', rawHeaders: request.rawHeaders };
    if (!wire.target.startsWith('/')) throw new AwsError('InvalidURI', "The request's target must be a path.");
    // Until a scope is read, an error is written as S3 would, unless the request names an operation of a JSON service.
    setService(request.headers['x-amz-target'] === undefined ? 's3' : '');
    const signature = readSignature(wire);
    setService(signature.service);
    const service = Object.hasOwn(services, signature.service) ? services[signature.service] : undefined;
    if (!service) throw notSupported(`The AWS service '${signature.service}'`);
    const body = signature.service === 's3' ? undefined : await readBody(request, bodyLimit);
    verifySignature(wire, signature, body, clock.now());
    // Joined as text: `new URL('//a/b', origin)` would take `a` for a host.
    await service(body ? withBody(request, body) : request, response, new URL(origin + wire.target));
  };

  const server = createServer((request, response) => {
    let serviceName = '';
    serve(request, response, (name) => (serviceName = name)).catch((error: unknown) => {
      // A client that went away is no fault of ours, and cannot be answered.
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof AwsError)) onUnexpectedError(error);
      answerError(response, serviceName, error, randomUUID());
    });
  });
  server.requestTimeout = 0; // An upload may take as long as it needs.
  server.keepAliveTimeout = 120_000; // Longer than a client keeps an idle connection, so that it never writes into a closing one.

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options.port)));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  return {
    url: origin,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};

/** One clear sentence for a port that cannot be had. */
const listenError = (error: NodeJS.ErrnoException, port: number): Error => {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `Port ${port} is already in use: stop the program that listens on 127.0.0.1:${port}, or choose another port.`,
    );
  }
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be opened by this user: choose a port above 1023.`);
  return new Error(`Port ${port} cannot be opened: ${error.message}.`);
};
