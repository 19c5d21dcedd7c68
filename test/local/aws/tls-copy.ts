import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { copy } from '../../../core/media/copy.ts';
import { takeFirst } from '../../../core/media/first-bytes.ts';
import { openDownload } from '../../../core/media/open-download.ts';
import { readerOf } from '../../../core/media/reader.ts';
import { fakeBucket } from '../../fakes/bucket.ts';

/**
 * Copies over TLS with sources and sinks of several kinds, and prints what was sent and what arrived, by hash. A
 * program of its own: only at its start Node can be told to trust a certificate.
 */
const bytes = randomBytes(12_000_000);
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const small = (): number => 1 + Math.floor(Math.random() * 50_000);

type Pace = (turn: number) => Promise<unknown>;
const paces: Record<string, Pace> = {
  fast: async () => undefined,
  uneven: async (turn) => {
    for (let wait = 0; wait < (turn * 31) % 17; wait += 1) await nextTurn();
  },
  slow: async (turn) => sleep(turn % 5),
};

const send = async (url: string, response: ServerResponse): Promise<void> => {
  const pace = paces[url.slice(1)] ?? (async () => undefined);
  response.writeHead(200, { 'content-length': bytes.length });
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = pace === paces.fast ? at + 1_000_000 : at + 10 * small();
    await new Promise((done) => response.write(bytes.subarray(at, end), done));
    at = end;
    await pace(turn);
  }
  response.end();
};

const server = createServer(
  { key: readFileSync(process.env.TLS_KEY ?? ''), cert: readFileSync(process.env.TLS_CERT ?? '') },
  (request, response) => void send(request.url ?? '/', response),
);
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { signal } = new AbortController();

const results = [];
for (const source of Object.keys(paces))
  for (const sink of Object.keys(paces)) {
    const bucket = fakeBucket({
      // Read long after they were handed over, later parts first.
      beforeRead: async (_what, number) => {
        for (let turn = 0; turn < 8; turn += 1) await paces[sink]?.(turn + number);
      },
    });
    const download = await openDownload({ url: `${origin}/${source}` }, { trustedOrigins: [origin] }, signal);
    const { whole } = await takeFirst(download.body, 4_096);
    const reader = readerOf(whole);
    const slowly = {
      ...whole,
      reader: {
        ...reader,
        // Steps of all sizes, so that buffers end in the middle of what arrives.
        fill: async (into: Buffer, at: number) => {
          let end = at;
          while (end < into.length) {
            const step = Math.min(into.length, end + small());
            const filled = await reader.fill(into.subarray(0, step), end);
            if (sink === 'slow' && Math.random() < 0.05) await sleep(1);
            end = filled;
            if (filled < step) break;
          }
          return end;
        },
      },
    };
    const about = { key: 'k', contentType: 'video/mp4', length: download.length, partBytes: 700_000 };
    await copy(bucket.archive, slowly, about, signal);
    results.push({ source, sink, arrived: bucket.hashOf('k') });
  }
process.stdout.write(JSON.stringify({ sent: sha256(bytes), results }));
process.exit(0);
