import type { IncomingMessage, ServerResponse } from 'node:http';

/** One AWS service of the local cloud. The gateway has verified the request's credentials before it calls. */
export type Service = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** The operations of a service that speaks AWS JSON: name of the operation to its implementation. */
export type Operations = Record<string, (input: never) => Promise<unknown>>;
