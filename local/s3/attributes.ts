import { localAccount } from '../gateway/credentials.ts';
import { notImplemented, s3Error } from './errors.ts';
import type { Attributes, ObjectVersion, Upload } from './records.ts';
import { nullVersion } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { checksumHeader } from './checksum.ts';
import { parseTagHeader } from './tagging.ts';

/** Headers that are stored with the object and come back with it. */
const stored = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
];
const storageClasses = new Set([
  ...['STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE'],
  'GLACIER_IR',
]);
/** ACLs that change nothing in a bucket whose owner owns everything, which is what S3 creates since 2023. */
const harmlessAcls = new Set(['private', 'bucket-owner-full-control']);
/** Bytes of all names and values of user metadata. */
const maxMetadata = 2 * 1024;

/** Refuses what asks for something this stand-in does not have. */
export const checkCommonHeaders = ({ headers }: S3Request): void => {
  const owner = headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== localAccount) throw s3Error('AccessDenied', 'Access Denied');
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && !harmlessAcls.has(acl))
    throw s3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  const encryption = headers['x-amz-server-side-encryption'];
  if (encryption !== undefined && encryption !== 'AES256') throw notImplemented(`Encryption with ${encryption}`);
};

/** HTTP header bytes reach Node as Latin-1; what clients sent was most likely UTF-8. */
const metadataOf = ({ headers }: S3Request): Record<string, string> => {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [header, value = ''] of Object.entries(headers)) {
    if (!header.startsWith('x-amz-meta-')) continue;
    const name = header.slice('x-amz-meta-'.length);
    metadata[name] = Buffer.from(value, 'latin1').toString('utf8');
    bytes += name.length + value.length;
  }
  if (bytes > maxMetadata) {
    throw s3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: bytes,
      MaxSizeAllowed: maxMetadata,
    });
  }
  return metadata;
};

export const readAttributes = (request: S3Request): Attributes => {
  const { headers } = request;
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of stored) if (headers[name]) kept[name] = headers[name];
  // `aws-chunked` describes the transfer, not the object.
  const encodings = (headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== '' && name !== 'aws-chunked').join(',');
  if (encoding !== '') kept['content-encoding'] = encoding;
  const storageClass = headers['x-amz-storage-class'];
  if (storageClass !== undefined && !storageClasses.has(storageClass)) {
    throw s3Error('InvalidStorageClass', 'The storage class you specified is not valid');
  }
  if (storageClass !== undefined && storageClass !== 'STANDARD') kept['x-amz-storage-class'] = storageClass;
  return { headers: kept, metadata: metadataOf(request), tags: parseTagHeader(headers['x-amz-tagging'] ?? '') };
};

export const storageClassOf = ({ headers }: Attributes): string => headers['x-amz-storage-class'] ?? 'STANDARD';

/** Values outside printable ASCII come back as RFC 2047 words, as from S3. */
const metadataValue = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;

export const quoted = (etag: string): string => `"${etag}"`;

export const versionHeader = (id: string): Record<string, string> =>
  id === nullVersion ? {} : { 'x-amz-version-id': id };

/** What every write and read says about the object's checksum. */
export const checksumHeaders = ({ checksum }: Pick<ObjectVersion, 'checksum'>): Record<string, string> => ({
  [checksumHeader(checksum.name)]: checksum.value,
  'x-amz-checksum-type': checksum.type,
});

export const encryptionHeader = { 'x-amz-server-side-encryption': 'AES256' };

export const objectHeaders = (version: ObjectVersion, withChecksum: boolean): NonNullable<Reply['headers']> => ({
  ...version.headers,
  ...Object.fromEntries(
    Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, metadataValue(value)]),
  ),
  ...encryptionHeader,
  ...(withChecksum ? checksumHeaders(version) : {}),
  ...versionHeader(version.id),
  'accept-ranges': 'bytes',
  etag: quoted(version.etag),
  'last-modified': new Date(version.modified).toUTCString(),
  'x-amz-tagging-count': Object.keys(version.tags).length > 0 ? String(Object.keys(version.tags).length) : undefined,
});

/** The attributes alone, out of a record that holds more. */
export const attributesOf = ({ headers, metadata, tags }: ObjectVersion | Upload): Attributes => ({
  headers,
  metadata,
  tags,
});
