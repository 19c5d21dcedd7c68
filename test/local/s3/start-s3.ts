import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Client } from '@aws-sdk/client-s3';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { createS3 } from '../../../local/s3/server.ts';

export const bucket = 'recordings';

/** The stand-in behind a bare server, without the gateway's check of signatures, and the unmodified SDK towards it. */
export const startS3 = async (given?: { folder?: string; now?: () => Date; versioning?: boolean }) => {
  const folder = given?.folder ?? (await mkdtemp(join(tmpdir(), 's3-')));
  const errors: unknown[] = [];
  const s3 = createS3({
    folder,
    region: localRegion,
    report: (error) => errors.push(error),
    ...(given?.now ? { now: given.now } : {}),
  });
  await s3.createBucket(bucket, { versioning: given?.versioning ?? false });
  const server = createServer((request, response) => {
    void s3.service(request, response, new URL('http://127.0.0.1/'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: S3Client[] = [];
  const newClient = (config: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({
      endpoint,
      region: localRegion,
      credentials: localCredentials,
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const stop = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await s3.close();
  };
  return {
    s3,
    folder,
    endpoint,
    errors,
    client: newClient(),
    newClient,
    stop,
    /** Stops and leaves nothing behind. */
    async discard(): Promise<void> {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
export type RunningS3 = Awaited<ReturnType<typeof startS3>>;
