import { encryptionHeader, quoted, readAttributes } from './attributes.ts';
import { slice } from './blobs.ts';
import { claimedChecksum, maxPut, receiveBlob } from './body.ts';
import { checksumElement, checksumHeader, fullObjectOnlyForCrc, parseChecksumName } from './checksum.ts';
import { isCrc } from './crc.ts';
import { copySegments, digestSegments, findCopySource } from './copy-object.ts';
import { s3Error } from './errors.ts';
import type { OpenUpload, Upload } from './records.ts';
import type { Reply, S3Request } from './request.ts';
import { need } from './request.ts';
import type { Bucket, Store } from './store.ts';
import { wholeSecond } from './write-object.ts';
import { answer, text } from './xml.ts';

export const maxParts = 10_000;

/** Without an algorithm S3 computes CRC64NVME of the whole object; SHA can only be composed, CRC64NVME only be whole. */
const chosenChecksum = ({ headers }: S3Request): Upload['checksum'] => {
  const algorithm = headers['x-amz-checksum-algorithm'];
  const type = headers['x-amz-checksum-type'];
  if (algorithm === undefined) {
    if (type !== undefined)
      throw s3Error(
        'InvalidRequest',
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      );
    return { name: 'CRC64NVME', type: 'FULL_OBJECT', asked: false };
  }
  const name = parseChecksumName(algorithm);
  const chosen = type ?? (name === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (chosen !== 'FULL_OBJECT' && chosen !== 'COMPOSITE')
    throw s3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
  if (chosen === 'FULL_OBJECT' && !isCrc(name)) throw s3Error('InvalidRequest', fullObjectOnlyForCrc(name));
  if (chosen === 'COMPOSITE' && name === 'CRC64NVME') {
    throw s3Error(
      'InvalidRequest',
      'The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.',
    );
  }
  return { name, type: chosen, asked: true };
};

export const createUpload = (store: Store, request: S3Request, now: () => Date): Reply => {
  const bucket = store.bucketNamed(need(request.bucket));
  const checksum = chosenChecksum(request);
  const upload = store.createUpload(bucket, {
    ...readAttributes(request),
    key: need(request.key),
    created: wholeSecond(now()),
    checksum,
  });
  return {
    headers: {
      ...encryptionHeader,
      'x-amz-checksum-algorithm': checksum.asked ? checksum.name : undefined,
      'x-amz-checksum-type': checksum.asked ? checksum.type : undefined,
    },
    xml: answer(
      'InitiateMultipartUploadResult',
      text('Bucket', bucket.name),
      text('Key', upload.key),
      text('UploadId', upload.id),
    ),
  };
};

export const findUpload = (store: Store, request: S3Request): { bucket: Bucket; open: OpenUpload } => {
  const bucket = store.bucketNamed(need(request.bucket));
  const id = request.query.get('uploadId') ?? '';
  const open = bucket.uploads.get(id);
  if (!open || open.upload.key !== need(request.key)) throw s3Error('NoSuchUpload', undefined, { UploadId: id });
  return { bucket, open };
};

const partNumberOf = ({ query }: S3Request): number => {
  const value = query.get('partNumber') ?? '';
  const number = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= maxParts) return number;
  throw s3Error('InvalidArgument', `Part number must be an integer between 1 and ${maxParts}, inclusive`, {
    ArgumentName: 'partNumber',
    ArgumentValue: value,
  });
};

/**
 * A part of a COMPOSITE upload must bring its checksum, one of a FULL_OBJECT upload may. Where the client named no
 * algorithm at the start, as SDKs do by default, parts may bring any: it is verified and not kept.
 */
const checkPartChecksum = ({ checksum }: Upload, request: S3Request): void => {
  const given = claimedChecksum(request)?.name;
  if (!checksum.asked || (given === undefined ? checksum.type !== 'COMPOSITE' : given === checksum.name)) return;
  throw s3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum.name.toLowerCase()}, actual checksum Type: ${given?.toLowerCase() ?? 'null'}`,
  );
};

export const uploadPart = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  const number = partNumberOf(request);
  const { bucket, open } = findUpload(store, request);
  checkPartChecksum(open.upload, request);
  const { name } = open.upload.checksum;
  const { segment, size, md5, checksum, claimed } = await receiveBlob(request, bucket.blobs, name);
  try {
    // The upload may have been completed or aborted while the bytes came in.
    const { open: still } = findUpload(store, request);
    store.putPart(bucket, still, {
      number,
      size,
      etag: md5,
      checksum,
      modified: wholeSecond(now()),
      segments: [segment],
    });
    const told = claimed ?? { name, value: checksum };
    return { headers: { etag: quoted(md5), [checksumHeader(told.name)]: told.value, ...encryptionHeader } };
  } catch (error) {
    bucket.blobs.release([segment]);
    throw error;
  }
};

const copyRange = (header: string | undefined, size: number): { start: number; end: number } => {
  if (header === undefined) return { start: 0, end: size };
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header);
  const named = { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header };
  if (!match || Number(match[1]) > Number(match[2])) {
    throw s3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      named,
    );
  }
  if (Number(match[2]) >= size)
    throw s3Error('InvalidArgument', `Range specified is not valid for source object of size: ${size}`, named);
  return { start: Number(match[1]), end: Number(match[2]) + 1 };
};

export const uploadPartCopy = async (store: Store, request: S3Request, now: () => Date): Promise<Reply> => {
  const number = partNumberOf(request);
  const { bucket, open } = findUpload(store, request);
  const source = findCopySource(store, request);
  const { start, end } = copyRange(request.headers['x-amz-copy-source-range'], source.version.size);
  const size = end - start;
  if (size > maxPut)
    throw s3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPut}`,
    );
  const { name, asked } = open.upload.checksum;
  const { segments, release } = await copySegments(source, bucket, slice(source.version.segments, start, end));
  try {
    const { md5, checksum } = await digestSegments(bucket.blobs, segments, name);
    const { open: still } = findUpload(store, request);
    const modified = wholeSecond(now());
    store.putPart(bucket, still, { number, size, etag: md5, checksum, modified, segments });
    return {
      headers: { ...source.headers, ...encryptionHeader },
      xml: answer(
        'CopyPartResult',
        text('LastModified', modified),
        text('ETag', quoted(md5)),
        asked ? text(checksumElement(name), checksum) : '',
      ),
    };
  } catch (error) {
    release();
    throw error;
  }
};

export const abortUpload = (store: Store, request: S3Request): Reply => {
  const { bucket, open } = findUpload(store, request);
  store.removeUpload(bucket, open);
  return { status: 204 };
};
