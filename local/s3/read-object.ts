import { objectHeaders } from './attributes.ts';
import { slice } from './blobs.ts';
import { isNotModified, isRangeOf } from './conditions.ts';
import { s3Error } from './errors.ts';
import type { ObjectVersion } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need, wholeNumber } from './request.ts';
import type { Store } from './store.ts';
import { findVersion, versionId } from './versions.ts';

interface Span {
  start: number;
  /** Exclusive. */
  end: number;
}

/** One range of bytes; anything S3 does not understand here, several ranges included, means the whole object. */
const parseRange = (header: string | undefined, size: number): Span | undefined => {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (start < end) return { start, end };
  throw s3Error('InvalidRange', undefined, { RangeRequested: header, ActualObjectSize: size });
};

/** The bytes of one part of a multipart object; any other object is its own part 1. */
const partSpan = ({ parts, size }: ObjectVersion, value: string): Span => {
  const number = wholeNumber('partNumber', value, 1, 10_000);
  const sizes = parts?.map((part) => part.size) ?? [size];
  const own = sizes[number - 1];
  if (own === undefined) throw s3Error('InvalidPartNumber', 'The requested partnumber is not satisfiable');
  const start = sizes.slice(0, number - 1).reduce((sum, bytes) => sum + bytes, 0);
  return { start, end: start + own };
};

const overridable = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const overrides = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    overridable.flatMap((name) => {
      const value = query.get(`response-${name}`);
      if (value === null) return [];
      if (/^[\x20-\x7e\xa0-\xff]*$/.test(value)) return [[name, value]];
      throw s3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
        ArgumentName: `response-${name}`,
        ArgumentValue: value,
      });
    }),
  );

/** GetObject and HeadObject: they differ in the body alone, which the server leaves out for HEAD. */
export const readObject = (store: Store, request: S3Request): Reply => {
  const bucket = store.bucketNamed(need(request.bucket));
  const { headers, query } = request;
  const version = findVersion(bucket, need(request.key), versionId(query));
  const partNumber = query.get('partNumber');
  if (partNumber !== null && headers['range'] !== undefined) {
    throw s3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  }
  const wantsChecksum = headers['x-amz-checksum-mode'] === 'ENABLED';
  if (isNotModified(headers, version)) {
    const { etag, 'last-modified': modified, 'x-amz-version-id': id } = objectHeaders(version, false);
    return { status: 304, headers: { etag, 'last-modified': modified, 'x-amz-version-id': id } };
  }
  const range = isRangeOf(headers['if-range'], version) ? headers['range'] : undefined;
  const span = partNumber === null ? parseRange(range, version.size) : partSpan(version, partNumber);
  const { start, end } = span ?? { start: 0, end: version.size };
  const overridden = overrides(query);
  const segments = request.method === 'HEAD' ? [] : slice(version.segments, start, end);
  bucket.blobs.hold(segments);
  return {
    status: span ? 206 : 200,
    headers: {
      // The object's checksum says nothing about a part of its bytes.
      ...objectHeaders(version, wantsChecksum && end - start === version.size),
      ...overridden,
      'content-length': String(end - start),
      // An empty object has no range to name, and partNumber=1 may ask for one.
      'content-range': span && end > start ? `bytes ${start}-${end - 1}/${version.size}` : undefined,
      'x-amz-mp-parts-count': partNumber !== null && version.parts ? String(version.parts.length) : undefined,
    },
    content: { blobs: bucket.blobs, segments },
  };
};
