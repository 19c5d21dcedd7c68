import { randomUUID } from 'node:crypto';
import { createServer, type TLSSocket } from 'node:tls';
import { pacer } from './pacer.ts';
import { announce, certificate } from './tls.ts';

/**
 * Takes whatever is put into it, as S3 would, and throws it away at less cost than any HTTP library: what is measured
 * is the sender. It knows no more of S3 than the programs compared here ask of it, and checks nothing.
 */
type Request = { readonly method: string; readonly path: string; readonly query: URLSearchParams };
type Body = { readonly left: number } | { readonly isChunked: true };

const lengths = new Map<string, number>();
const uploads = new Map<string, number>();
/** One line for all connections of a sender. */
const pace = pacer(Number(process.env.BYTES_PER_SECOND));
const etag = '"00000000000000000000000000000000"';

const answer = (
  { method, path, query }: Request,
  received: number,
): { status: string; head?: string; xml?: string } => {
  const uploadId = query.get('uploadId');
  if (method === 'POST' && query.has('uploads')) {
    const id = randomUUID();
    uploads.set(id, 0);
    const names = `<Bucket>bench</Bucket><Key>${path.split('/').slice(2).join('/')}</Key>`;
    const xml = `<InitiateMultipartUploadResult>${names}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
    return { status: '200 OK', xml };
  }
  if (method === 'PUT' && uploadId) {
    uploads.set(uploadId, (uploads.get(uploadId) ?? 0) + received);
    return { status: '200 OK', head: `etag: ${etag}\r\n` };
  }
  if (method === 'PUT') {
    lengths.set(path, received);
    return { status: '200 OK', head: `etag: ${etag}\r\n` };
  }
  if (method === 'POST' && uploadId) {
    lengths.set(path, uploads.get(uploadId) ?? 0);
    const xml = `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`;
    return { status: '200 OK', xml };
  }
  if (method === 'DELETE') return { status: '204 No Content' };
  const length = method === 'HEAD' ? lengths.get(path) : undefined;
  if (length === undefined) return { status: '404 Not Found' };
  const head = `etag: ${etag}\r\nlast-modified: ${new Date().toUTCString()}\r\n`;
  return { status: '200 OK', head: `${head}content-length: ${length}\r\n` };
};

const onConnection = (socket: TLSSocket): void => {
  let text: Buffer = Buffer.alloc(0);
  let request: Request | undefined;
  let body: Body = { left: 0 };
  let received = 0;
  /** Of the chunk at hand, its closing line break included. */
  let chunkLeft = 0;

  const finish = (): void => {
    if (!request) return;
    const { status, head = '', xml } = answer(request, received);
    const length = head.includes('content-length') ? '' : `content-length: ${xml?.length ?? 0}\r\n`;
    socket.write(`HTTP/1.1 ${status}\r\n${head}${length}x-amz-request-id: 1\r\n\r\n${xml ?? ''}`);
    request = undefined;
    received = 0;
  };

  const readHead = (): boolean => {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [line = '', ...headers] = text.toString('latin1', 0, end).split('\r\n');
    text = text.subarray(end + 4);
    const [method = '', target = ''] = line.split(' ');
    const [path = '', query = ''] = target.split('?');
    const valueOf = (name: string): string | undefined =>
      headers
        .find((header) => header.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    if (valueOf('expect')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    const isChunked = /chunked/i.test(valueOf('transfer-encoding') ?? '');
    request = { method, path, query: new URLSearchParams(query) };
    body = isChunked ? { isChunked } : { left: Number(valueOf('content-length') ?? 0) };
    return true;
  };

  /** Whether anything could be done with what has come. */
  const advance = (): boolean => {
    if (!request) return readHead();
    if ('left' in body) {
      const taken = Math.min(body.left, text.length);
      received += taken;
      body = { left: body.left - taken };
      text = text.subarray(taken);
      if (body.left > 0) return false;
      finish();
      return true;
    }
    if (chunkLeft > 0) {
      const taken = Math.min(chunkLeft, text.length);
      chunkLeft -= taken;
      text = text.subarray(taken);
      return chunkLeft === 0;
    }
    const end = text.indexOf('\r\n');
    if (end < 0) return false;
    const size = parseInt(text.toString('latin1', 0, end), 16);
    if (size === 0 && text.length < end + 4) return false;
    text = text.subarray(size === 0 ? end + 4 : end + 2);
    received += size;
    chunkLeft = size + 2;
    if (size === 0) {
      chunkLeft = 0;
      finish();
    }
    return true;
  };

  socket.on('data', (chunk: Buffer) => {
    text = text.length === 0 ? chunk : Buffer.concat([text, chunk]);
    while (advance());
    const wait = pace(chunk.length);
    if (!wait) return;
    socket.pause();
    void wait.then(() => socket.resume());
  });
  socket.on('error', () => socket.destroy());
};

announce(createServer(certificate(), onConnection));
