import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ReadRange } from '../media/ffmpeg/range-proxy.ts';
import { inspectSource } from '../media/merge/inspect-source.ts';

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

/** Length, duration and channels of a film or sound, as it says itself. */
export const inspectObject = (config: { archiveBucket: string }, client = new S3Client()) => {
  const ranges = objectRanges(config, client);
  return async (key: string): Promise<{ bytes: number; durationSeconds: number; channels: number }> => {
    const { ContentLength: bytes = 0 } = await client.send(
      new HeadObjectCommand({ Bucket: config.archiveBucket, Key: key }),
    );
    const { durationSeconds, tracks } = await inspectSource(
      ranges,
      { fileId: key, key, bytes },
      new AbortController().signal,
    );
    const sound = tracks.find(({ kind }) => kind === 'audio');
    // A film without sound is as nothing.
    return { bytes: sound ? bytes : 0, durationSeconds, channels: sound?.channels ?? 1 };
  };
};
