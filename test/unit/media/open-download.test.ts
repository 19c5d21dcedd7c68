import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openDownload, type Download, type DownloadRules } from '../../../core/media/open-download.ts';
import { answerRanges, fileOrigin, rawOrigin } from '../../fakes/origin.ts';

type Origin = Awaited<ReturnType<typeof fileOrigin>>;
const open: Origin[] = [];
const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Origin> => {
  const origin = await fileOrigin(answer);
  open.push(origin);
  return origin;
};
const serveRaw = async (answer: (socket: Socket) => void): Promise<Origin> => {
  const origin = await rawOrigin(answer);
  open.push(origin);
  return origin;
};
// Sockets live in real time; only our own time-outs wait for the test.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(open.splice(0).map((origin) => origin.close()));
});

const never = new AbortController().signal;
const fetchFrom = (origin: Origin, rules: Partial<DownloadRules> = {}, signal = never): Promise<Download> =>
  openDownload(
    { url: `${origin.url}/rec/download/key`, token: 'T0KEN' },
    { trustedOrigins: open.map(({ url }) => url), ...rules },
    signal,
  );
const readAll = async ({ body }: Download): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const signalOnce = () => {
  let tell: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  return { told, tell: () => tell() };
};
const transient = (message: RegExp) => ({
  name: 'TransientError',
  message: expect.stringMatching(message),
});
const notAllowed = { name: 'PermanentError', code: 'DOWNLOAD_HOST_NOT_ALLOWED' };
const redirectTo = (location: string) => (_request: IncomingMessage, response: ServerResponse) =>
  response.writeHead(302, { location }).end();

