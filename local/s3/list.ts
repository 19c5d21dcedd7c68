import { quoted, storageClassOf } from './attributes.ts';
import { s3Error } from './errors.ts';
import { compareKeys, lowerBound } from './key-order.ts';
import { commonPrefixes, encoder, maxOf, owner, paginate } from './paging.ts';
import type { ObjectVersion } from './records.ts';
import { isMarker } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need } from './request.ts';
import type { Bucket, Store } from './store.ts';
import { answer, element, optionalText, text } from './xml.ts';

/** The objects behind a key, in order; deleted ones are not there. */
function* objectsAfter(
  { keys, entries }: Bucket,
  after: string,
  prefix: string,
): Generator<readonly [string, [string, ObjectVersion]]> {
  const from = compareKeys(after, prefix) > 0 ? after : prefix;
  for (let at = lowerBound(keys, from); at < keys.length; at++) {
    const key = keys[at]!;
    const version = entries.get(key)!.versions[0]!;
    if ((after === '' || compareKeys(key, after) > 0) && !isMarker(version)) yield [key, [key, version]];
  }
}

const contents = (key: string, version: ObjectVersion, withOwner: boolean): string =>
  element(
    'Contents',
    text('Key', key),
    text('LastModified', version.modified),
    text('ETag', quoted(version.etag)),
    text('ChecksumAlgorithm', version.checksum.name),
    text('ChecksumType', version.checksum.type),
    text('Size', version.size),
    withOwner ? owner : '',
    text('StorageClass', storageClassOf(version)),
  );

const encodeToken = (last: { after: string; wholePrefix: boolean }): string =>
  Buffer.from(JSON.stringify([last.after, last.wholePrefix])).toString('base64url');

const decodeToken = (token: string): { after: string; wholePrefix: boolean } => {
  try {
    const [after, wholePrefix] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (typeof after === 'string' && typeof wholePrefix === 'boolean') return { after, wholePrefix };
  } catch {
    // Not one of ours.
  }
  throw s3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    ArgumentName: 'continuation-token',
  });
};

export const listObjectsV2 = (store: Store, { bucket: name, query }: S3Request): Reply => {
  const bucket = store.bucketNamed(need(name));
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const startAfter = query.get('start-after') ?? '';
  const token = query.get('continuation-token');
  const max = maxOf(query, 'max-keys');
  const { encode, encodingType } = encoder(query);
  const from = token === null ? { after: startAfter, wholePrefix: false } : decodeToken(token);
  const page = paginate(objectsAfter(bucket, from.after, prefix), {
    prefix,
    delimiter,
    max,
    skipPrefix: from.wholePrefix ? from.after : undefined,
  });
  const withOwner = query.get('fetch-owner') === 'true';
  return {
    xml: answer(
      'ListBucketResult',
      text('Name', bucket.name),
      text('Prefix', encode(prefix)),
      optionalText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      text('MaxKeys', max),
      encodingType,
      text('KeyCount', page.items.length + page.prefixes.length),
      text('IsTruncated', page.truncated),
      optionalText('ContinuationToken', token ?? undefined),
      optionalText('NextContinuationToken', page.truncated && page.last ? encodeToken(page.last) : undefined),
      optionalText('StartAfter', startAfter === '' ? undefined : encode(startAfter)),
      ...page.items.map(([key, version]) => contents(encode(key), version, withOwner)),
      commonPrefixes(page.prefixes, encode),
    ),
  };
};

export const listObjects = (store: Store, { bucket: name, query }: S3Request): Reply => {
  const bucket = store.bucketNamed(need(name));
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const marker = query.get('marker') ?? '';
  const max = maxOf(query, 'max-keys');
  const { encode, encodingType } = encoder(query);
  const skipPrefix = delimiter !== '' && marker.startsWith(prefix) && marker.endsWith(delimiter) ? marker : undefined;
  const page = paginate(objectsAfter(bucket, marker, prefix), { prefix, delimiter, max, skipPrefix });
  return {
    xml: answer(
      'ListBucketResult',
      text('Name', bucket.name),
      text('Prefix', encode(prefix)),
      text('Marker', encode(marker)),
      optionalText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      text('MaxKeys', max),
      encodingType,
      text('IsTruncated', page.truncated),
      // S3 names the next marker only where a delimiter makes it something else than the last key.
      optionalText('NextMarker', page.truncated && delimiter !== '' && page.last ? encode(page.last.after) : undefined),
      ...page.items.map(([key, version]) => contents(encode(key), version, true)),
      commonPrefixes(page.prefixes, encode),
    ),
  };
};
