import { s3Error } from './errors.ts';

/** Longest chunk header or trailer line: S3's own signatures and checksums stay far below it. */
const maxLine = 8 * 1024;
const maxTrailers = 16;

/**
 * Decodes `aws-chunked`: chunks of `hex-size[;chunk-signature=...]CRLF bytes CRLF`, a chunk of size 0, then trailers.
 * Chunk signatures are read and not verified (the request's own signature is); framing and trailers are strict.
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, undefined> {
  const input = source[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);

  const more = async (): Promise<boolean> => {
    const next = await input.next();
    if (next.done) return false;
    buffer = buffer.length === 0 ? next.value : Buffer.concat([buffer, next.value]);
    return true;
  };
  const line = async (): Promise<string> => {
    for (;;) {
      const end = buffer.indexOf('\r\n');
      if (end >= 0) {
        const found = buffer.toString('latin1', 0, end);
        buffer = buffer.subarray(end + 2);
        return found;
      }
      if (buffer.length > maxLine) throw s3Error('InvalidRequest', 'A chunk header of the request body is too long.');
      if (!(await more())) throw s3Error('IncompleteBody');
    }
  };

  for (;;) {
    const header = /^([0-9a-fA-F]{1,12})(;chunk-signature=[0-9a-f]{64})?$/.exec(await line());
    if (!header) throw s3Error('InvalidRequest', 'The request body is not framed as aws-chunked.');
    let left = parseInt(header[1]!, 16);
    if (left === 0) break;
    while (left > 0) {
      if (buffer.length === 0 && !(await more())) throw s3Error('IncompleteBody');
      const piece = buffer.subarray(0, left);
      buffer = buffer.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
    if ((await line()) !== '')
      throw s3Error('InvalidRequest', 'A chunk of the request body is longer than its header says.');
  }

  for (;;) {
    // A body without trailers may end right after the last chunk or with an empty line.
    if (buffer.length === 0 && !(await more())) return;
    const trailer = await line();
    if (trailer === '') break;
    const colon = trailer.indexOf(':');
    if (colon < 1 || trailers.size >= maxTrailers) throw s3Error('MalformedTrailerError');
    trailers.set(trailer.slice(0, colon).trim().toLowerCase(), trailer.slice(colon + 1).trim());
  }
  if (buffer.length > 0 || (await more())) throw s3Error('MalformedTrailerError');
}
