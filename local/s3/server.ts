import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../gateway/aws-error.ts';
import type { Service } from '../gateway/service.ts';
import { checkBucketName } from './buckets.ts';
import { errorDocument, s3Error } from './errors.ts';
import { perform } from './operations.ts';
import type { Reply } from './request.ts';
import { parseRequest } from './request.ts';
import { openStore } from './store.ts';
import { wholeSecond } from './write-object.ts';

export interface S3Options {
  /** Everything is kept here, a folder per bucket. */
  folder: string;
  region: string;
  now?: () => Date;
  /** Told of errors that are nobody's answer: a broken disk, a bug. */
  report?: (error: unknown) => void;
}

const sendXml = (response: ServerResponse, status: number, xml: string, method: string | undefined): void => {
  const body = Buffer.from(xml);
  response.setHeader('content-type', 'application/xml');
  response.setHeader('content-length', body.length);
  response.statusCode = status;
  response.end(method === 'HEAD' ? undefined : body);
};

const send = async (
  response: ServerResponse,
  { status = 200, headers = {}, xml, content }: Reply,
  method: string | undefined,
): Promise<void> => {
  try {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
    response.statusCode = status;
    if (xml !== undefined) sendXml(response, status, xml, method);
    else if (content && content.segments.length > 0) await pipeline(content.blobs.read(content.segments), response);
    else {
      const bodiless = status === 204 || status === 304;
      if (headers['content-length'] === undefined && !bodiless) response.setHeader('content-length', '0');
      response.end();
    }
  } finally {
    if (content) content.blobs.release(content.segments);
  }
};

/** How Node says that the other side went away. */
const departures = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);
const clientLeft = (error: unknown): boolean => departures.has((error as NodeJS.ErrnoException).code ?? '');

/** Headers of every answer, errors included. */
const own = new Set(['server', 'x-amz-id-2', 'x-amz-request-id']);

/**
 * Amazon S3 for one account on one machine: path-style addresses, XML, everything streamed, everything on disk before
 * it is acknowledged. What it does not know is refused with NotImplemented and the name of the thing.
 */
export const createS3 = ({ folder, region, now = () => new Date(), report = console.error }: S3Options) => {
  const store = openStore(folder);

  const service: Service = async (request, response) => {
    const id = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('x-amz-request-id', id);
    response.setHeader('x-amz-id-2', 'local');
    response.setHeader('server', 'AmazonS3');
    try {
      await send(response, await perform({ store, region, now }, parseRequest(request)), request.method);
    } catch (error) {
      if (clientLeft(error)) return;
      if (!(error instanceof AwsError)) report(error);
      if (response.headersSent) {
        // Half an answer cannot be taken back; cutting the connection is the only way to say so.
        response.destroy();
        return;
      }
      const shown = error instanceof AwsError ? error : s3Error('InternalError');
      for (const name of response.getHeaderNames()) if (!own.has(name)) response.removeHeader(name);
      const [resource = '/'] = (request.url ?? '/').split('?');
      sendXml(response, shown.status, errorDocument(shown, resource, id), request.method);
    }
  };

  return {
    service,

    /** Makes sure that a bucket exists and has these options; what it holds stays. */
    async createBucket(name: string, { versioning = false }: { versioning?: boolean } = {}): Promise<void> {
      checkBucketName(name);
      const before = store.hasBucket(name) ? store.bucketNamed(name).record : undefined;
      if (before && before.versioning === versioning) return;
      if (before?.versioning)
        throw s3Error('NotImplemented', `Versioning of the bucket ${name} cannot be switched off.`);
      store.saveBucket(name, { created: before?.created ?? wholeSecond(now()), versioning });
    },

    listBuckets: (): { name: string; versioning: boolean }[] =>
      store.buckets().map(({ name, record }) => ({ name, versioning: record.versioning })),

    /** What a lifecycle rule for abandoned uploads does; returns how many there were. */
    abortUploadsOlderThan(bucketName: string, age: { days: number }): number {
      const bucket = store.bucketNamed(bucketName);
      const before = now().getTime() - age.days * 24 * 60 * 60 * 1000;
      const abandoned = [...bucket.uploads.values()].filter(({ upload }) => Date.parse(upload.created) < before);
      for (const open of abandoned) store.removeUpload(bucket, open);
      return abandoned.length;
    },

    /** Nothing is kept back in memory, so there is nothing to write. */
    async close(): Promise<void> {},
  };
};
