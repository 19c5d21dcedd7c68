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
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ListedPart, ObjectHead, Target } from '../media/copy.ts';

const headOf = ({ contentType, metadata, tags }: ObjectHead) => ({
  ContentType: contentType,
  ...(metadata ? { Metadata: { ...metadata } } : {}),
  ...(tags ? { Tagging: new URLSearchParams(tags).toString() } : {}),
});

/** Without these a connection that died in silence would hold a worker until its time is over. In milliseconds. */
const patience = { requestHandler: { connectionTimeout: 5_000, socketTimeout: 120_000 } };

/** Larger ones take more processor time, and smaller ones too. */
const pieceBytes = 262_144;
const bulky = new Set(['PutObjectCommand', 'UploadPartCommand']);

/** Written at once, a part would be encrypted at once: twice its memory, and half as fast. */
const inPieces = (bytes: Buffer): Readable => {
  let at = 0;
  return new Readable({
    highWaterMark: pieceBytes,
    read() {
      const piece = bytes.subarray(at, at + pieceBytes);
      at += piece.length;
      this.push(piece.length > 0 ? piece : null);
    },
  });
};

/**
 * What an SDK client has to be taught about bodies of many MB; retries, signatures and addresses are its own. It would
 * hash each with SHA-256 for the signature, a second of processor time per GB, although a CRC32 goes with it: over TLS
 * the signature needs to cover the headers alone, and the checksum is one.
 */
const taughtAboutMedia = (client: S3Client): S3Client => {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        if (bulky.has(commandName)) headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
        return next(args);
      },
    { step: 'build', name: 'withoutBodyHash', override: true },
  );
  // Behind the retries: each try gets a stream of its own over the same bytes.
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body?: unknown };
      if (!Buffer.isBuffer(request.body) || request.body.length <= pieceBytes) return next(args);
      return next({
        ...args,
        request: Object.assign(Object.create(request) as object, { body: inPieces(request.body) }),
      });
    },
    { step: 'deserialize', priority: 'low', name: 'bodyInPieces', override: true },
  );
  return client;
};

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** The archive bucket as media goes in: every byte under a CRC32 that S3 verifies, also for the object as a whole. */
export const s3Archive = ({ archiveBucket: Bucket }: { archiveBucket: string }, given = new S3Client(patience)) => {
  const client = taughtAboutMedia(given);
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
      const object = { Bucket, Key, Body: bytes, ChecksumCRC32: crc32, ...headOf(about) };
      await client.send(new PutObjectCommand(object), { abortSignal });
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
    uploadPart: async (Key, UploadId, { number, bytes, crc32 }, abortSignal) => {
      const part = { Bucket, Key, UploadId, PartNumber: number, Body: bytes, ChecksumCRC32: crc32 };
      const { ETag } = await client.send(new UploadPartCommand(part), { abortSignal });
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
