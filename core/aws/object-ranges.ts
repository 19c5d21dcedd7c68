import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ReadRange } from '../media/ffmpeg/range-proxy.ts';

/** Ranges of objects in the archive bucket, as streams. Leaving one early closes its connection. */
export const objectRanges = (
  { archiveBucket: Bucket }: { archiveBucket: string },
  client = new S3Client(),
): ReadRange =>
  async function* (Key, from, to, abortSignal) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${from}-${to}` }), {
      abortSignal,
    });
    yield* (Body ?? []) as AsyncIterable<Buffer>;
  };
