import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { ObjectLabels } from '../media/object-head.ts';
import { downloadPlan, type DownloadPlan } from '../media/plan.ts';

export const archiveConfig = { archiveBucket: z.string().min(1, 'expected the name of the archive bucket') };

/** Larger text than any transcript or plan: what is larger is not read into memory. */
const mostTextBytes = 32 * 1_048_576;

/** Small texts in the archive bucket: plans, transcripts, captions, insights. Media never comes this way. */
export const textObjects = ({ archiveBucket: bucket }: { archiveBucket: string }, client = new S3Client()) => ({
  read: async (key: string): Promise<string | undefined> => {
    try {
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if ((ContentLength ?? 0) > mostTextBytes) throw new Error(`${key} is larger than ${mostTextBytes} bytes`);
      return (await Body?.transformToString('utf-8')) ?? '';
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  },
  write: async (key: string, text: string, contentType: string, labels: ObjectLabels = {}): Promise<void> => {
    const { metadata: Metadata, tags } = labels;
    const Tagging = tags && new URLSearchParams(tags).toString();
    await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: contentType, Metadata, Tagging }),
    );
  },
  remove: async (key: string): Promise<void> => {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
  /** Bytes of every object in a folder, by key. */
  sizes: async (folder: string): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: folder }))
      for (const { Key, Size = 0 } of Contents) if (Key) found.set(Key, Size);
    return found;
  },
});

/** The download plan: written by PlanDownload, read by each worker of the Map. */
export const planObjects = (config: { archiveBucket: string }) => {
  const objects = textObjects(config);
  return {
    write: (key: string, plan: DownloadPlan) => objects.write(key, JSON.stringify(plan), 'application/json'),
    read: async (key: string): Promise<DownloadPlan> =>
      downloadPlan.parse(JSON.parse((await objects.read(key)) ?? 'null')),
  };
};
