import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

export type AwsRequests = {
  s3Writes: number;
  s3Reads: number;
  dynamoRequests: number;
  /** Request units, estimated from the sizes of the requests: a kB each, twice that in a transaction. */
  dynamoWriteUnits: number;
  /** One for each strongly consistent read: every item and page of a job is below 4 kB but for very long lists. */
  dynamoReadUnits: number;
  secretReads: number;
  mails: number;
  others: number;
};

const dynamoWrites = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems']);

/**
 * Counts what the functions ask of the gateway, by listening to the HTTP servers of this process. What this process asks
 * itself, to look at the result, is told apart by the SDK's user agent, which names Lambda in a function.
 */
export const countAwsRequests = (gatewayPort: number) => {
  const counts: AwsRequests = {
    ...{ s3Writes: 0, s3Reads: 0, dynamoRequests: 0, dynamoWriteUnits: 0, dynamoReadUnits: 0 },
    ...{ secretReads: 0, mails: 0, others: 0 },
  };
  const listen = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    if (request.socket.localPort !== gatewayPort) return;
    const { 'user-agent': agent, 'x-amz-target': target, 'content-length': length } = request.headers;
    if (agent !== undefined && !agent.includes('exec-env/AWS_Lambda')) return;
    if (typeof target !== 'string') return countByMethod(counts, request);
    const [service = '', operation = ''] = target.split('.');
    if (service === 'secretsmanager') counts.secretReads += 1;
    else if (!service.startsWith('DynamoDB')) counts.others += 1;
    else {
      counts.dynamoRequests += 1;
      const kilobytes = Math.max(1, Math.ceil(Number(length) / 1_024));
      if (!dynamoWrites.has(operation)) counts.dynamoReadUnits += 1;
      else counts.dynamoWriteUnits += operation === 'TransactWriteItems' ? 2 * kilobytes : kilobytes;
    }
  };
  subscribe('http.server.request.start', listen);
  return { counts, stop: () => unsubscribe('http.server.request.start', listen) };
};

const countByMethod = (counts: AwsRequests, { method = '', url = '' }: IncomingMessage): void => {
  if (url.startsWith('/v2/email/')) counts.mails += 1;
  else if (method === 'PUT' || method === 'POST') counts.s3Writes += 1;
  else if (method === 'GET' || method === 'HEAD') counts.s3Reads += 1;
  else counts.others += 1;
};
