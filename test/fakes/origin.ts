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
