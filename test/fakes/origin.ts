import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

type Origin = { readonly url: string; readonly seen: IncomingMessage[]; readonly close: () => Promise<void> };

const listen = (server: net.Server, seen: IncomingMessage[], sockets: Set<Socket>): Promise<Origin> =>
  new Promise((resolve) => {
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        seen,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      }),
    );
  });

/** A server of files on loopback; `seen` are the requests it got. */
export const fileOrigin = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Origin> => {
  const seen: IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  return listen(server, seen, new Set());
};

/** A server that answers with bytes of its own, whether they are HTTP or not. */
export const rawOrigin = (answer: (socket: Socket) => void): Promise<Origin> => {
  const server = net.createServer((socket) => socket.once('data', () => answer(socket)));
  return listen(server, [], new Set());
};

type RangedFile = {
  readonly bytes: Buffer;
  readonly etag?: string | undefined;
  /** Given what would have been answered, changes it: a host that lies about ranges. */
  readonly distort?: (answer: { status: number; headers: Record<string, string | number>; body: Buffer }) => void;
};

/** Answers as a host of files with ranges does (RFC 9110, 14): 206, 200 where If-Range names another file, 416 beyond it. */
export const answerRanges =
  (fileOf: (request: IncomingMessage) => RangedFile) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { bytes, etag, distort } = fileOf(request);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const condition = request.headers['if-range'];
    const isWhole = first === undefined || (condition !== undefined && condition !== etag);
    const from = Number(first);
    const to = Math.min(last ? Number(last) : Infinity, bytes.length - 1);
    const body = isWhole ? bytes : bytes.subarray(from, to + 1);
    const tagged = etag === undefined ? {} : { etag };
    const told = `bytes ${body.length > 0 ? `${from}-${to}` : '*'}/${bytes.length}`;
    const status = isWhole ? 200 : body.length > 0 ? 206 : 416;
    const headers = { ...tagged, 'content-length': body.length, ...(isWhole ? {} : { 'content-range': told }) };
    const answer = { status, headers: headers as Record<string, string | number>, body };
    distort?.(answer);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
