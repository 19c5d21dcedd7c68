import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { localRegion } from '../../local/gateway/credentials.ts';
import { startGateway } from '../../local/gateway/gateway.ts';
import { createS3 } from '../../local/s3/server.ts';
import { clientsOf } from './client-program.ts';

export const bucket = 'archive';

/** S3 behind the gateway with one bucket that keeps versions, and the clients for it. */
export const startBucket = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-bucket-'));
  const time = { ahead: 0 };
  const s3 = createS3({ folder, region: localRegion });
  await s3.createBucket(bucket, { versioning: true });
  const gateway = await startGateway({
    port: 0,
    services: { s3: s3.service },
    clock: { now: () => Date.now() + time.ahead },
  });
  const clients = clientsOf(gateway.url);
  return {
    ...clients,
    url: gateway.url,
    /** Milliseconds by which the gateway's clock is ahead. */
    time,
    close: async (): Promise<void> => {
      await gateway.close();
      clients.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
export type BucketClients = Awaited<ReturnType<typeof startBucket>>;

/** Bytes that no compression shortens and no other seed makes. */
export const bytesOf = (seed: string, length: number): Buffer => {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
};

const anHourAgo = new Date(Date.now() - 3_600_000);

export const writeTree = (folder: string, files: Record<string, string | Buffer>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    // S3 tells times in whole seconds: a file written in the second of its upload would look newer than its copy.
    utimesSync(join(folder, name), anHourAgo, anHourAgo);
  }
};

/** Paths and hashes of all files below a folder. */
export const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
