import { createHash } from 'node:crypto';
import { attributesOf, encryptionHeader, quoted, versionHeader } from './attributes.ts';
import { receiveXml } from './body.ts';
import { checksumElement, checksumHeader, checksumNames, combineChecksums } from './checksum.ts';
import type { Checksum } from './checksum.ts';
import { checkWrite } from './conditions.ts';
import { s3Error } from './errors.ts';
import { findUpload, maxParts } from './multipart.ts';
import type { ObjectVersion, OpenUpload, StoredPart, Upload, UploadPart } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import type { Store } from './store.ts';
import { wholeSecond } from './write-object.ts';
import type { XmlNode } from './xml.ts';
import { answer, childText, text } from './xml.ts';

/** Every part but the last has at least 5 MiB. */
const minPart = 5 * 1024 ** 2;

/** The checksum a client names for a part must be the part's own; a COMPOSITE upload insists on one. */
const checkNamedChecksum = ({ checksum }: Upload, named: XmlNode, part: UploadPart, invalid: Error): void => {
  const given = checksumNames.filter((name) => childText(named, checksumElement(name)) !== undefined);
  if (given.length === 0 && checksum.type === 'COMPOSITE') {
    throw s3Error(
      'InvalidRequest',
      `The upload was created using a ${checksum.name.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
  for (const name of given) {
    if (name !== checksum.name || childText(named, checksumElement(name)) !== part.checksum) throw invalid;
  }
};

/** The numbers of the listed parts, which must rise. */
const partNumbers = (listed: readonly XmlNode[]): number[] => {
  const numbers = listed.map((named) => Number(childText(named, 'PartNumber') || NaN));
  if (!numbers.every(Number.isInteger)) throw s3Error('MalformedXML');
  if (numbers.some((number) => number < 1 || number > maxParts)) {
    throw s3Error('InvalidArgument', `PartNumber must be an integer between 1 and ${maxParts}, inclusive`);
  }
  if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!)) throw s3Error('InvalidPartOrder');
  return numbers;
};

/** The parts the client lists, each checked against what was stored. */
const chosenParts = ({ upload, parts }: OpenUpload, body: XmlNode): UploadPart[] => {
  const listed = body.children;
  if (listed.length === 0 || listed.length > maxParts || listed.some(({ name }) => name !== 'Part')) {
    throw s3Error('MalformedXML');
  }
  const numbers = partNumbers(listed);
  const chosen = listed.map((named, index) => {
    const number = numbers[index]!;
    const etag = childText(named, 'ETag')?.replace(/^"|"$/g, '');
    if (etag === undefined) throw s3Error('MalformedXML');
    const part = parts.get(number);
    const invalid = s3Error('InvalidPart', undefined, { UploadId: upload.id, PartNumber: number, ETag: etag });
    if (part?.etag !== etag) throw invalid;
    checkNamedChecksum(upload, named, part, invalid);
    return part;
  });
  const small = chosen.slice(0, -1).find(({ size }) => size < minPart);
  if (!small) return chosen;
  throw s3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: small.size,
    MinSizeAllowed: minPart,
    PartNumber: small.number,
    ETag: small.etag,
  });
};

/** What the request's headers say about the whole object. */
const checkWholeObject = ({ headers }: S3Request, checksum: Checksum, size: number): void => {
  const type = headers['x-amz-checksum-type'];
  if (type !== undefined && type !== checksum.type) {
    throw s3Error(
      'InvalidRequest',
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const declared = headers['x-amz-mp-object-size'];
  if (declared !== undefined && declared !== String(size)) {
    throw s3Error('InvalidRequest', "The provided 'x-amz-mp-object-size' header does not match what was computed");
  }
  for (const name of checksumNames) {
    const given = headers[checksumHeader(name)];
    if (given === undefined) continue;
    if (name !== checksum.name) {
      throw s3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${checksum.name.toLowerCase()}, actual checksum Type: ${name.toLowerCase()}`,
      );
    }
    // A composed checksum may be given with or without the number of parts behind it.
    if (given !== checksum.value && given !== checksum.value.replace(/-\d+$/, '')) {
      throw s3Error('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
    }
  }
};

const etagOf = (parts: readonly StoredPart[]): string => {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
};

/** Makes the parts one object without touching their bytes. */
export const completeUpload = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  findUpload(store, request);
  // The checksum headers of this request speak of the object, not of the XML that comes with it.
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !name.startsWith('x-amz-checksum-')),
  );
  const body = await receiveXml({ ...request, headers }, 'CompleteMultipartUpload');

  // From here on nothing waits, so the upload cannot change under the checks.
  const { bucket, open } = findUpload(store, request);
  const { upload } = open;
  const parts = chosenParts(open, body);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const { name, type } = upload.checksum;
  const checksum = combineChecksums(
    name,
    type,
    parts.map((part) => ({ value: part.checksum, size: part.size })),
  );
  checkWholeObject(request, checksum, size);
  checkWrite(request.headers, bucket, upload.key);

  const segments = parts.flatMap((part) => part.segments);
  bucket.blobs.hold(segments);
  let version: ObjectVersion;
  try {
    version = store.put<ObjectVersion>(bucket, upload.key, {
      ...attributesOf(upload),
      modified: wholeSecond(now()),
      size,
      etag: etagOf(parts),
      checksum,
      segments,
      parts: parts.map(({ number, size: bytes, etag, checksum: value }) => ({
        number,
        size: bytes,
        etag,
        checksum: value,
      })),
      uploadId: upload.id,
    });
  } catch (error) {
    bucket.blobs.release(segments);
    throw error;
  }
  store.removeUpload(bucket, open);
  return {
    headers: { ...encryptionHeader, ...versionHeader(version.id) },
    xml: answer(
      'CompleteMultipartUploadResult',
      text('Location', `http://${request.headers['host'] ?? 's3'}/${bucket.name}/${encodeURIComponent(upload.key)}`),
      text('Bucket', bucket.name),
      text('Key', upload.key),
      text('ETag', quoted(version.etag)),
      text(checksumElement(name), checksum.value),
      text('ChecksumType', type),
    ),
  };
};
