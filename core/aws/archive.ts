import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectHead, Target } from '../media/copy.ts';

const headOf = ({ contentType, metadata, tags }: ObjectHead) => ({
  ContentType: contentType,
  ...(metadata ? { Metadata: { ...metadata } } : {}),
  ...(tags ? { Tagging: new URLSearchParams(tags).toString() } : {}),
});

/** The archive bucket as media goes in: every byte under a CRC32 that S3 verifies, also for the object as a whole. */
export const s3Archive = ({ archiveBucket: Bucket }: { archiveBucket: string }, client = new S3Client()) =>
  ({
    put: async (Key, bytes, { crc32, ...head }, abortSignal) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ChecksumCRC32: crc32, ...headOf(head) }), {
        abortSignal,
      });
    },
    createUpload: async (Key, head, abortSignal) => {
      const checksums = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ...checksums, ...headOf(head) }),
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
    completeUpload: async (Key, UploadId, parts, crc32, abortSignal) => {
      const Parts = parts.map((part) => ({ PartNumber: part.number, ETag: part.etag, ChecksumCRC32: part.crc32 }));
      await client.send(
        new CompleteMultipartUploadCommand({
          ...{ Bucket, Key, UploadId, MultipartUpload: { Parts } },
          ...{ ChecksumCRC32: crc32, ChecksumType: 'FULL_OBJECT' },
        }),
        { abortSignal },
      );
    },
    abortUpload: async (Key, UploadId) => {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      } catch (error) {
        // Completed or closed before: then nothing of it is left.
        if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
      }
    },
    head: async (Key: string) => {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
        return { bytes: found.ContentLength ?? 0, crc32: found.ChecksumCRC32 };
      } catch (error) {
        if (error instanceof Error && error.name === 'NotFound') return undefined;
        throw error;
      }
    },
    firstBytes: async (Key: string, count: number) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=0-${count - 1}` }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
  }) satisfies Target & Record<string, unknown>;
