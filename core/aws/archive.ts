import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListParts,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  type $Command,
  type PutObjectCommandOutput,
  type UploadPartCommandOutput,
} from '@aws-sdk/client-s3';
import type { ListedPart, ObjectHead, Target } from '../media/copy.ts';
import type { Part } from '../media/part.ts';

const headOf = ({ contentType, metadata, tags }: ObjectHead) => ({
  ContentType: contentType,
  ...(metadata ? { Metadata: { ...metadata } } : {}),
  ...(tags ? { Tagging: new URLSearchParams(tags).toString() } : {}),
});

const defaults: S3ClientConfig = {
  /** Without these a connection that died in silence would hold a worker until its time is over. In milliseconds. */
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 120_000 },
  /** Every body goes with a checksum of ours. */
  requestChecksumCalculation: 'WHEN_REQUIRED',
};

/** Larger ones take more processor time, and smaller ones too. */
const pieceBytes = 524_288;

/** Written at once, it would be encrypted at once: twice its memory, and half as fast. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** A body in one chunk, whose checksum goes behind it: when the first byte is sent the last may not be there. */
async function* framed(part: Part, length: string): AsyncGenerator<Buffer> {
  yield Buffer.from(length);
  for (let at = 0; at < part.length;) {
    const piece = (await part.from(at)).subarray(0, pieceBytes);
    at += piece.length;
    yield piece;
  }
  yield Buffer.from(trailer(part.crc32()));
}
const trailer = (crc32: string): string => `\r\n0\r\nx-amz-checksum-crc32:${crc32}\r\n\r\n`;
const trailerBytes = trailer('AAAAAA==').length;

/**
 * Gives a command a body that the SDK does not see: it would hash it with SHA-256 for the signature, a second of
 * processor time per GB, although a CRC32 goes with it. Over TLS the signature needs to cover the headers alone.
 */
const giveBody = <Input extends object, Output extends PutObjectCommandOutput | UploadPartCommandOutput>(
  { middlewareStack }: Pick<$Command<Input, Output, unknown>, 'middlewareStack'>,
  headers: Readonly<Record<string, string>>,
  body: () => AsyncIterable<Buffer>,
  onBroken: () => void = () => undefined,
): void => {
  middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
      return next(args);
    },
    { step: 'build', name: 'headersOfBody' },
  );
  // Behind the retries: each try gets a stream of its own over the same bytes.
  middlewareStack.add(
    (next) => (args) => {
      const stream = Readable.from(body(), { objectMode: false, highWaterMark: pieceBytes });
      // The SDK does not listen: a request whose body broke off would wait for the rest of it.
      stream.once('error', onBroken);
      return next({
        ...args,
        request: Object.assign(Object.create(args.request as object) as object, { body: stream }),
      });
    },
    { step: 'deserialize', priority: 'low', name: 'bodyInPieces' },
  );
};

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** The archive bucket as media goes in: every byte under a CRC32 that S3 verifies, also for the object as a whole. */
export const s3Archive = ({ archiveBucket: Bucket }: { archiveBucket: string }, settings: S3ClientConfig = {}) => {
  const client = new S3Client({ ...defaults, ...settings });
  const head = async (Key: string) => {
    try {
      const found = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      return { bytes: found.ContentLength ?? 0, crc32: found.ChecksumCRC32 };
    } catch (error) {
      if (isNamed(error, 'NotFound')) return undefined;
      throw error;
    }
  };

  return {
    put: async (Key, bytes, { crc32, ...about }, abortSignal) => {
      const command = new PutObjectCommand({ Bucket, Key, ChecksumCRC32: crc32, ...headOf(about) });
      const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': String(bytes.length) };
      giveBody(command, headers, () => inPieces(bytes));
      await client.send(command, { abortSignal });
    },
    createUpload: async (Key, about, abortSignal) => {
      const checksums = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ...checksums, ...headOf(about) }),
        { abortSignal },
      );
      if (!UploadId) throw new Error('S3 opened a multipart upload without an id');
      return UploadId;
    },
    uploadPart: async (Key, UploadId, part, abortSignal) => {
      const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: part.number });
      const length = `${part.length.toString(16)}\r\n`;
      const headers = {
        'content-encoding': 'aws-chunked',
        'content-length': String(length.length + part.length + trailerBytes),
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': String(part.length),
        'x-amz-trailer': 'x-amz-checksum-crc32',
      };
      const broken = new AbortController();
      giveBody(
        command,
        headers,
        () => framed(part, length),
        () => broken.abort(),
      );
      const { ETag } = await client.send(command, { abortSignal: AbortSignal.any([abortSignal, broken.signal]) });
      return { etag: ETag ?? '' };
    },
    listParts: async (Key, UploadId, abortSignal) => {
      const parts: ListedPart[] = [];
      try {
        for await (const { Parts } of paginateListParts({ client }, { Bucket, Key, UploadId }, { abortSignal }))
          for (const { PartNumber, Size, ETag, ChecksumCRC32 } of Parts ?? [])
            parts.push({ number: PartNumber ?? 0, bytes: Size ?? 0, etag: ETag ?? '', crc32: ChecksumCRC32 ?? '' });
      } catch (error) {
        if (isNamed(error, 'NoSuchUpload')) return undefined;
        throw error;
      }
      return parts;
    },
    completeUpload: async (Key, UploadId, parts, crc32, abortSignal) => {
      const Parts = parts.map((part) => ({ PartNumber: part.number, ETag: part.etag, ChecksumCRC32: part.crc32 }));
      try {
        await client.send(
          new CompleteMultipartUploadCommand({
            ...{ Bucket, Key, UploadId, MultipartUpload: { Parts } },
            ...{ ChecksumCRC32: crc32, ChecksumType: 'FULL_OBJECT' },
          }),
          { abortSignal },
        );
      } catch (error) {
        // The answer to an earlier try may have been lost.
        if (!isNamed(error, 'NoSuchUpload') || (await head(Key))?.crc32 !== crc32) throw error;
      }
    },
    abortUpload: async (Key, UploadId) => {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      } catch (error) {
        // Completed or closed before: then nothing of it is left.
        if (!isNamed(error, 'NoSuchUpload')) throw error;
      }
    },
    head,
    readBytes: async (Key: string, from: number, length: number) => {
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket, Key, Range: `bytes=${from}-${from + length - 1}` }),
      );
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
  } satisfies Target & Record<string, unknown>;
};
