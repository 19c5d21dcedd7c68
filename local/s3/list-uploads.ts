import { quoted, storageClassOf } from './attributes.ts';
import { checksumElement } from './checksum.ts';
import { compareKeys } from './key-order.ts';
import { findUpload, maxParts } from './multipart.ts';
import { commonPrefixes, encoder, initiator, maxOf, owner, paginate } from './paging.ts';
import type { Upload } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need, wholeNumber } from './request.ts';
import type { Store } from './store.ts';
import { answer, element, optionalText, text } from './xml.ts';

const described = (upload: Upload): string[] => [
  initiator,
  owner,
  text('StorageClass', storageClassOf(upload)),
  ...(upload.checksum.asked
    ? [text('ChecksumAlgorithm', upload.checksum.name), text('ChecksumType', upload.checksum.type)]
    : []),
];

export const listParts = (store: Store, request: S3Request): Reply => {
  const { bucket, open } = findUpload(store, request);
  const { upload } = open;
  const max = maxOf(request.query, 'max-parts');
  const marker = wholeNumber('part-number-marker', request.query.get('part-number-marker') || '0', 0, 2 ** 31 - 1);
  const behind = [...open.parts.values()]
    .filter(({ number }) => number > Math.min(marker, maxParts))
    .sort((a, b) => a.number - b.number);
  const page = behind.slice(0, max);
  const truncated = max > 0 && behind.length > page.length;
  return {
    xml: answer(
      'ListPartsResult',
      text('Bucket', bucket.name),
      text('Key', upload.key),
      text('UploadId', upload.id),
      ...described(upload),
      text('PartNumberMarker', marker),
      optionalText('NextPartNumberMarker', page.at(-1)?.number),
      text('MaxParts', max),
      text('IsTruncated', truncated),
      ...page.map((part) =>
        element(
          'Part',
          text('PartNumber', part.number),
          text('LastModified', part.modified),
          text('ETag', quoted(part.etag)),
          text('Size', part.size),
          upload.checksum.asked ? text(checksumElement(upload.checksum.name), part.checksum) : '',
        ),
      ),
    ),
  };
};

export const listUploads = (store: Store, { bucket: name, query }: S3Request): Reply => {
  const bucket = store.bucketNamed(need(name));
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  // Without a key marker S3 ignores the marker of the upload.
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const max = maxOf(query, 'max-uploads');
  const { encode, encodingType } = encoder(query);
  const order = (a: Upload, b: Upload): number =>
    compareKeys(a.key, b.key) || compareKeys(a.created, b.created) || compareKeys(a.id, b.id);
  const all = [...bucket.uploads.values()].map(({ upload }) => upload).sort(order);
  const marked = idMarker === '' ? -1 : all.findIndex(({ id }) => id === idMarker);
  const behind =
    marked >= 0 ? all.slice(marked + 1) : all.filter(({ key }) => keyMarker === '' || compareKeys(key, keyMarker) > 0);
  const skipPrefix =
    delimiter !== '' && keyMarker.startsWith(prefix) && keyMarker.endsWith(delimiter) ? keyMarker : undefined;
  const page = paginate(
    behind.map((upload) => [upload.key, upload] as const),
    { prefix, delimiter, max, skipPrefix },
  );
  return {
    xml: answer(
      'ListMultipartUploadsResult',
      text('Bucket', bucket.name),
      text('KeyMarker', encode(keyMarker)),
      text('UploadIdMarker', idMarker),
      optionalText('NextKeyMarker', page.truncated && page.last ? encode(page.last.after) : undefined),
      optionalText('NextUploadIdMarker', page.truncated ? page.last?.item?.id : undefined),
      text('Prefix', encode(prefix)),
      optionalText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      text('MaxUploads', max),
      encodingType,
      text('IsTruncated', page.truncated),
      ...page.items.map((upload) =>
        element(
          'Upload',
          text('Key', encode(upload.key)),
          text('UploadId', upload.id),
          ...described(upload),
          text('Initiated', upload.created),
        ),
      ),
      commonPrefixes(page.prefixes, encode),
    ),
  };
};
