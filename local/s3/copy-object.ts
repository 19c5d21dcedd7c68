import { createHash } from 'node:crypto';
import { attributesOf, encryptionHeader, quoted, readAttributes, versionHeader } from './attributes.ts';
import type { Blobs, Segment } from './blobs.ts';
import { maxPut } from './body.ts';
import type { ChecksumName } from './checksum.ts';
import { checksumElement, parseChecksumName, runningChecksum } from './checksum.ts';
import { checkCopySource, checkWrite } from './conditions.ts';
import { s3Error } from './errors.ts';
import type { Attributes, ObjectVersion } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need, parsePath } from './request.ts';
import type { Bucket, Store } from './store.ts';
import { parseTagHeader } from './tagging.ts';
import { findVersion } from './versions.ts';
import { wholeSecond } from './write-object.ts';
import { answer, text } from './xml.ts';

export interface CopySource {
  bucket: Bucket;
  key: string;
  version: ObjectVersion;
  headers: Record<string, string>;
}

export const findCopySource = (store: Store, { headers }: S3Request): CopySource => {
  const [, path = '', id] = /^(.*?)(?:\?versionId=(.+))?$/s.exec(headers['x-amz-copy-source'] ?? '') ?? [];
  const { bucket: name, key } = parsePath(path);
  if (name === undefined || key === undefined) throw s3Error('InvalidArgument', 'Invalid copy source object key');
  const bucket = store.bucketNamed(name);
  const version = findVersion(bucket, key, id);
  checkCopySource(headers, version);
  return {
    bucket,
    key,
    version,
    headers: version.id === 'null' ? {} : { 'x-amz-copy-source-version-id': version.id },
  };
};

/** Reads what is already stored, to learn digests that no record has. The caller holds the segments. */
export const digestSegments = async (
  blobs: Blobs,
  segments: readonly Segment[],
  name: ChecksumName,
): Promise<{ md5: string; checksum: string }> => {
  const md5 = createHash('md5');
  const checksum = runningChecksum(name);
  for await (const chunk of blobs.read(segments)) {
    md5.update(chunk);
    checksum.update(chunk);
  }
  return { md5: md5.digest('hex'), checksum: checksum.digest() };
};

const directive = (headers: S3Request['headers'], name: string): 'COPY' | 'REPLACE' => {
  const value = headers[name] ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw s3Error('InvalidArgument', `Unknown ${name.replace('x-amz-', '')}.`, {
    ArgumentName: name,
    ArgumentValue: value,
  });
};

/** Metadata and tags come from the source or from the request; storage class and redirect always from the request. */
const copiedAttributes = (request: S3Request, source: ObjectVersion): Attributes => {
  const given = readAttributes(request);
  const kept = directive(request.headers, 'x-amz-metadata-directive') === 'COPY' ? attributesOf(source) : given;
  const headers = Object.fromEntries(Object.entries(kept.headers).filter(([name]) => !name.startsWith('x-amz-')));
  const own = Object.entries(given.headers).filter(([name]) => name.startsWith('x-amz-'));
  return {
    headers: { ...headers, ...Object.fromEntries(own) },
    metadata: kept.metadata,
    tags:
      directive(request.headers, 'x-amz-tagging-directive') === 'COPY'
        ? source.tags
        : parseTagHeader(request.headers['x-amz-tagging'] ?? ''),
  };
};

const changesSomething = ({ headers }: S3Request): boolean =>
  headers['x-amz-metadata-directive'] === 'REPLACE' ||
  [
    'x-amz-storage-class',
    'x-amz-website-redirect-location',
    'x-amz-server-side-encryption',
    'x-amz-checksum-algorithm',
  ].some((name) => headers[name] !== undefined);

export const copyObject = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  const key = need(request.key);
  const target = store.bucketNamed(need(request.bucket));
  const source = findCopySource(store, request);
  const { version } = source;
  if (version.size > maxPut) {
    throw s3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPut}`,
    );
  }
  const itself = source.bucket === target && source.key === key && version === target.entries.get(key)?.versions[0];
  if (itself && !changesSomething(request)) {
    throw s3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const attributes = copiedAttributes(request, version);
  const name = parseChecksumName(request.headers['x-amz-checksum-algorithm'] ?? version.checksum.name);
  const { segments, release } = await copySegments(source, target, version.segments);
  try {
    // The copy of a multipart object is an ordinary one: its digests are those of all bytes.
    const known = !version.parts && version.checksum.name === name;
    const digests = known
      ? { md5: version.etag, checksum: version.checksum.value }
      : await digestSegments(target.blobs, segments, name);
    checkWrite(request.headers, target, key);
    const copy = store.put<ObjectVersion>(target, key, {
      ...attributes,
      modified: wholeSecond(now()),
      size: version.size,
      etag: digests.md5,
      checksum: { name, value: digests.checksum, type: 'FULL_OBJECT' },
      segments,
    });
    return {
      headers: { ...source.headers, ...encryptionHeader, ...versionHeader(copy.id) },
      xml: answer(
        'CopyObjectResult',
        text('LastModified', copy.modified),
        text('ETag', quoted(copy.etag)),
        text(checksumElement(name), copy.checksum.value),
        text('ChecksumType', 'FULL_OBJECT'),
      ),
    };
  } catch (error) {
    release();
    throw error;
  }
};

/** Within one bucket a copy shares the source's files; each bucket has its own folder, so into another one the bytes are written again. */
export const copySegments = async (
  source: CopySource,
  target: Bucket,
  segments: readonly Segment[],
): Promise<{ segments: Segment[]; release: () => void }> => {
  if (source.bucket === target) {
    const shared = [...segments];
    target.blobs.hold(shared);
    return { segments: shared, release: () => target.blobs.release(shared) };
  }
  source.bucket.blobs.hold(segments);
  const writer = await target.blobs.create();
  try {
    for await (const chunk of source.bucket.blobs.read(segments)) await writer.write(chunk);
    const written = [await writer.finish()];
    return { segments: written, release: () => target.blobs.release(written) };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    source.bucket.blobs.release(segments);
  }
};
