import { createHash } from 'node:crypto';

/** The parts of a request that a SigV4 signature covers, as they arrived on the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query exactly as sent: a parsed URL would already have lost dot segments and encodings. */
  readonly target: string;
  /** Names and values in turn, as node:http keeps them, because parsed headers drop some duplicates. */
  readonly rawHeaders: readonly string[];
}

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** RFC 3986: everything but the unreserved characters is escaped, as SigV4 demands. */
const escapeStrictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Not percent-encoded UTF-8: it is signed as it stands, and then does not match.
  }
};

const splitTarget = (target: string): { path: string; query: string } => {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
};

const withoutDotSegments = (path: string): string => {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

/** S3 encodes a path once and keeps it as it is; every other service normalises it and encodes what was sent once more. */
const canonicalPath = (path: string, service: string): string => {
  if (service === 's3') {
    return path
      .split('/')
      .map((segment) => escapeStrictly(decode(segment)))
      .join('/');
  }
  return withoutDotSegments(path).split('/').map(escapeStrictly).join('/');
};

/** The query's parameters, decoded, in the order they were sent. */
export const queryParameters = (target: string): [string, string][] =>
  splitTarget(target)
    .query.split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const mark = pair.indexOf('=');
      return mark < 0 ? [decode(pair), ''] : [decode(pair.slice(0, mark)), decode(pair.slice(mark + 1))];
    });

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const canonicalQuery = (target: string): string =>
  queryParameters(target)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [escapeStrictly(name), escapeStrictly(value)] as const)
    .sort((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

export const headerValues = (rawHeaders: readonly string[], name: string): string[] =>
  rawHeaders.flatMap((header, at) => (at % 2 === 0 && header.toLowerCase() === name ? [rawHeaders[at + 1] ?? ''] : []));

const canonicalHeader = (request: WireRequest, name: string): string =>
  `${name}:${headerValues(request.rawHeaders, name)
    .map((value) => value.trim().replace(/[ \t]+/g, ' '))
    .join(',')}\n`;

/** The canonical request of AWS Signature Version 4. */
export const canonicalRequest = (
  request: WireRequest,
  service: string,
  signedHeaders: readonly string[],
  payloadHash: string,
): string =>
  [
    request.method,
    canonicalPath(splitTarget(request.target).path, service),
    canonicalQuery(request.target),
    signedHeaders.map((name) => canonicalHeader(request, name)).join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
