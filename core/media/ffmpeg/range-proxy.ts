import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Gives the bytes `from` up to and with `to`. May be read once; is closed when it is left early. */
export type ReadRange = (key: string, from: number, to: number, signal: AbortSignal) => AsyncIterable<Buffer>;

export type RangeProxy = {
  /** The address under which ffmpeg finds an object. It holds nothing of the object's name. */
  add(key: string, size: number): string;
  /** The same for a short text of our own. */
  addText(text: string): string;
  /** Why an object could not be read; ffmpeg itself may have taken that for an end. */
  failure(): Error | undefined;
  close(): Promise<void>;
};

/**
 * How much one read of an object asks for. ffmpeg may leave an input alone for minutes; a connection to S3 would not
 * last that long, and what is asked for and not fetched is not paid for twice this way. Seeking reads little.
 */
const firstBlock = 1_048_576;
const largestBlock = 16_777_216;
const tries = 4;

type Served = {
  readonly size: number;
  readonly read: (from: number, to: number, signal: AbortSignal) => AsyncIterable<Buffer>;
};

/**
 * A web server on the loopback interface that lives as long as one piece of work: with it ffmpeg reads and seeks in
 * objects of S3 without knowing an address or a credential, and reads are retried by us, not by it.
 */
export const openRangeProxy = async (read: ReadRange): Promise<RangeProxy> => {
  const served = new Map<string, Served>();
  const ending = new AbortController();
  let failed: Error | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const object = served.get(request.url ?? '');
    if (!object) return void response.writeHead(404).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
    const range = rangeOf(request.headers.range, object.size);
    if (!range) return void response.writeHead(416, { 'content-range': `bytes */${object.size}` }).end();
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-length': String(Math.max(0, range.to - range.from + 1)),
      ...(request.headers.range !== undefined && { 'content-range': `bytes ${range.from}-${range.to}/${object.size}` }),
    });
    if (request.method === 'HEAD') return void response.end();
    const left = new AbortController();
    response.once('close', () => left.abort());
    const signal = AbortSignal.any([left.signal, ending.signal]);
    try {
      for await (const chunk of inBlocks(object, range, signal)) {
        if (response.destroyed) return;
        if (!response.write(chunk)) await drained(response);
      }
      response.end();
    } catch (error) {
      if (!signal.aborted) failed ??= error as Error;
      response.destroy();
    }
  };

  const server = createServer((request, response) => void answer(request, response));
  // Between two reads of ffmpeg anything may pass.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const serve = (object: Served): string => {
    const path = `/${randomBytes(16).toString('hex')}`;
    served.set(path, object);
    return `http://127.0.0.1:${port}${path}`;
  };

  return {
    add: (key, size) => serve({ size, read: (from, to, signal) => read(key, from, to, signal) }),
    addText: (text) => {
      const bytes = Buffer.from(text);
      return serve({
        size: bytes.length,
        async *read(from, to) {
          yield bytes.subarray(from, to + 1);
        },
      });
    },
    failure: () => failed,
    close: async () => {
      ending.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

/**
 * Runs with a proxy that is closed afterwards. ffmpeg takes an input that breaks off for one that ends, and an answer
 * that does not come for a broken file: why a read failed goes before whatever ffmpeg made of it.
 */
export const withRangeProxy = async <Result>(
  read: ReadRange,
  run: (proxy: RangeProxy) => Promise<Result>,
): Promise<Result> => {
  const proxy = await openRangeProxy(read);
  try {
    return await run(proxy);
  } catch (error) {
    throw proxy.failure() ?? error;
  } finally {
    await proxy.close();
  }
};

/** One range of bytes, as RFC 9110 writes it; ffmpeg asks for nothing else. */
const rangeOf = (header: string | undefined, size: number): { from: number; to: number } | undefined => {
  if (header === undefined) return { from: 0, to: size - 1 };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from <= to && from < size ? { from, to } : undefined;
};

async function* inBlocks(
  object: Served,
  { from, to }: { from: number; to: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = from;
  let block = firstBlock;
  for (let failures = 0; at <= to;) {
    const before = at;
    try {
      for await (const chunk of object.read(at, Math.min(at + block, to + 1) - 1, signal)) {
        at += chunk.length;
        yield chunk;
      }
      if (at === before) throw new Error('nothing came');
      failures = 0;
      block = Math.min(block * 2, largestBlock);
    } catch (error) {
      if (signal.aborted) throw error;
      // What has been handed on stays handed on: the next read goes on behind it.
      failures = at > before ? 1 : failures + 1;
      if (failures >= tries) throw error;
    }
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
