import jsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { decodeUtf8, nestsTooDeep } from './json-text.ts';
import { firstComplaint } from './parse.ts';
import { bytesOf, endpoint, HttpError, lowerCased, type Answer, type Headers } from './route.ts';

export type JsonRequest<Input> = {
  readonly headers: Headers;
  /** The variable parts of the path: `{jobId}`. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly input: Input;
};

type JsonRoute<Input extends z.ZodType> = {
  readonly name: string;
  /** What the body must be. */
  readonly input: Input;
  readonly run: (request: JsonRequest<z.output<Input>>, signal: AbortSignal) => Promise<Answer>;
};

/** No request of our own API comes near. */
const mostBytes = 262_144;

const notJson = () => new HttpError(422, 'NOT_JSON', 'The body is not JSON in UTF-8.');

/** Bounds what the parser is given, and gives it plain text under the one spelling of the header that it looks for. */
const prepare = ({ event }: { event: APIGatewayProxyEventV2 }): void => {
  const body = bytesOf(event);
  if (body.length > mostBytes) throw new HttpError(413, 'TOO_LARGE', `The body is larger than ${mostBytes} bytes.`);
  const text = decodeUtf8(body);
  if (text === undefined) throw notJson();
  if (nestsTooDeep(text)) throw new HttpError(422, 'NESTED_TOO_DEEP', 'The body nests too deep.');
  Object.assign(event, { headers: lowerCased(event.headers), body: text, isBase64Encoded: false });
};

/** The parser's own errors: they carry a status, and a cause that quotes the whole body. */
const toRefusal = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('statusCode' in error)) return error;
  if (error.statusCode === 415)
    return new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as content-type: application/json.');
  if (error.statusCode !== 422) return error;
  return /forbidden key/i.test(error.message)
    ? new HttpError(422, 'FORBIDDEN_KEY', 'The body names a key that is not allowed: __proto__ or constructor.')
    : notJson();
};

/** The wrapper around an endpoint of our own API that takes JSON: parsed, bounded and checked before it runs. */
export const jsonRoute = <Input extends z.ZodType>({ name, input: schema, run }: JsonRoute<Input>) =>
  endpoint(name, async (event, signal) => {
    const parsed = schema.safeParse(event.body);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.');
      throw new HttpError(400, 'BAD_INPUT', firstComplaint(parsed.error), field);
    }
    const { headers, pathParameters: path = {}, queryStringParameters: query = {} } = event;
    return run({ headers, path, query, input: parsed.data }, signal);
  })
    .before(prepare)
    .use(jsonBodyParser())
    // Registered last, and so the first to see an error.
    .onError((request) => {
      request.error = toRefusal(request.error) as Error;
    });
