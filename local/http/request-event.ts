import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { RouteMatch } from './routing.ts';

/** The parts of a request target. `path` is decoded, as an HTTP API hands it on; the query string is not. */
export interface RequestTarget {
  readonly path: string;
  readonly query: string;
}

export interface ApiIdentity {
  readonly accountId: string;
  readonly apiId: string;
}

/** Undefined for a target that is no path or whose escapes are not UTF-8. */
export const parseTarget = (target: string): RequestTarget | undefined => {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(relative) ?? [];
  if (!path.startsWith('/')) return undefined;
  try {
    return { path: decodeURIComponent(path), query };
  } catch {
    return undefined;
  }
};

/** The event of payload format 2.0. */
export const requestEvent = (
  request: IncomingMessage,
  target: RequestTarget,
  match: RouteMatch,
  body: Buffer,
  identity: ApiIdentity,
  now: number,
): Record<string, unknown> => {
  const headers = joinHeaders(request);
  const cookies = request.headers.cookie?.split(/;\s*/).filter((cookie) => cookie !== '');
  const sourceIp = request.socket.remoteAddress ?? '';
  const domainName = headers['host'] ?? '';
  const parameters = [...new URLSearchParams(target.query)];
  const isText = isTextual(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath: target.path,
    rawQueryString: target.query,
    ...(cookies ? { cookies } : {}),
    headers: {
      ...headers,
      'x-forwarded-for': [headers['x-forwarded-for'], sourceIp].filter((address) => address !== undefined).join(', '),
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    ...(parameters.length > 0 ? { queryStringParameters: joinPairs(parameters) } : {}),
    requestContext: {
      accountId: identity.accountId,
      apiId: identity.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method ?? '',
        path: target.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.routeKey,
      stage: '$default',
      time: accessLogTime(now),
      timeEpoch: now,
    },
    ...(Object.keys(match.pathParameters).length > 0 ? { pathParameters: match.pathParameters } : {}),
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

/**
 * What arrives as text; everything else, form data and bodies without a type included, arrives as base64. AWS's
 * documentation names no types; this is the split that was observed on the real service.
 */
const isTextual = (contentType: string): boolean => {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || ['application/json', 'application/xml', 'application/javascript'].includes(type);
};

/** Names are lower-cased and repeated headers joined by commas; cookies have a place of their own. */
const joinHeaders = ({ rawHeaders }: IncomingMessage): Record<string, string> => {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  return joinPairs(pairs.filter(([name]) => name !== 'cookie'));
};

const joinPairs = (pairs: readonly (readonly [string, string])[]): Record<string, string> => {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  // fromEntries defines properties, so that a parameter called __proto__ stays a parameter.
  return Object.fromEntries(joined);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:13:50:21 +0000` */
const accessLogTime = (now: number): string => {
  const date = new Date(now);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
};
