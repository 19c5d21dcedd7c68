import { createHash } from 'node:crypto';
import type { Blobs, Segment } from './blobs.ts';
import type { ChecksumName } from './checksum.ts';
import { checksumHeader, checksumNames, isChecksumValue, parseChecksumName, runningChecksum } from './checksum.ts';
import { decodeChunks } from './chunked.ts';
import { notImplemented, s3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { wholeNumber } from './request.ts';
import type { XmlNode } from './xml.ts';
import { parseXml } from './xml.ts';

/** Largest body of one request (5 GiB), and of one XML document. */
export const maxPut = 5 * 1024 ** 3;
const maxXml = 4 * 1024 ** 2;
const unlimited = Number.MAX_SAFE_INTEGER;

export interface Digests {
  size: number;
  /** Hex. */
  md5: string;
  /** Base64, of the algorithm that was wanted. */
  checksum: string;
  /** The one the client sent and that proved right. */
  claimed: { name: ChecksumName; value: string } | undefined;
}

interface Claims {
  /** Hex SHA-256 of the body; undefined when the signature does not cover the body. */
  sha256: string | undefined;
  chunked: boolean;
  /** Bytes of the body without framing. */
  length: number;
  md5: string | undefined;
  checksum: { name: ChecksumName; value?: string; inTrailer: boolean } | undefined;
}

const unsignedKinds = new Set(['UNSIGNED-PAYLOAD', undefined]);
const chunkedKinds = new Set([
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

export const claimedChecksum = ({ headers }: S3Request): Claims['checksum'] => {
  const inHeaders = checksumNames.filter((name) => headers[checksumHeader(name)] !== undefined);
  const trailer = headers['x-amz-trailer']?.trim().toLowerCase();
  const inTrailer = checksumNames.filter((name) => checksumHeader(name) === trailer);
  if (trailer !== undefined && inTrailer.length === 0)
    throw s3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
  if (inHeaders.length + inTrailer.length > 1) {
    throw s3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const name = inHeaders[0] ?? inTrailer[0];
  const announced = headers['x-amz-sdk-checksum-algorithm'];
  if (announced !== undefined && parseChecksumName(announced) !== name) {
    throw s3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  if (!name) return undefined;
  const value = headers[checksumHeader(name)];
  if (value === undefined) return { name, inTrailer: true };
  if (!isChecksumValue(name, value))
    throw s3Error('InvalidRequest', `Value for ${checksumHeader(name)} header is invalid.`);
  return { name, value, inTrailer: false };
};

const claims = (request: S3Request): Claims => {
  const { headers } = request;
  const kind = headers['x-amz-content-sha256'];
  const chunked = kind !== undefined && chunkedKinds.has(kind);
  if (!chunked && !unsignedKinds.has(kind) && !/^[0-9a-f]{64}$/.test(kind ?? '')) {
    if (kind?.startsWith('STREAMING-')) throw notImplemented(`The payload kind ${kind}`);
    throw s3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    );
  }
  const lengthHeader = chunked ? 'x-amz-decoded-content-length' : 'content-length';
  const declared = headers[lengthHeader];
  if (declared === undefined && !chunked && headers['transfer-encoding'] !== undefined) {
    throw s3Error('NotImplemented', 'A header you provided implies functionality that is not implemented', {
      Header: 'Transfer-Encoding',
    });
  }
  if (declared === undefined && (chunked || request.method === 'PUT')) throw s3Error('MissingContentLength');
  const md5 = headers['content-md5'];
  if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(md5))
    throw s3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  const checksum = claimedChecksum(request);
  if (checksum?.inTrailer && !kind?.endsWith('-TRAILER')) throw s3Error('MalformedTrailerError');
  return {
    sha256: chunked || unsignedKinds.has(kind) ? undefined : kind,
    chunked,
    length: wholeNumber(lengthHeader, declared ?? '0', 0, unlimited),
    md5,
    checksum,
  };
};

/**
 * Takes the body chunk by chunk, verifies everything that was claimed about it and computes the wanted checksum beside.
 * Throws before it returns, so what was written must count for nothing until then.
 */
const receive = async (
  request: S3Request,
  { write, wanted, limit }: { write: (chunk: Buffer) => Promise<void> | void; wanted: ChecksumName; limit: number },
): Promise<Digests> => {
  const claim = claims(request);
  if (claim.length > limit) {
    throw s3Error('EntityTooLarge', undefined, { ProposedSize: claim.length, MaxSizeAllowed: limit });
  }
  const md5 = createHash('md5');
  const sha256 = claim.sha256 === undefined ? undefined : createHash('sha256');
  const names = new Set([wanted, ...(claim.checksum ? [claim.checksum.name] : [])]);
  const checksums = new Map([...names].map((name) => [name, runningChecksum(name)]));
  const trailers = new Map<string, string>();
  let size = 0;
  for await (const chunk of claim.chunked ? decodeChunks(request.body, trailers) : request.body) {
    size += chunk.length;
    if (size > claim.length) throw s3Error('IncompleteBody');
    md5.update(chunk);
    sha256?.update(chunk);
    for (const checksum of checksums.values()) checksum.update(chunk);
    await write(chunk);
  }
  if (size !== claim.length) throw s3Error('IncompleteBody');

  const computedSha256 = sha256?.digest('hex');
  if (computedSha256 !== claim.sha256) {
    throw s3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: claim.sha256, S3ComputedContentSHA256: computedSha256 },
    );
  }
  const md5Digest = md5.digest();
  if (claim.md5 !== undefined && md5Digest.toString('base64') !== claim.md5) throw s3Error('BadDigest');

  const values = new Map([...checksums].map(([name, checksum]) => [name, checksum.digest()]));
  verifyTrailers(trailers, claim);
  const { name, value } = claim.checksum ?? {};
  if (name && values.get(name) !== (value ?? trailers.get(checksumHeader(name)))) {
    throw s3Error('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
  }
  return {
    size,
    md5: md5Digest.toString('hex'),
    checksum: values.get(wanted)!,
    claimed: name && { name, value: values.get(name)! },
  };
};

const verifyTrailers = (trailers: Map<string, string>, { checksum }: Claims): void => {
  const announced = checksum?.inTrailer ? checksumHeader(checksum.name) : undefined;
  for (const name of trailers.keys()) {
    if (name !== announced && name !== 'x-amz-trailer-signature') throw s3Error('MalformedTrailerError');
  }
  if (announced === undefined) return;
  const value = trailers.get(announced);
  if (value === undefined) throw s3Error('MalformedTrailerError');
  if (!isChecksumValue(checksum!.name, value))
    throw s3Error('InvalidRequest', `Value for ${announced} trailing header is invalid.`);
};

/** Stores the body as a file. The caller holds the segment and gives it to a record or releases it. */
export const receiveBlob = async (
  request: S3Request,
  blobs: Blobs,
  wanted: ChecksumName,
): Promise<Digests & { segment: Segment }> => {
  const writer = await blobs.create();
  try {
    const digests = await receive(request, { write: (chunk) => writer.write(chunk), wanted, limit: maxPut });
    return { ...digests, segment: await writer.finish() };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
};

const receiveText = async (request: S3Request): Promise<string> => {
  const chunks: Buffer[] = [];
  await receive(request, { write: (chunk) => void chunks.push(chunk), wanted: 'CRC32', limit: maxXml });
  return Buffer.concat(chunks).toString('utf8');
};

/** The XML body of a request, whose root element must have this name. */
export const receiveXml = async (request: S3Request, root: string): Promise<XmlNode> => {
  const source = await receiveText(request);
  try {
    const node = parseXml(source.replace(/^\uFEFF/, ''));
    if (node.name === root) return node;
  } catch {
    // The client's fault whatever the parser found: the answer is the one below.
  }
  throw s3Error('MalformedXML');
};

/** An operation without a body refuses one by reading nothing of it; one that may have a body tells by its length. */
export const hasBody = ({ headers }: S3Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
