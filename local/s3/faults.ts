import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Service } from '../gateway/service.ts';
import { errorDocument, s3Error } from './errors.ts';
import { parsePath } from './request.ts';

export type FaultyOperation =
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'ListParts'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'HeadObject'
  | 'GetObject';

export type S3Fault = {
  readonly operation: FaultyOperation;
  /**
   * `slowDown`: 503, nothing done. `reset`: the connection breaks after so many bytes of the body. `lostAnswer`: the
   * work is done, and the answer is a 500 or a broken connection.
   */
  readonly effect:
    | { readonly kind: 'slowDown' }
    | { readonly kind: 'reset'; readonly afterBytes: number }
    | { readonly kind: 'lostAnswer'; readonly as: '500' | 'reset' };
  /** Only for keys with this end. */
  readonly keyEnd?: string;
  readonly partNumber?: number;
  /** Lets so many matching requests pass first. */
  readonly skip?: number;
  /** Strikes so often, then is over; without it, always. */
  readonly times?: number;
};

const OPERATIONS: readonly (readonly [FaultyOperation, method: string, parameter?: string])[] = [
  ['UploadPart', 'PUT', 'uploadId'],
  ['PutObject', 'PUT'],
  ['CreateMultipartUpload', 'POST', 'uploads'],
  ['CompleteMultipartUpload', 'POST', 'uploadId'],
  ['ListParts', 'GET', 'uploadId'],
  ['GetObject', 'GET'],
  ['AbortMultipartUpload', 'DELETE', 'uploadId'],
  ['HeadObject', 'HEAD'],
];

/** Other operations than these have other parameters. */
const SELECTORS = ['tagging', 'uploads', 'uploadId'];

const identify = (request: IncomingMessage) => {
  const [path = '/', text = ''] = (request.url ?? '/').split('?');
  const query = new URLSearchParams(text);
  const { key } = parsePath(path);
  const selector = SELECTORS.find((name) => query.has(name));
  const found = OPERATIONS.find(([, method, parameter]) => method === request.method && parameter === selector);
  return {
    operation: key === undefined ? undefined : found?.[0],
    key: key ?? '',
    partNumber: Number(query.get('partNumber') ?? NaN),
  };
};

const drain = async (request: IncomingMessage, limit = Infinity): Promise<void> => {
  let length = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length >= limit) return;
  }
};

const sendError = (response: ServerResponse, code: 'SlowDown' | 'InternalError', path: string): void => {
  const error = s3Error(code, code === 'SlowDown' ? 'Please reduce your request rate.' : undefined);
  const body = Buffer.from(errorDocument(error, path, 'FAULT'));
  response.writeHead(code === 'SlowDown' ? 503 : 500, {
    'content-type': 'application/xml',
    'content-length': body.length,
    'x-amz-request-id': 'FAULT',
  });
  response.end(body);
};

/** Does the work, and keeps the answer from whoever asked. */
const performUnheard = async (service: Service, request: IncomingMessage, url: URL): Promise<boolean> => {
  const unheard = new ServerResponse(request);
  await service(request, unheard, url);
  return unheard.statusCode < 300;
};

/** Faults of the storage for tests: stands between the gateway and S3. */
export const createS3Faults = () => {
  type Entry = { readonly fault: S3Fault; seen: number; hits: number };
  const entries = new Set<Entry>();
  const strike = (request: IncomingMessage): S3Fault | undefined => {
    const { operation, key, partNumber } = identify(request);
    for (const entry of entries) {
      const { fault } = entry;
      if (fault.operation !== operation || !key.endsWith(fault.keyEnd ?? '')) continue;
      if (fault.partNumber !== undefined && fault.partNumber !== partNumber) continue;
      entry.seen += 1;
      if (entry.seen <= (fault.skip ?? 0) || entry.hits >= (fault.times ?? Infinity)) continue;
      entry.hits += 1;
      return fault;
    }
    return undefined;
  };
  return {
    inject: (fault: S3Fault): { readonly hits: number; remove(): void } => {
      if (fault.effect.kind === 'lostAnswer' && ['ListParts', 'HeadObject', 'GetObject'].includes(fault.operation))
        throw new Error(`${fault.operation} does nothing whose answer could be lost.`);
      const entry: Entry = { fault, seen: 0, hits: 0 };
      entries.add(entry);
      return {
        get hits() {
          return entry.hits;
        },
        remove: () => void entries.delete(entry),
      };
    },
    clear: (): void => entries.clear(),
    around:
      (service: Service): Service =>
      async (request, response, url) => {
        const effect = strike(request)?.effect;
        switch (effect?.kind) {
          case undefined:
            return service(request, response, url);
          case 'slowDown':
            await drain(request);
            return sendError(response, 'SlowDown', url.pathname);
          case 'reset':
            await drain(request, effect.afterBytes);
            request.socket.resetAndDestroy();
            return;
          case 'lostAnswer':
            if (!(await performUnheard(service, request, url)) || effect.as === '500')
              return sendError(response, 'InternalError', url.pathname);
            request.socket.resetAndDestroy();
        }
      },
  };
};

export type S3Faults = ReturnType<typeof createS3Faults>;
