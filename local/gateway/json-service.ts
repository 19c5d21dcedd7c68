import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import { readBody } from './body.ts';
import type { Operations, Service } from './service.ts';

export interface JsonServiceOptions {
  /** What stands before the dot of X-Amz-Target, for example `AWSStepFunctions`. */
  readonly prefix: string;
  readonly version: '1.0' | '1.1';
  readonly operations: Operations;
  /** In bytes. */
  readonly bodyLimit?: number;
}

const parse = (body: Buffer): unknown => {
  try {
    const input: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Answered below, like any other body that is not an object.
  }
  throw new AwsError('SerializationException', 'The request body must be one JSON object.');
};

/** AWS JSON writes a time as seconds since 1970. */
const serialise = (output: unknown): string =>
  JSON.stringify(output ?? {}, function (this: Record<string, unknown>, key: string, value: unknown) {
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : value;
  });

/** A service that speaks AWS JSON: one operation per request, named by X-Amz-Target. */
export const jsonService =
  ({ prefix, version, operations, bodyLimit = 16 * 1024 * 1024 }: JsonServiceOptions): Service =>
  async (request, response) => {
    const [given, name = ''] = String(request.headers['x-amz-target'] ?? '').split(/\.(?=[^.]*$)/);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (request.method !== 'POST' || given !== prefix || !operation) {
      throw new AwsError(
        'UnknownOperationException',
        `${name || 'A request without X-Amz-Target'} is not an operation of ${prefix} in the local cloud.`,
      );
    }
    const output = await operation(parse(await readBody(request, bodyLimit)) as never);
    const body = serialise(output);
    response.writeHead(200, {
      'content-type': `application/x-amz-json-${version}`,
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
    });
    response.end(body);
  };
