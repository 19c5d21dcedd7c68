import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, unlink } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** A range of one stored file. Objects are lists of these, so completing and copying move no bytes. */
export interface Segment {
  blob: string;
  offset: number;
  size: number;
}

export interface BlobWriter {
  write(chunk: Buffer): Promise<void>;
  /** Ends the file; it stays until the holder lets go of the segment. */
  finish(): Promise<Segment>;
  abandon(): Promise<void>;
}

/** Bytes gathered before they go to disk: fewer and larger writes, while the next ones are received and hashed. */
const gather = 1024 * 1024;
const readSize = 256 * 1024;

/**
 * Immutable files with random names. Each is kept as long as somebody holds it: a record, or a reader in the middle of it,
 * so that overwriting an object never cuts a download short. Counts live in memory and are rebuilt from the records.
 */
export const openBlobs = (folder: string) => {
  mkdirSync(folder, { recursive: true });
  const holders = new Map<string, number>();
  const path = (blob: string): string => join(folder, blob);

  const hold = (segments: readonly Segment[]): void => {
    for (const { blob } of segments) holders.set(blob, (holders.get(blob) ?? 0) + 1);
  };
  const release = (segments: readonly Segment[]): void => {
    for (const { blob } of segments) {
      const left = (holders.get(blob) ?? 0) - 1;
      if (left > 0) {
        holders.set(blob, left);
        continue;
      }
      holders.delete(blob);
      // A file that could not be removed is removed by the sweep of the next start.
      unlink(path(blob), () => undefined);
    }
  };

  return {
    hold,
    release,

    /** Removes what nobody holds: files whose record was never written. Called once, after all records were read. */
    sweep(): void {
      for (const blob of readdirSync(folder)) if (!holders.has(blob)) rmSync(path(blob), { force: true });
    },

    async create(): Promise<BlobWriter> {
      const blob = randomUUID();
      const file = await open(path(blob), 'wx');
      const segment = { blob, offset: 0, size: 0 };
      hold([segment]);
      let gathered: Buffer[] = [];
      let bytes = 0;
      let writing: Promise<void> = Promise.resolve();
      const flush = async (): Promise<void> => {
        await writing;
        const chunks = gathered;
        const expected = bytes;
        gathered = [];
        bytes = 0;
        if (expected === 0) return;
        writing = file.writev(chunks).then(({ bytesWritten }) => {
          if (bytesWritten !== expected) throw new Error('The disk took fewer bytes than it was given.');
        });
        // The failure is reported by the next await; without this line it would end the process before.
        writing.catch(() => undefined);
      };
      return {
        async write(chunk) {
          gathered.push(chunk);
          bytes += chunk.length;
          segment.size += chunk.length;
          if (bytes >= gather) await flush();
        },
        async finish() {
          await flush();
          await writing;
          await file.close();
          return segment;
        },
        async abandon() {
          await writing.catch(() => undefined);
          await file.close().catch(() => undefined);
          release([segment]);
        },
      };
    },

    /** The bytes of the segments; the caller holds them for as long as it reads. */
    async *read(segments: readonly Segment[]): AsyncGenerator<Buffer, void, undefined> {
      for (const segment of segments) {
        if (segment.size === 0) continue;
        const file = await open(path(segment.blob), 'r');
        try {
          for (let at = 0; at < segment.size;) {
            const want = Math.min(readSize, segment.size - at);
            const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(want), 0, want, segment.offset + at);
            if (bytesRead === 0) throw new Error('A stored file is shorter than its record says.');
            yield buffer.subarray(0, bytesRead);
            at += bytesRead;
          }
        } finally {
          await file.close();
        }
      }
    },
  };
};
export type Blobs = ReturnType<typeof openBlobs>;

/** The segments that make up bytes `start` to `end` (exclusive) of an object. */
export const slice = (segments: readonly Segment[], start: number, end: number): Segment[] => {
  const result: Segment[] = [];
  let at = 0;
  for (const { blob, offset, size } of segments) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, size);
    if (from < to) result.push({ blob, offset: offset + from, size: to - from });
    at += size;
  }
  return result;
};
