import { setTimeout as sleep } from 'node:timers/promises';
import { signedHeaders } from './sigv4.ts';

/**
 * AWS services that speak AWS JSON, without the SDK. Loading the SDK's clients takes longer than everything else that a
 * cold webhook does, and Zoom waits 3 s; every other function uses the SDK. Only what a function on Lambda has is
 * supported: credentials and region in the environment, the public endpoint or AWS_ENDPOINT_URL.
 */
type Protocol = {
  /** In the endpoint's name and the signature's scope. */
  readonly service: string;
  /** Leads the operation in X-Amz-Target. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
};

type Surroundings = {
  readonly environment: Record<string, string | undefined>;
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<unknown>;
};

export type JsonApi = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** As the SDK's standard mode. */
const mostAttempts = 3;
const firstPauseMillis = 100;
/** Of silence. Three of them fit into the webhook's own time. */
const patienceMillis = 2_500;
const throttled = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|TransactionInProgress/;

export const jsonApi = (
  protocol: Protocol,
  { environment, now, pause }: Surroundings = { environment: process.env, now: () => new Date(), pause: sleep },
): JsonApi => {
  const attempt = (operation: string, body: string) => {
    const region = needed(environment, 'AWS_REGION');
    const url = new URL(environment.AWS_ENDPOINT_URL ?? publicEndpoint(protocol.service, region));
    const headers = {
      'content-type': `application/x-amz-json-${protocol.version}`,
      'x-amz-target': `${protocol.target}.${operation}`,
    };
    const credentials = {
      accessKeyId: needed(environment, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: needed(environment, 'AWS_SECRET_ACCESS_KEY'),
      sessionToken: environment.AWS_SESSION_TOKEN,
    };
    const unsigned = { host: url.host, headers, body, service: protocol.service, region };
    return post(url, signedHeaders(unsigned, credentials, now()), body).catch((error: Error) => error);
  };

  return async (operation, input) => {
    const body = JSON.stringify(input);
    for (let failures = 1; ; failures += 1) {
      const answer = await attempt(operation, body);
      if ('text' in answer && answer.status === 200) return JSON.parse(answer.text) as Record<string, unknown>;
      const reason = 'text' in answer ? errorOf(operation, answer) : answer;
      const mayPass = !('text' in answer) || answer.status >= 500 || throttled.test(reason.name);
      if (!mayPass || failures === mostAttempts) throw reason;
      await pause(Math.random() * firstPauseMillis * 2 ** failures);
    }
  };
};

const needed = (environment: Record<string, string | undefined>, name: string): string => {
  const value = environment[name];
  if (value) return value;
  throw new Error(`${name} is not set; Lambda sets it for every function`);
};

const publicEndpoint = (service: string, region: string): string =>
  `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

type Answer = { readonly status: number; readonly text: string };

const post = (url: URL, headers: Record<string, string>, body: string) =>
  new Promise<Answer>((resolve, reject) => {
    // Imported, node:http would load Node's own fetch and WebSocket for the sake of its exports: 25 ms on Node 24.
    const http = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
    const request = http.request(url, { method: 'POST', headers, timeout: patienceMillis }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('timeout', () => {
      request.destroy(
        Object.assign(new Error(`${url.host} was silent for ${patienceMillis} ms`), { code: 'ETIMEDOUT' }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });

/** Named as the SDK names it: by what follows the `#` of `__type`. */
const errorOf = (operation: string, { status, text }: Answer): Error => {
  const fields = readFields(text);
  const type = typeof fields.__type === 'string' ? fields.__type : `Http${status}`;
  const message = fields.message ?? fields.Message;
  const error = new Error(typeof message === 'string' ? message : `${operation} was answered with ${status}`);
  error.name = type.slice(type.lastIndexOf('#') + 1);
  return error;
};

/** What stands between us and the service may answer with a page instead of JSON. */
const readFields = (text: string): Record<string, unknown> => {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
};
