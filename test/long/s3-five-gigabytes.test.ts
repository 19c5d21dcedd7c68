import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { clientsOf, describeAwscli } from '../clients/client-program.ts';

// Twelve gigabytes are hashed and moved; on a busy machine that takes its time.
jest.setTimeout(1_800_000);

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
/** What the gateway's process may weigh, whatever it carries. */
const limit = 250 * MiB;

/** A file of which no two MiB are alike, and its hash. */
const writeLargeFile = async (path: string, size: number): Promise<string> => {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    const block = Buffer.alloc(MiB, 'a recording of a meeting ');
    for (let index = 0; index < size / MiB; index++) {
      block.writeUInt32BE(index);
      hash.update(block);
      await file.write(block);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
};

const hashOf = async (bytes: AsyncIterable<Buffer>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
};

const startServer = async (folder: string) => {
  const server = spawn(process.execPath, ['local/run.mjs', 'test/long/serve-s3.ts', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', (line: Buffer) => resolve(String(line).trim()));
    server.once('exit', () => reject(new Error('The server ended before it listened.')));
  });
  return {
    url,
    /** Ends the server and tells the most memory it had, in bytes. */
    peakMemory: async (): Promise<number> => {
      server.stdin.end();
      return Number(await text(server.stdout));
    },
    kill: () => server.kill(),
  };
};

let folder: string;
let server: Awaited<ReturnType<typeof startServer>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rapporteur-large-'));
  server = await startServer(join(folder, 's3'));
});
afterEach(async () => {
  server.kill();
  await rm(folder, { recursive: true, force: true });
});

test('five gigabytes go through the gateway and come back unchanged, in little memory', async () => {
  const path = join(folder, 'five-gigabytes');
  const hash = await writeLargeFile(path, 5 * GiB);
  const s3 = new S3Client({ endpoint: server.url, region: localRegion, credentials: localCredentials });
  const target = { Bucket: 'recordings', Key: 'five-gigabytes' };
  try {
    // The largest object that S3 takes in one request.
    await s3.send(new PutObjectCommand({ ...target, Body: createReadStream(path), ContentLength: 5 * GiB }));
    const { Body, ContentLength } = await s3.send(new GetObjectCommand(target));
    expect(ContentLength).toBe(5 * GiB);
    expect(await hashOf(Body as unknown as AsyncIterable<Buffer>)).toBe(hash);
  } finally {
    s3.destroy();
  }
  expect(await server.peakMemory()).toBeLessThan(limit);
});

describeAwscli('The AWS CLI', () => {
  test('copies a gigabyte in and out in parts, in little memory of the gateway', async () => {
    const clients = clientsOf(server.url);
    try {
      const hash = await writeLargeFile(join(clients.folder, 'gigabyte'), GiB);
      await clients.aws('s3 cp --no-progress gigabyte s3://recordings/gigabyte');
      const head = await clients.awsJson('s3api head-object --bucket recordings --key gigabyte');
      expect(head).toMatchObject({ ContentLength: GiB, ETag: expect.stringMatching(/-128"$/) });
      await clients.aws('s3 cp --no-progress s3://recordings/gigabyte back');
      expect(await hashOf(createReadStream(join(clients.folder, 'back')))).toBe(hash);
    } finally {
      clients.remove();
    }
    expect(await server.peakMemory()).toBeLessThan(limit);
  });
});
