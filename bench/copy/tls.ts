import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';

/** Where a server of this measurement finds its certificate: see certificate.ts. */
export const certificate = () => ({
  key: readFileSync(process.env.TLS_KEY ?? ''),
  cert: readFileSync(process.env.TLS_CERT ?? ''),
});

/** On any free port, which is told to whoever started this process. */
export const announce = (server: Server): void => {
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
};

export const listenOverTls = (listener: RequestListener): void => {
  const server = createServer(certificate(), listener);
  server.requestTimeout = 0;
  announce(server);
};