describe('opening a download', () => {
  test('asks for plain bytes with the token in the header', async () => {
    const bytes = randomBytes(300_000);
    const origin = await serve((_request, response) => response.end(bytes));
    const download = await fetchFrom(origin);
    expect(download).toMatchObject({ status: 200, length: 300_000, endIsMarked: true, finalOrigin: origin.url });
    expect((await readAll(download)).equals(bytes)).toBe(true);
    expect(origin.seen[0]?.headers).toMatchObject({ authorization: 'Bearer T0KEN', 'accept-encoding': 'identity' });
  });

  test('keeps the token from every other origin, and does not bring it back', async () => {
    const back: { url?: string } = {};
    const storage = await serve((request, response) =>
      request.url === '/signed'
        ? response.end('bytes')
        : response.writeHead(307, { location: `${back.url}/home` }).end(),
    );
    const first = await serve((request, response) => {
      if (request.url === '/home') return response.writeHead(302, { location: `${storage.url}/signed` }).end();
      if (request.url === '/same') return response.writeHead(302, { location: `${storage.url}/elsewhere` }).end();
      return response.writeHead(302, { location: '/same' }).end();
    });
    back.url = first.url;
    const download = await fetchFrom(first);
    expect((await readAll(download)).toString()).toBe('bytes');
    expect(download.finalOrigin).toBe(storage.url);
    expect(first.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/rec/download/key', 'Bearer T0KEN'],
      ['/same', 'Bearer T0KEN'],
      ['/home', undefined],
    ]);
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test('ends a redirect loop after five hops, with the redirect to be judged', async () => {
    const origin = await serve(redirectTo('/again'));
    const download = await fetchFrom(origin);
    download.close();
    expect(download.status).toBe(302);
    expect(origin.seen).toHaveLength(6);
  });

  test('gives back a redirect that leads nowhere', async () => {
    const origin = await serve((request, response) =>
      request.url === '/bad' ? response.writeHead(302, { location: 'http://[' }).end() : response.writeHead(302).end(),
    );
    const download = await fetchFrom(origin);
    download.close();
    expect(download.status).toBe(302);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/',
    'http://zoom.us/rec',
    'https://evil.example/',
    'file:///etc/passwd',
    'http://127.0.0.1:9/',
  ])('refuses a redirect to %s', async (location) => {
    const origin = await serve(redirectTo(location));
    await expect(fetchFrom(origin)).rejects.toMatchObject(notAllowed);
  });

  test('refuses what is no address at all', async () => {
    await expect(openDownload({ url: 'nowhere' }, { trustedOrigins: [] }, never)).rejects.toMatchObject(notAllowed);
  });

  test("refuses one of Zoom's names that resolves to an inner address, before it connects", async () => {
    const inner = ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<DownloadRules['resolve']>;
    const opening = openDownload({ url: 'https://evil.zoom.us/rec' }, { trustedOrigins: [], resolve: inner }, never);
    await expect(opening).rejects.toMatchObject(notAllowed);
  });

  test('a connection that nobody takes is worth another try', async () => {
    const origin = await serve(() => undefined);
    await origin.close();
    await expect(fetchFrom(origin)).rejects.toMatchObject(transient(/ECONNREFUSED/));
  });

  test('an answer that never comes is given up after half a minute', async () => {
    const asked = signalOnce();
    const origin = await serve(asked.tell);
    const opening = fetchFrom(origin);
    await asked.told;
    jest.advanceTimersByTime(31_000);
    await expect(opening).rejects.toMatchObject(transient(/did not answer in time/));
  });

  test('a handshake that never ends is given up after ten seconds', async () => {
    const greeted = signalOnce();
    const origin = await serveRaw(greeted.tell);
    const url = origin.url.replace('http:', 'https:');
    const opening = openDownload({ url }, { trustedOrigins: [url] }, never);
    await greeted.told;
    jest.advanceTimersByTime(11_000);
    await expect(opening).rejects.toMatchObject(transient(/could not be connected to in time/));
  });

  test('an answer that is not HTTP is worth another try', async () => {
    const origin = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await expect(fetchFrom(origin)).rejects.toMatchObject(transient(/HPE_/));
  });
});

describe('the body of a download', () => {
  const head = 'HTTP/1.1 200 OK\r\nconnection: close\r\n';

  test.each([
    ['shorter than its Content-Length', (socket: Socket) => socket.end(`${head}content-length: 100\r\n\r\nshort`)],
    [
      'reset in the middle',
      (socket: Socket) => socket.write(`${head}content-length: 100\r\n\r\nshort`, () => socket.resetAndDestroy()),
    ],
    ['cut between chunks', (socket: Socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n`)],
  ])('fails when it is %s', async (_what, answer) => {
    const origin = await serveRaw(answer);
    const reading = fetchFrom(origin).then(readAll);
    await expect(reading).rejects.toMatchObject(transient(/broke off: (ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)/));
  });

  test('without a length and without chunks says that its end proves nothing', async () => {
    const origin = await serveRaw((socket) => socket.end(`${head}\r\nshort`));
    const download = await fetchFrom(origin);
    expect(download).toMatchObject({ length: undefined, endIsMarked: false });
    expect((await readAll(download)).toString()).toBe('short');
  });

  test('is never longer than its Content-Length', async () => {
    const origin = await serveRaw((socket) => socket.end(`${head}content-length: 5\r\n\r\nshort and more`));
    const download = await fetchFrom(origin);
    expect(download.length).toBe(5);
    const bytes = await readAll(download).catch(() => Buffer.from('short'));
    expect(bytes.toString()).toBe('short');
  });

  test('that stalls is given up after half a minute', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('first');
    });
    const download = await fetchFrom(origin);
    const body = download.body[Symbol.asyncIterator]();
    expect(String((await body.next()).value)).toBe('first');
    const next = body.next();
    jest.advanceTimersByTime(31_000);
    await expect(next).rejects.toMatchObject(transient(/sent nothing for 30000 ms/));
  });

  test('may wait for a slow reader as long as it likes', async () => {
    const bytes = randomBytes(3_000_000);
    const origin = await serve((_request, response) => response.end(bytes));
    const chunks: Buffer[] = [];
    for await (const chunk of (await fetchFrom(origin)).body) {
      chunks.push(chunk);
      jest.advanceTimersByTime(60_000);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('ends at once when the worker has to stop', async () => {
    const stop = new AbortController();
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('first');
    });
    const download = await fetchFrom(origin, {}, stop.signal);
    const body = download.body[Symbol.asyncIterator]();
    await body.next();
    const next = body.next();
    stop.abort();
    await expect(next).rejects.toMatchObject(transient(/broke off/));
  });

  test('is unpacked where the server compressed it although it was asked not to', async () => {
    const text = 'WEBVTT\n\n'.repeat(5_000);
    const packed = gzipSync(text);
    const origin = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed),
    );
    const download = await fetchFrom(origin);
    expect(download.length).toBeUndefined();
    expect((await readAll(download)).toString()).toBe(text);
  });

  test('fails when compressed bytes are cut', async () => {
    const packed = gzipSync(randomBytes(5_000)).subarray(0, 3_000);
    const origin = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    );
    await expect(fetchFrom(origin).then(readAll)).rejects.toMatchObject(transient(/broke off/));
  });

  test('closes the connection when its reader leaves', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const origin = await serve((request, response) => {
      closed = new Promise((done) => request.socket.once('close', done));
      response.writeHead(200, { 'content-length': 100 });
      response.write('first');
    });
    const download = await fetchFrom(origin);
    for await (const _chunk of download.body) break;
    await closed;
  });
});

describe('a range of a download', () => {
  const bytes = randomBytes(200_000);
  const rangeOf = async (
    origin: Origin,
    request: { range: { from: number; to?: number }; ifRange?: string },
  ): Promise<Download> =>
    openDownload({ url: `${origin.url}/key`, ...request }, { trustedOrigins: open.map(({ url }) => url) }, never);

  test.each([
    [{ from: 0, to: 0 }, 1],
    [{ from: 70_000, to: 169_999 }, 100_000],
    [{ from: 150_000 }, 50_000],
  ])('%j gives those bytes, and says what it is', async (range, length) => {
    const origin = await serve(answerRanges(() => ({ bytes, etag: '"one"' })));
    const download = await rangeOf(origin, { range });
    const contentRange = { from: range.from, to: range.from + length - 1, total: 200_000 };
    expect(download).toMatchObject({ status: 206, length, etag: '"one"', contentRange, rangeIgnored: false });
    expect((await readAll(download)).equals(bytes.subarray(range.from, range.from + length))).toBe(true);
  });

  test('follows redirects with it', async () => {
    const storage = await serve(answerRanges(() => ({ bytes })));
    const origin = await serve(redirectTo(`${storage.url}/signed`));
    const download = await rangeOf(origin, { range: { from: 5, to: 9 } });
    expect((await readAll(download)).equals(bytes.subarray(5, 10))).toBe(true);
  });

  test.each([
    ['"one"', '"one"'],
    ['W/"one"', undefined],
    ['one', undefined],
    ['"a\r\nb"', undefined],
  ])('is asked for under the condition %j only if that is a strong ETag', async (ifRange, sent) => {
    const origin = await serve(answerRanges(() => ({ bytes, etag: '"one"' })));
    (await rangeOf(origin, { range: { from: 5 }, ifRange })).close();
    expect(origin.seen[0]?.headers['if-range']).toBe(sent);
  });

  test('is told to be ignored when the host has another file, or knows no ranges', async () => {
    const changed = await serve(answerRanges(() => ({ bytes, etag: '"two"' })));
    const download = await rangeOf(changed, { range: { from: 5 }, ifRange: '"one"' });
    expect(download).toMatchObject({ status: 200, rangeIgnored: true, contentRange: undefined, length: 200_000 });
    expect((await readAll(download)).equals(bytes)).toBe(true);
    const simple = await serve((_request, response) => response.end(bytes));
    const whole = await rangeOf(simple, { range: { from: 5 } });
    whole.close();
    expect(whole).toMatchObject({ rangeIgnored: true, etag: undefined });
  });

  test('has the length of what it says to be where no other is given', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/200000', 'transfer-encoding': 'chunked' });
      response.end(bytes.subarray(5, 10));
    });
    expect(await rangeOf(origin, { range: { from: 5, to: 9 } })).toMatchObject({ length: 5, endIsMarked: true });
  });
});

describe('the body of a download, taken by its reader', () => {
  const all = randomBytes(3_000_000);

  test('is the same as in pieces, however it is divided', async () => {
    const origin = await serve((_request, response) => response.end(all));
    const { body } = await fetchFrom(origin);
    const into = Buffer.alloc(all.length + 10);
    let at = 0;
    for (const step of [0, 1, 100, 65_536, 65_537, 300_000, 1_000_000, 3_000_000]) {
      const end = Math.min(at + step, into.length);
      at = (await body.reader?.fill(into.subarray(0, end), at)) ?? 0;
    }
    expect(at).toBe(all.length);
    expect(into.subarray(0, at).equals(all)).toBe(true);
    expect(await body.reader?.fill(into, at)).toBe(at);
  });

  test('begins with what came together with the head, though the parser has seen that', async () => {
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123', () =>
        setImmediate(() => socket.end('456789+++')),
      );
    });
    const { body } = await fetchFrom(origin);
    const into = Buffer.alloc(20);
    expect(await body.reader?.fill(into, 0)).toBe(10);
    expect(into.toString('latin1', 0, 10)).toBe('0123456789');
  });

  test('fails when it is cut, after what has come, and when the worker has to stop', async () => {
    const cut = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123'));
    const { body } = await fetchFrom(cut);
    const into = Buffer.alloc(10);
    expect(await body.reader?.fill(into.subarray(0, 4), 0)).toBe(4);
    await expect(body.reader?.fill(into, 4)).rejects.toMatchObject(transient(/broke off: ECONNRESET/));
    await expect(body.reader?.fill(into, 4)).rejects.toMatchObject(transient(/broke off: ECONNRESET/));

    const stop = new AbortController();
    const silent = await serve((_request, response) =>
      response.writeHead(200, { 'content-length': 10 }).flushHeaders(),
    );
    const filling = (await fetchFrom(silent, {}, stop.signal)).body.reader?.fill(into, 0);
    stop.abort();
    await expect(filling).rejects.toMatchObject(transient(/broke off/));
  });

  test('is given up after half a minute of silence, but not of slowness', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('first');
    });
    const { body } = await fetchFrom(origin);
    const into = Buffer.alloc(100);
    expect(await body.reader?.fill(into.subarray(0, 5), 0)).toBe(5);
    jest.advanceTimersByTime(60_000);
    const filling = body.reader?.fill(into, 5);
    jest.advanceTimersByTime(31_000);
    await expect(filling).rejects.toMatchObject(transient(/sent nothing for 30000 ms/));
  });
});
