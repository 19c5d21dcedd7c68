import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PermanentError, TransientError } from '../step/errors.ts';
import { contentRangeOf, type ContentRange } from './content-range.ts';
import { assertAllowed, isTrusted, publicLookup, type HostRules } from './hosts.ts';
import type { Body } from './reader.ts';
import { connectWire, wireBody, type Wire } from './wire.ts';

export type DownloadRequest = {
  readonly url: string;
  readonly token?: string | undefined;
  /** First and last byte wanted, both included; without the last one, everything from the first on. */
  readonly range?: { readonly from: number; readonly to?: number | undefined } | undefined;
  /** The ETag of the file that a range belongs to: the host answers with the whole file if it has another one. */
  readonly ifRange?: string | undefined;
};

export type Download = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** How many bytes `body` will give, where the transport promised it. */
  readonly length: number | undefined;
  /** Whether the end of the body is marked by the transport, so that a cut is noticed. */
  readonly endIsMarked: boolean;
  /** May be read once. Throws TransientError when the connection breaks, stalls or ends early. */
  readonly body: Body;
  /** As the host wrote it, quotes and `W/` included. */
  readonly etag: string | undefined;
  /** What a 206 says that it is. */
  readonly contentRange: ContentRange | undefined;
  /** A range was asked for and the whole file comes: the host knows no ranges, or has another file. */
  readonly rangeIgnored: boolean;
  readonly finalOrigin: string;
  readonly close: () => void;
};

export type DownloadRules = HostRules & { readonly connectMs?: number; readonly idleMs?: number };

const maxRedirects = 5;
const defaultConnectMs = 10_000;
const defaultIdleMs = 30_000;
const redirects = new Set([301, 302, 303, 307, 308]);

const asStepError = (error: unknown, origin: string): Error => {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  // Neither message nor cause of a socket error is kept: it may quote the signed address.
  const { code, name } = error as NodeJS.ErrnoException;
  return new TransientError(`the download from ${origin} broke off: ${code ?? name}`);
};

/** Only a strong ETag promises equal bytes, and only with one a condition on a range is allowed (RFC 9110, 13.1.5). */
const isStrong = (etag: string): boolean => /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag);

const headersFor = ({ token, range, ifRange }: Omit<DownloadRequest, 'url'>): Record<string, string> => ({
  // Compression would make Content-Length the length of something else.
  'accept-encoding': 'identity',
  accept: '*/*',
  ...(token && { authorization: `Bearer ${token}` }),
  ...(range && { range: `bytes=${range.from}-${range.to ?? ''}` }),
  ...(range && ifRange && isStrong(ifRange) && { 'if-range': ifRange }),
});

type Answer = { readonly response: IncomingMessage; readonly body: Body };

const isGzip = (headers: IncomingHttpHeaders): boolean => /^(x-)?gzip$/i.test(headers['content-encoding'] ?? '');

/** Called while the head is being parsed: later, bytes of the body would already be on the parser's way. */
const bodyOf = (response: IncomingMessage, wire: Wire, origin: string, idleMs: number): Body => {
  const { headers, statusCode: status } = response;
  const length = Number(headers['content-length'] ?? NaN);
  const isPlain = (status === 200 || status === 206) && headers['transfer-encoding'] === undefined && !isGzip(headers);
  if (isPlain && length >= 0)
    return wireBody(wire, response, { length, idleMs, origin, explain: (error) => asStepError(error, origin) });
  const chunks = withoutStalls(response, idleMs, origin);
  return isGzip(headers) ? gunzipped(chunks, origin) : chunks;
};

/** One request, until its response head has come. */
const ask = (url: URL, headers: Record<string, string>, rules: DownloadRules, signal: AbortSignal): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const wire = connectWire(url, isTrusted(url, rules) ? undefined : publicLookup(rules));
    const { request: send } = url.protocol === 'https:' ? https : http;
    // With a connection of our own there is no agent, so that proxies of the environment stay out of the way.
    const request = send(url, { method: 'GET', createConnection: () => wire.socket, headers, signal });
    const giveUpAfter = (ms: number, why: string): NodeJS.Timeout =>
      setTimeout(() => request.destroy(new TransientError(`${url.origin} ${why}`)), ms);
    let watch = giveUpAfter(rules.connectMs ?? defaultConnectMs, 'could not be connected to in time');
    request.once('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        clearTimeout(watch);
        watch = giveUpAfter(rules.idleMs ?? defaultIdleMs, 'did not answer in time');
      }),
    );
    request.once('close', () => clearTimeout(watch));
    // Stays for the whole life of the request: an error after the response would otherwise end the process.
    request.on('error', (error) => reject(asStepError(error, url.origin)));
    request.once('response', (response) => {
      clearTimeout(watch);
      resolve({ response, body: bodyOf(response, wire, url.origin, rules.idleMs ?? defaultIdleMs) });
    });
    request.end();
  });

/**
 * Time counts only while we wait for the source. A time-out on the socket would also count the pauses that a slow
 * archive imposes, and blame the source for them.
 */
async function* withoutStalls(response: IncomingMessage, idleMs: number, origin: string): AsyncGenerator<Buffer> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const watch = setTimeout(
        () => response.destroy(new TransientError(`${origin} sent nothing for ${idleMs} ms`)),
        idleMs,
      );
      const next = await chunks.next().finally(() => clearTimeout(watch));
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw asStepError(error, origin);
  } finally {
    response.destroy();
  }
}

/** Some servers compress text although they were asked not to. */
async function* gunzipped(wire: AsyncIterable<Buffer>, origin: string): AsyncGenerator<Buffer> {
  const plain = createGunzip();
  // The reader sees errors of either stream when it reads.
  pipeline(wire, plain, () => undefined);
  try {
    for await (const chunk of plain) yield chunk as Buffer;
  } catch (error) {
    throw asStepError(error, origin);
  }
}

/**
 * Opens a download: redirects are followed by hand, each hop is checked, and the token goes to the first origin
 * alone, since the signed address it redirects to needs none. Whatever response comes last is given back to be judged.
 */
export const openDownload = async (
  request: DownloadRequest,
  rules: DownloadRules,
  signal: AbortSignal,
): Promise<Download> => {
  if (!URL.canParse(request.url))
    throw new PermanentError('DOWNLOAD_HOST_NOT_ALLOWED', 'the download address is not a URL');
  let url = new URL(request.url);
  let token = request.token;
  for (let hops = 0; ; hops += 1) {
    assertAllowed(url, rules);
    const { response, body } = await ask(url, headersFor({ ...request, token }), rules, signal);
    const location = response.headers.location;
    const next = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
    if (!redirects.has(response.statusCode ?? 0) || !next || hops === maxRedirects)
      return toDownload(response, body, request.range !== undefined, url.origin);
    response.destroy();
    if (next.origin !== url.origin) token = undefined;
    url = next;
  }
};

const toDownload = (response: IncomingMessage, body: Body, isRanged: boolean, finalOrigin: string): Download => {
  const { headers, statusCode: status = 0 } = response;
  const compressed = isGzip(headers);
  const contentRange = status === 206 ? contentRangeOf(headers['content-range']) : undefined;
  const ranged = contentRange && contentRange.to - contentRange.from + 1;
  const promised = headers['content-length'] === undefined ? ranged : Number(headers['content-length']);
  return {
    status,
    headers,
    length: compressed ? undefined : promised,
    endIsMarked: promised !== undefined || compressed || headers['transfer-encoding'] !== undefined,
    body,
    etag: headers.etag,
    contentRange,
    rangeIgnored: isRanged && status === 200,
    finalOrigin,
    close: () => void response.destroy(),
  };
};
