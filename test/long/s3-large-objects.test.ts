import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from '@jest/globals';

const size = 1024 ** 3;
const MiB = 1024 ** 2;
/** What the process may weigh, whatever it carries. */
const limit = 250 * MiB;

/** A gigabyte that is never in memory at once: each MiB differs from the others. */
function* gigabyte(): Generator<Buffer> {
  const block = Buffer.alloc(MiB, 'a recording of a meeting ');
  for (let index = 0; index < size / MiB; index++) {
    const copy = Buffer.from(block);
    copy.writeUInt32BE(index);
    yield copy;
  }
}

test('a gigabyte goes in and out unchanged, in one piece and in a stream of chunks, in little memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-large-'));
  const server = spawn(process.execPath, ['local/run.mjs', 'test/local/s3/serve.ts', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const endpoint = await new Promise<string>((resolve) =>
      server.stdout.once('data', (line: Buffer) => resolve(String(line).trim())),
    );
    const expected = createHash('sha256');
    for (const block of gigabyte()) expected.update(block);
    const hash = expected.digest('hex');

    const plain = { 'content-length': size };
    const chunked = {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': size,
      'content-encoding': 'aws-chunked',
    };
    function* framed(): Generator<Buffer> {
      for (const block of gigabyte())
        yield Buffer.concat([Buffer.from(`${MiB.toString(16)}\r\n`), block, Buffer.from('\r\n')]);
      yield Buffer.from('0\r\n\r\n');
    }
    for (const [key, headers, body] of [
      ['plain', plain, gigabyte()],
      ['chunked', chunked, framed()],
    ] as const) {
      const sending = request(`${endpoint}/recordings/${key}`, { method: 'PUT', headers });
      const answered = new Promise<number | undefined>((resolve, reject) => {
        sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      });
      await pipeline(Readable.from(body, { objectMode: false }), sending);
      expect(await answered).toBe(200);

      const found = createHash('sha256');
      await new Promise<void>((resolve, reject) => {
        get(`${endpoint}/recordings/${key}`, (response) => {
          response
            .on('data', (chunk: Buffer) => found.update(chunk))
            .on('end', resolve)
            .on('error', reject);
        }).on('error', reject);
      });
      expect(found.digest('hex')).toBe(hash);
    }
    expect(Number(await (await fetch(`${endpoint}/-/peak-memory`)).text())).toBeLessThan(limit);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
