import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const film = Buffer.from('a film');

/** Where media lies: everything with `film` in its address. */
export const startMediaHost = async (): Promise<{ url: string; close: () => void }> => {
  const server = createServer((request, response) => {
    const isThere = /film/.test(request.url ?? '');
    response.writeHead(isThere ? 200 : 404, { 'content-length': isThere ? film.length : 0 }).end(isThere ? film : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
};
