import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AwsService = 'dynamodb' | 's3' | 'states' | 'secretsmanager' | 'ses';

/** Something that goes wrong between a function and AWS. */
export type AwsFault = {
  readonly service: AwsService;
  /** Only calls that write or only calls that read; without it, all. */
  readonly of?: 'writes' | 'reads';
  readonly effect: 'throttle' | 'error' | 'reset' | 'kill';
  /** `after`: AWS did what was asked, and its answer is lost. */
  readonly when: 'before' | 'after';
  /** Lets so many calls pass first. */
  readonly skip: number;
  readonly times: number;
};

type Struck = AwsFault & { seen: number; hits: number };

const reads = /^(Get|BatchGet|TransactGet|Query|Scan|Describe|List|HEAD$|GET$)/;

const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? '';

const operationOf = ({ headers, method = '' }: IncomingMessage): string =>
  String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1) || method;

/** How each service says «too fast» and «our fault»: status, code. */
const words: Record<AwsService, { throttle: [number, string]; error: [number, string] }> = {
  dynamodb: { throttle: [400, 'ProvisionedThroughputExceededException'], error: [500, 'InternalServerError'] },
  states: { throttle: [400, 'ThrottlingException'], error: [500, 'InternalFailure'] },
  secretsmanager: { throttle: [400, 'ThrottlingException'], error: [500, 'InternalServiceError'] },
  ses: { throttle: [429, 'TooManyRequestsException'], error: [500, 'InternalServiceErrorException'] },
  s3: { throttle: [503, 'SlowDown'], error: [500, 'InternalError'] },
};

const refuse = (response: ServerResponse, service: AwsService, effect: 'throttle' | 'error'): void => {
  const [status, code] = words[service][effect];
  const isXml = service === 's3';
  const body = isXml
    ? `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>A test wants it so.</Message></Error>`
    : JSON.stringify({ __type: code, message: 'A test wants it so.' });
  response.writeHead(status, {
    date: new Date().toUTCString(),
    'content-type': isXml ? 'application/xml' : 'application/json',
    'x-amzn-errortype': code,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};

const callerOf = ({ headers }: IncomingMessage): number => Number(headers['x-test-process'] ?? 0);

/** Stands between the functions and the gateway, and breaks some of the calls. Other callers than functions go through unharmed. */
export const startFaultProxy = async (gatewayUrl: string, isFunction: (pid: number) => boolean) => {
  const faults = new Set<Struck>();
  const { hostname, port } = new URL(gatewayUrl);

  const strike = (request: IncomingMessage): Struck | undefined => {
    if (!isFunction(callerOf(request))) return undefined;
    const service = serviceOf(request);
    const kind = reads.test(operationOf(request)) ? 'reads' : 'writes';
    for (const fault of faults) {
      if (fault.service !== service || (fault.of && fault.of !== kind)) continue;
      fault.seen += 1;
      if (fault.seen <= fault.skip) continue;
      fault.hits += 1;
      if (fault.hits >= fault.times) faults.delete(fault);
      return fault;
    }
    return undefined;
  };

  const apply = ({ effect, service }: AwsFault, request: IncomingMessage, response: ServerResponse): void => {
    if (effect === 'throttle' || effect === 'error') return refuse(response, service, effect);
    const pid = callerOf(request);
    if (effect === 'kill') process.kill(pid, 'SIGKILL');
    request.socket.destroy();
  };

  const forward = (request: IncomingMessage, response: ServerResponse, fault: AwsFault | undefined): void => {
    const { method = '', url: path = '/' } = request;
    const headers = { ...request.headers };
    delete headers['x-test-process'];
    const onwards = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
      if (fault) {
        answer.resume();
        answer.once('end', () => apply(fault, request, response));
        answer.once('error', () => response.destroy());
        return;
      }
      // Node renews its Date header once a second; shared time may have skipped hours in it.
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, date: new Date().toUTCString() });
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    onwards.once('error', () => response.destroy());
    response.once('close', () => void (response.writableFinished || onwards.destroy()));
    request.pipe(onwards);
  };

  const server = createServer((request, response) => {
    const fault = strike(request);
    if (fault?.when !== 'before') return forward(request, response, fault);
    // The whole request is taken first: a caller that is answered while it sends would see a broken pipe.
    request.resume();
    request.once('end', () => apply(fault, request, response));
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: (fault: AwsFault): void => void faults.add({ ...fault, seen: 0, hits: 0 }),
    clear: (): void => faults.clear(),
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};
