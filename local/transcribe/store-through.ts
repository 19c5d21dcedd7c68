import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { MediaStore } from './media.ts';

const ifThere = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && /^(NotFound|NoSuchKey|NoSuchBucket)$/.test(error.name)) return undefined;
    throw error;
  }
};

export const storeThrough = (client: S3Client): MediaStore => ({
  size: async (Bucket, Key) => (await ifThere(client.send(new HeadObjectCommand({ Bucket, Key }))))?.ContentLength,
  read: async (Bucket, Key, from, length) => {
    if (length <= 0) return Buffer.alloc(0);
    const Range = `bytes=${from}-${from + length - 1}`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  },
  hasBucket: async (Bucket) => (await ifThere(client.send(new HeadBucketCommand({ Bucket })))) !== undefined,
  write: async (Bucket, Key, Body, ContentType) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
  },
});
