import type { ServerResponse } from 'node:http';
import { AwsError } from './aws-error.ts';
import { protocolOf, type Protocol } from './protocol.ts';

export const escapeXml = (text: string): string =>
  text
    .replace(/[<>&'"]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');

const xml = (root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`;

const element = (name: string, value: unknown): string =>
  `<${name}>${escapeXml(typeof value === 'string' ? value : JSON.stringify(value))}</${name}>`;

const bodies: Record<Protocol, (error: AwsError, requestId: string) => { type: string; body: string }> = {
  json: (error) => ({
    type: 'application/x-amz-json-1.0',
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
  }),
  'rest-json': (error) => ({
    type: 'application/json',
    body: JSON.stringify({ message: error.message, ...error.members }),
  }),
  query: (error, requestId) => ({
    type: 'text/xml',
    body: xml(
      'ErrorResponse',
      `<Error>${element('Type', error.status < 500 ? 'Sender' : 'Receiver')}${element('Code', error.code)}${element('Message', error.message)}</Error>${element('RequestId', requestId)}`,
    ),
  }),
  s3: (error, requestId) => ({
    type: 'application/xml',
    body: xml(
      'Error',
      element('Code', error.code) +
        element('Message', error.message) +
        Object.entries(error.members)
          .map(([name, value]) => element(name, value))
          .join('') +
        element('RequestId', requestId),
    ),
  }),
};

/** Puts an error on the wire as the service of that name would. Without a word if the answer has already begun. */
export const answerError = (response: ServerResponse, service: string, error: unknown, requestId: string): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const awsError =
    error instanceof AwsError
      ? error
      : new AwsError('InternalFailure', 'The local cloud met an unexpected error.', 500);
  const protocol = protocolOf(service, response.req.headers['content-type']);
  const { type, body } = bodies[protocol](awsError, requestId);
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(awsError.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
    ...(protocol === 's3' ? { 'x-amz-request-id': requestId } : { 'x-amzn-errortype': awsError.code }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};
