import { checksumHeaders, encryptionHeader, quoted, readAttributes, versionHeader } from './attributes.ts';
import { claimedChecksum, receiveBlob, receiveXml } from './body.ts';
import { checkWrite } from './conditions.ts';
import { s3Error } from './errors.ts';
import type { DeleteMarker, ObjectVersion } from './records.ts';
import { isMarker } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need } from './request.ts';
import type { Bucket, Store } from './store.ts';
import { parseTagging, taggingXml } from './tagging.ts';
import { findVersion, versionId } from './versions.ts';
import { answer, childText, element, optionalText, text } from './xml.ts';

/** S3 keeps times of objects to the second. */
export const wholeSecond = (now: Date): string => new Date(Math.floor(now.getTime() / 1000) * 1000).toISOString();

export const putObject = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  const bucket = store.bucketNamed(need(request.bucket));
  const key = need(request.key);
  const attributes = readAttributes(request);
  // Where the client sends no checksum, S3 computes its own favourite.
  const name = claimedChecksum(request)?.name ?? 'CRC64NVME';
  const { segment, size, md5, checksum } = await receiveBlob(request, bucket.blobs, name);
  try {
    checkWrite(request.headers, bucket, key);
    const version = store.put<ObjectVersion>(bucket, key, {
      ...attributes,
      modified: wholeSecond(now()),
      size,
      etag: md5,
      checksum: { name, value: checksum, type: 'FULL_OBJECT' },
      segments: [segment],
    });
    return {
      headers: { etag: quoted(md5), ...checksumHeaders(version), ...encryptionHeader, ...versionHeader(version.id) },
    };
  } catch (error) {
    bucket.blobs.release([segment]);
    throw error;
  }
};

/** Without a version id: the object is gone, or hidden by a delete marker where the bucket keeps versions. */
const removeKey = (
  store: Store,
  bucket: Bucket,
  key: string,
  id: string | undefined,
  now: () => Date,
): { marker?: string; removed?: string } => {
  if (id !== undefined) {
    const removed = store.remove(bucket, key, id);
    return { removed: id, ...(removed && isMarker(removed) ? { marker: id } : {}) };
  }
  if (!bucket.record.versioning) {
    store.remove(bucket, key, 'null');
    return {};
  }
  return { marker: store.put<DeleteMarker>(bucket, key, { modified: wholeSecond(now()), deleteMarker: true }).id };
};

export const deleteObject = (store: Store, request: S3Request, now: () => Date): Reply => {
  const bucket = store.bucketNamed(need(request.bucket));
  const key = need(request.key);
  if (request.headers['if-match'] !== undefined) checkWrite({ 'if-match': request.headers['if-match'] }, bucket, key);
  const { marker, removed } = removeKey(store, bucket, key, versionId(request.query), now);
  return {
    status: 204,
    headers: {
      'x-amz-delete-marker': marker === undefined ? undefined : 'true',
      'x-amz-version-id': removed ?? marker,
    },
  };
};

const maxDeletes = 1000;

export const deleteObjects = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  const bucket = store.bucketNamed(need(request.bucket));
  if (
    !['content-md5', 'x-amz-trailer'].some((name) => name in request.headers) &&
    !Object.keys(request.headers).some((name) => name.startsWith('x-amz-checksum-'))
  ) {
    throw s3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const body = await receiveXml(request, 'Delete');
  const quiet = childText(body, 'Quiet') === 'true';
  const objects = body.children.filter(({ name }) => name === 'Object');
  if (objects.length === 0 || objects.length > maxDeletes) throw s3Error('MalformedXML');
  const targets = objects.map((object) => {
    if (object.children.some(({ name }) => !['Key', 'VersionId'].includes(name))) {
      throw s3Error(
        'NotImplemented',
        'Conditions on the objects of DeleteObjects are not supported by the local cloud.',
      );
    }
    const key = childText(object, 'Key');
    if (!key) throw s3Error('MalformedXML');
    return { key, id: childText(object, 'VersionId') };
  });
  const results = targets.map(({ key, id }) => {
    const { marker, removed } = removeKey(store, bucket, key, id, now);
    return element(
      'Deleted',
      text('Key', key),
      optionalText('VersionId', removed),
      marker === undefined ? '' : text('DeleteMarker', true),
      optionalText('DeleteMarkerVersionId', marker),
    );
  });
  return { xml: answer('DeleteResult', ...(quiet ? [] : results)) };
};

export const getTagging = (store: Store, request: S3Request): Reply => {
  const bucket = store.bucketNamed(need(request.bucket));
  const version = findVersion(bucket, need(request.key), versionId(request.query));
  return { xml: taggingXml(version.tags), headers: versionHeader(version.id) };
};

export const putTagging = async (store: Store, request: S3Request): Promise<Reply> => {
  const tags = parseTagging(await receiveXml(request, 'Tagging'));
  return amendTags(store, request, tags, 200);
};

export const deleteTagging = (store: Store, request: S3Request): Reply => amendTags(store, request, {}, 204);

const amendTags = (store: Store, request: S3Request, tags: Record<string, string>, status: number): Reply => {
  const bucket = store.bucketNamed(need(request.bucket));
  const key = need(request.key);
  const version = findVersion(bucket, key, versionId(request.query));
  store.amend(bucket, key, version.id, { tags });
  return { status, headers: versionHeader(version.id) };
};
