import { s3Error } from './errors.ts';
import type { ObjectVersion, Version } from './records.ts';
import { isMarker } from './records.ts';
import type { Bucket } from './store.ts';

type Headers = Record<string, string | undefined>;

const failed = (condition: string) => s3Error('PreconditionFailed', undefined, { Condition: condition });

const etagMatches = (header: string, etag: string): boolean =>
  header.split(',').some((candidate) => {
    const given = candidate.trim();
    return given === '*' || given.replace(/^"|"$/g, '') === etag;
  });

/** HTTP dates know seconds only; an unreadable one counts as absent. */
const isAfter = (modified: string, header: string): boolean | undefined => {
  const than = Date.parse(header);
  return Number.isNaN(than) ? undefined : Math.floor(Date.parse(modified) / 1000) > Math.floor(than / 1000);
};

/** Preconditions of a read, or with `prefix` those on a copy's source. True when the client's copy is still good. */
export const isNotModified = (headers: Headers, { etag, modified }: ObjectVersion, prefix = ''): boolean => {
  const header = (name: string): string | undefined => headers[`${prefix}${name}`];
  const match = header('if-match');
  const noneMatch = header('if-none-match');
  const unmodifiedSince = header('if-unmodified-since');
  const modifiedSince = header('if-modified-since');
  if (match !== undefined) {
    if (!etagMatches(match, etag)) throw failed('If-Match');
  } else if (unmodifiedSince !== undefined && isAfter(modified, unmodifiedSince) === true)
    throw failed('If-Unmodified-Since');
  if (noneMatch !== undefined) return etagMatches(noneMatch, etag);
  return modifiedSince !== undefined && isAfter(modified, modifiedSince) === false;
};

/** Whether the range of a read still is of what the client has a part of (RFC 9110, 13.1.5); browsers ask so while they play. */
export const isRangeOf = (ifRange: string | undefined, { etag, modified }: ObjectVersion): boolean => {
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"')) return ifRange === `"${etag}"`;
  return Math.floor(Date.parse(modified) / 1_000) === Math.floor(Date.parse(ifRange) / 1_000);
};

/** Preconditions on a copy's source, where a copy that is still good is a failed precondition too. */
export const checkCopySource = (headers: Headers, version: ObjectVersion): void => {
  if (isNotModified(headers, version, 'x-amz-copy-source-')) throw failed('x-amz-copy-source-If-None-Match');
};

const current = (bucket: Bucket, key: string): Version | undefined => bucket.entries.get(key)?.versions[0];

/** Preconditions of a write. To be called without an await between it and the write. */
export const checkWrite = (headers: Headers, bucket: Bucket, key: string): void => {
  const version = current(bucket, key);
  const exists = version !== undefined && !isMarker(version);
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') {
      throw s3Error('NotImplemented', 'A header you provided implies functionality that is not implemented', {
        Header: 'If-None-Match',
      });
    }
    if (exists) throw failed('If-None-Match');
  }
  const match = headers['if-match'];
  if (match === undefined) return;
  if (!exists) throw s3Error('NoSuchKey', undefined, { Key: key });
  if (!etagMatches(match, version.etag)) throw failed('If-Match');
};
