import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { bytes, noise, sequence } from './content.ts';
import type { Content } from './content.ts';
import type { Effect, Struck } from './faults.ts';
import { contentOf, etagOf } from './media.ts';
import type { Located } from './meeting.ts';
import type { Exchange } from './world.ts';

const TYPES: Record<string, string> = {
  MP4: 'video/mp4',
  M4A: 'audio/mp4',
  VTT: 'text/vtt',
  TXT: 'text/plain',
  CSV: 'text/csv',
  JSON: 'application/json',
  JPG: 'image/jpeg',
};
const COMPRESSED = new Set(['VTT', 'TXT', 'CSV', 'JSON']);
/** gzip is made in memory, which is meant for text. */
const GZIP_LIMIT = 16 * 1024 * 1024;

type Of<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
const pick = <Kind extends Effect['kind']>(struck: readonly Struck[], kind: Kind): Of<Kind> | undefined =>
  struck.map(({ effect }) => effect).find((effect): effect is Of<Kind> => effect.kind === kind);

type Range = { readonly start: number; readonly end: number };

/** One satisfiable byte range, `'unsatisfiable'`, or nothing where the whole is to be sent. */
export const parseRange = (header: string | undefined, length: number): Range | 'unsatisfiable' | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    return Number(last) === 0 ? 'unsatisfiable' : { start: Math.max(0, length - Number(last)), end: length };
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= length) return 'unsatisfiable';
  return { start: Number(first), end: last === '' ? length : Math.min(length, Number(last) + 1) };
};

const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => (response.closed ? resolve() : response.once('close', resolve)));

const writePieces = async (
  response: ServerResponse,
  pieces: Iterable<Buffer>,
  sent: (count: number) => void,
): Promise<void> => {
  for (const piece of pieces) {
    if (response.destroyed) return;
    sent(piece.length);
    if (response.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.once('drain', go).once('close', go);
    });
  }
};

/** Which bytes there are to send, after the effects that change the file itself. */
const fileOf = ({ file }: Located, struck: readonly Struck[]): { content: Content; etag: string } => {
  const whole = contentOf(file.content);
  const etag = etagOf(file.content);
  const otherTag = etag.replace(/^"../, '"zz');
  const cutTo = (length: number): Content => ({ length, read: (start, end) => whole.read(start, end) });
  const shrunk = pick(struck, 'shrunk');
  if (shrunk !== undefined) return { content: cutTo(Math.max(0, whole.length - shrunk.by)), etag: otherTag };
  const grown = pick(struck, 'grown');
  if (grown !== undefined) return { content: sequence(whole, noise('grown', grown.by)), etag: otherTag };
  if (pick(struck, 'replaced') !== undefined) {
    const end = Math.min(16, whole.length);
    return { content: sequence(cutTo(whole.length - end), noise('replaced', end)), etag: otherTag };
  }
  if (pick(struck, 'wrongBytes') !== undefined) {
    const wrong = Buffer.from('#EXTM3U\nnot it\n\n').subarray(0, whole.length);
    const rest = {
      length: whole.length - wrong.length,
      read: (start: number, end: number) => whole.read(start + wrong.length, end + wrong.length),
    };
    return { content: sequence(bytes(wrong), rest), etag };
  }
  return { content: whole, etag };
};

const isCompressed = (exchange: Exchange, { file }: Located, struck: readonly Struck[]): boolean =>
  pick(struck, 'gzip') !== undefined ||
  (COMPRESSED.has(file.extension) && /\bgzip\b/.test(String(exchange.request.headers['accept-encoding'])));

/** Sends a file as a storage does: ranges, ETag, gzip for text when it is asked for; or as the faults will have it. */
export const sendFile = async (
  exchange: Exchange,
  located: Located,
  options: { readonly ranges: boolean; readonly struck: readonly Struck[]; readonly disposition?: string },
): Promise<void> => {
  const { request, response, record } = exchange;
  const { struck } = options;
  const made = fileOf(located, struck);
  const { etag } = made;
  let { content } = made;

  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) {
    response.writeHead(412).end();
    return;
  }
  const gzip = isCompressed(exchange, located, struck);
  if (gzip) {
    if (content.length > GZIP_LIMIT) throw new Error(`The simulator compresses files up to ${GZIP_LIMIT} bytes only.`);
    content = bytes(gzipSync(Buffer.concat([...content.read(0, content.length)])));
  }
  const ifRange = request.headers['if-range'];
  const honoured = options.ranges && !gzip && pick(struck, 'ignoreRange') === undefined;
  const asked =
    honoured && (ifRange === undefined || ifRange === etag)
      ? parseRange(request.headers.range, content.length)
      : undefined;
  if (asked === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const { start, end } = asked ?? { start: 0, end: content.length };
  const truncated = pick(struck, 'truncated');
  const unmeasured = pick(struck, 'unmeasured') !== undefined;
  const framing = unmeasured ? 'chunked' : (truncated?.framing ?? 'content-length');

  response.statusCode = asked === undefined ? 200 : 206;
  response.setHeader('content-type', TYPES[located.file.extension] ?? 'application/octet-stream');
  if (options.disposition !== undefined)
    response.setHeader('content-disposition', `attachment; filename="${options.disposition}"`);
  if (!unmeasured) response.setHeader('etag', etag);
  if (honoured && !unmeasured) response.setHeader('accept-ranges', 'bytes');
  if (gzip) response.setHeader('content-encoding', 'gzip');
  if (framing === 'content-length') response.setHeader('content-length', end - start);
  if (framing === 'none') response.useChunkedEncodingByDefault = false;
  if (asked !== undefined) {
    const off = pick(struck, 'lyingRange')?.by ?? 0;
    response.setHeader('content-range', `bytes ${start + off}-${end - 1 + off}/${content.length}`);
  }
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();

  const length = end - start;
  const reset = pick(struck, 'reset');
  const stall = struck.find(({ effect }) => effect.kind === 'stall');
  const cut = Math.min(length, truncated?.at ?? length, reset?.at ?? length);
  const pause = Math.min(cut, pick(struck, 'stall')?.at ?? 0);
  const write = (from: number, to: number): Promise<void> =>
    writePieces(response, content.read(start + from, start + to), (count) => (record.sent += count));

  await write(0, pause);
  if (stall !== undefined) await Promise.race([stall.released, closed(response)]);
  await write(pause, cut);
  if (reset !== undefined) response.socket?.resetAndDestroy();
  else if (truncated !== undefined && framing !== 'none') response.write('', () => response.socket?.end());
  else response.end();
};
