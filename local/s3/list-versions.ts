import { quoted, storageClassOf } from './attributes.ts';
import { s3Error } from './errors.ts';
import { compareKeys, lowerBound } from './key-order.ts';
import { commonPrefixes, encoder, maxOf, owner, paginate } from './paging.ts';
import type { Version } from './records.ts';
import { isMarker } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need } from './request.ts';
import type { Bucket, Store } from './store.ts';
import { answer, element, optionalText, text } from './xml.ts';

interface Listed {
  key: string;
  version: Version;
  latest: boolean;
}

/** Keys in order, the versions of each from the newest; behind a marker, behind one version of that key. */
function* versionsAfter(
  { keys, entries }: Bucket,
  keyMarker: string,
  idMarker: string,
): Generator<readonly [string, Listed]> {
  for (let at = lowerBound(keys, keyMarker); at < keys.length; at++) {
    const key = keys[at]!;
    const versions = entries.get(key)!.versions;
    const marked = keyMarker !== '' && compareKeys(key, keyMarker) === 0;
    const from = !marked ? 0 : idMarker === '' ? versions.length : versions.findIndex(({ id }) => id === idMarker) + 1;
    for (let index = from; index < versions.length; index++)
      yield [key, { key, version: versions[index]!, latest: index === 0 }];
  }
}

const listed = ({ key, version, latest }: Listed, encode: (name: string) => string): string => {
  const common = [
    text('Key', encode(key)),
    text('VersionId', version.id),
    text('IsLatest', latest),
    text('LastModified', version.modified),
  ];
  if (isMarker(version)) return element('DeleteMarker', ...common, owner);
  return element(
    'Version',
    ...common,
    text('ETag', quoted(version.etag)),
    text('ChecksumAlgorithm', version.checksum.name),
    text('ChecksumType', version.checksum.type),
    text('Size', version.size),
    owner,
    text('StorageClass', storageClassOf(version)),
  );
};

export const listVersions = (store: Store, { bucket: name, query }: S3Request): Reply => {
  const bucket = store.bucketNamed(need(name));
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker') ?? '';
  if (idMarker !== '' && keyMarker === '')
    throw s3Error('InvalidArgument', 'A version-id marker cannot be specified without a key marker.');
  const max = maxOf(query, 'max-keys');
  const { encode, encodingType } = encoder(query);
  const skipPrefix =
    delimiter !== '' && keyMarker.startsWith(prefix) && keyMarker.endsWith(delimiter) ? keyMarker : undefined;
  const page = paginate(versionsAfter(bucket, keyMarker, idMarker), { prefix, delimiter, max, skipPrefix });
  return {
    xml: answer(
      'ListVersionsResult',
      text('Name', bucket.name),
      text('Prefix', encode(prefix)),
      text('KeyMarker', encode(keyMarker)),
      text('VersionIdMarker', idMarker),
      optionalText('NextKeyMarker', page.truncated && page.last ? encode(page.last.after) : undefined),
      optionalText('NextVersionIdMarker', page.truncated ? page.last?.item?.version.id : undefined),
      text('MaxKeys', max),
      optionalText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      encodingType,
      text('IsTruncated', page.truncated),
      ...page.items.map((item) => listed(item, encode)),
      commonPrefixes(page.prefixes, encode),
    ),
  };
};
