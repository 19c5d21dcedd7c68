import { randomFillSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { listenOverTls } from './tls.ts';
import { pacer } from './pacer.ts';

/**
 * A host of files of any length, `/{bytes}`, that answers ranges. The bytes are those of one random block over and over
 * behind the first bytes of an MP4, so that they cost nothing to make; a seed is not needed, for whoever wants to
 * check them asks this host again.
 */
const MiB = 1_048_576;
const blockBytes = 16 * MiB;
const block = Buffer.allocUnsafe(blockBytes);
randomFillSync(block);
// Each block begins as an MP4 does, since the worker looks at the first bytes of a file.
Buffer.from([0, 0, 0, 32]).copy(block, 0);
block.write('ftypisom', 4, 'latin1');

const send = async (response: ServerResponse, from: number, to: number): Promise<void> => {
  const pace = pacer(Number(process.env.BYTES_PER_SECOND));
  for (let at = from; at <= to && !response.destroyed;) {
    const start = at % blockBytes;
    const piece = block.subarray(start, Math.min(start + MiB, blockBytes, start + to - at + 1));
    await pace(piece.length);
    // Calls back when the socket has taken the piece, and with an error when it is gone.
    await new Promise((done) => response.write(piece, done));
    at += piece.length;
  }
  response.end();
};

listenOverTls((request, response) => {
  const length = Number(/^\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const from = Number(first ?? 0);
  const to = Math.min(last ? Number(last) : Infinity, length - 1);
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'video/mp4',
    'content-length': to - from + 1,
    etag: `"${length}"`,
    'accept-ranges': 'bytes',
    ...(first !== undefined && { 'content-range': `bytes ${from}-${to}/${length}` }),
  });
  void send(response, from, to);
});
