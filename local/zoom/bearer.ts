import type { IncomingMessage } from 'node:http';

/** The token of a well-formed `Authorization: Bearer …` header. Tokens in a query are not looked at: Zoom refuses them. */
export const bearerOf = (request: IncomingMessage): string | undefined =>
  /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
