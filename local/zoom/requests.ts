import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request that reached the simulator, without anything that would let its reader in. */
export type RecordedRequest = {
  readonly at: number;
  readonly origin: 'main' | 'storage';
  readonly method: string;
  readonly path: string;
  /** Names and values; signatures and tokens withheld. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly range?: string;
  readonly carriedAuthorization: boolean;
  /** Name of the route, once it is known. */
  route?: string;
  fileId?: string;
  /** 0 until it is answered, and for an answer that was never begun. */
  status: number;
  /** Bytes of the answer's body that were written. */
  sent: number;
};

const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
const SECRET_QUERY = new Set([
  'access_token',
  'download_token',
  'Policy',
  'Signature',
  'Key-Pair-Id',
  'next_page_token',
]);
const WITHHELD = '(withheld)';

const withheld = (pairs: Iterable<readonly [string, string]>, secret: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries([...pairs].map(([name, value]) => [name, secret.has(name) ? WITHHELD : value]));

/** Writes down each request; `onRequest` hears of it when its answer is over. */
export const createRequestLog = (now: () => number, onRequest?: (request: RecordedRequest) => void) => {
  const requests: RecordedRequest[] = [];
  return {
    requests,
    record: (
      origin: 'main' | 'storage',
      request: IncomingMessage,
      url: URL,
      response: ServerResponse,
    ): RecordedRequest => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
      const { range, authorization } = request.headers;
      const recorded: RecordedRequest = {
        at: now(),
        origin,
        method: request.method ?? '',
        path: url.pathname,
        query: withheld(url.searchParams, SECRET_QUERY),
        headers: withheld(headers, SECRET_HEADERS),
        ...(range === undefined ? {} : { range }),
        carriedAuthorization: authorization !== undefined,
        status: 0,
        sent: 0,
      };
      requests.push(recorded);
      response.once('close', () => {
        recorded.status = response.headersSent ? response.statusCode : 0;
        onRequest?.(recorded);
      });
      return recorded;
    },
  };
};
