import { s3Error } from './errors.ts';
import type { ObjectVersion } from './records.ts';
import { isMarker } from './records.ts';
import type { Bucket } from './store.ts';

/** The version a request means: the newest, or the one it names. */
export const findVersion = (bucket: Bucket, key: string, id: string | undefined): ObjectVersion => {
  const versions = bucket.entries.get(key)?.versions ?? [];
  const version = id === undefined ? versions[0] : versions.find((candidate) => candidate.id === id);
  if (!version)
    throw id === undefined
      ? s3Error('NoSuchKey', undefined, { Key: key })
      : s3Error('NoSuchVersion', undefined, { Key: key, VersionId: id });
  if (!isMarker(version)) return version;
  // A deleted object is as good as none; a delete marker asked for by its id exists, and cannot be read.
  if (id === undefined) throw s3Error('NoSuchKey', undefined, { Key: key });
  throw s3Error('MethodNotAllowed', undefined, { Method: 'GET', ResourceType: 'DeleteMarker' });
};

export const versionId = (query: URLSearchParams): string | undefined => query.get('versionId') ?? undefined;
