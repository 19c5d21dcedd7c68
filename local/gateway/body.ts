import { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error.ts';

/** Reads a body whole; an error as soon as it is longer than the limit in bytes. */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  // Not destroyed when the limit is met: the refusal still has to reach the client.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit)
      throw new AwsError('RequestEntityTooLargeException', `The request is longer than ${limit} bytes.`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

/** The same request with its body still to be read: a signature covers the body, so the gateway reads it first. */
export const withBody = (request: IncomingMessage, body: Buffer): IncomingMessage => {
  const copy = new IncomingMessage(request.socket);
  copy.method = request.method;
  copy.url = request.url;
  copy.headers = request.headers;
  copy.rawHeaders = request.rawHeaders;
  copy.httpVersion = request.httpVersion;
  copy.complete = true;
  copy.push(body);
  copy.push(null);
  return copy;
};
