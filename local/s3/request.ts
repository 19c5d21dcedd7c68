import type { IncomingMessage } from 'node:http';
import type { Blobs, Segment } from './blobs.ts';
import { notImplemented, s3Error } from './errors.ts';

/** A request as the operations see it: decoded, with the x-amz- parameters of a presigned URL among the headers. */
export interface S3Request {
  method: string;
  /** Undefined for a request to the service itself. */
  bucket: string | undefined;
  /** Undefined for a request to a bucket. */
  key: string | undefined;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: AsyncIterable<Buffer>;
}

/** What an operation answers. */
export interface Reply {
  status?: number;
  headers?: Record<string, string | undefined>;
  xml?: string;
  /** Held by the operation, let go by the server after the last byte. */
  content?: { blobs: Blobs; segments: readonly Segment[] };
}

export const maxKeyBytes = 1024;

/** A literal `+` in a path is a space to S3; clients send %2B for a plus. */
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    throw s3Error('InvalidURI');
  }
};

/** S3 takes `..` inside a key literally as long as it never leads above the bucket. */
const staysInside = (key: string): boolean => {
  let depth = 0;
  for (const part of key.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
};

export const checkKey = (key: string): string => {
  const size = Buffer.byteLength(key);
  if (size > maxKeyBytes) throw s3Error('KeyTooLongError', undefined, { Size: size, MaxSizeAllowed: maxKeyBytes });
  if (!staysInside(key)) throw s3Error('InvalidURI');
  return key;
};

/** Bucket and key of a path-style path, still percent-encoded: also the form of x-amz-copy-source. */
export const parsePath = (path: string): { bucket: string | undefined; key: string | undefined } => {
  const [, bucket = '', key = ''] = /^\/?([^/]*)\/?([^]*)$/.exec(path) ?? [];
  return {
    bucket: bucket === '' ? undefined : decode(bucket),
    key: key === '' ? undefined : checkKey(decode(key)),
  };
};

/** Header names with the meaning S3 gives them here; any other x-amz- header is refused, since it would ask for something. */
const known = new Set(
  [
    'acl,bucket-object-lock-enabled,bypass-governance-retention,checksum-algorithm,checksum-crc32,checksum-crc32c',
    'checksum-crc64nvme,checksum-mode,checksum-sha1,checksum-sha256,checksum-type,content-sha256,copy-source',
    'copy-source-if-match,copy-source-if-modified-since,copy-source-if-none-match,copy-source-if-unmodified-since',
    'copy-source-range,date,decoded-content-length,expected-bucket-owner,fetch-owner,metadata-directive,mp-object-size',
    'object-ownership,request-payer,sdk-checksum-algorithm,security-token,server-side-encryption,source-expected-bucket-owner',
    'storage-class,tagging,tagging-directive,trailer,user-agent,website-redirect-location',
  ].flatMap((line) => line.split(',').map((name) => `x-amz-${name}`)),
);
const credentials = new Set(
  ['algorithm', 'credential', 'date', 'expires', 'security-token', 'signature', 'signedheaders'].map(
    (name) => `x-amz-${name}`,
  ),
);

export const parseRequest = (request: IncomingMessage): S3Request => {
  // The raw target and not a URL: parsing one would resolve `..` and `//`, which are legal in keys.
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : target.slice(question));

  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    // In the form Node gives headers in: bytes of UTF-8 as Latin-1.
    if (lower.startsWith('x-amz-') && !credentials.has(lower)) headers[lower] = Buffer.from(value).toString('latin1');
  }
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-') && !name.startsWith('x-amz-meta-') && !known.has(name))
      throw notImplemented(`The header ${name}`);
  }

  return {
    method: request.method ?? 'GET',
    ...parsePath(path),
    query,
    headers,
    // Leaving the loop early must not destroy the socket: the client is still to read the error.
    body: { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> },
  };
};

/** The parameter of an operation that cannot do without a bucket or a key. */
export const need = (value: string | undefined): string => {
  if (value === undefined) throw s3Error('MethodNotAllowed');
  return value;
};

/** A whole number in a header or parameter, within bounds. */
export const wholeNumber = (name: string, value: string, least: number, most: number): number => {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw s3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
    ArgumentName: name,
    ArgumentValue: value,
  });
};
