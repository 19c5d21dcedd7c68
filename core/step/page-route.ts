import { gzipSync } from 'node:zlib';
import { log } from './log.ts';
import { bytesOf, endpoint, lowerCased, type Answer, type Headers } from './route.ts';

export type PageRequest = {
  /** As in the template: `GET /r/{jobId}`. */
  readonly routeKey: string;
  readonly headers: Headers;
  /** The variable parts of the path. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** What a form sent. */
  readonly body: Buffer;
};

type PageRoute = {
  readonly name: string;
  readonly run: (request: PageRequest, signal: AbortSignal) => Promise<Answer>;
  /** What a person sees where something broke. */
  readonly broken: () => Answer;
};

/** Smaller ones fit into one packet either way. */
const leastGzipped = 1_000;
const textual = /^(text\/|application\/json|image\/svg)/;

/** An HTTP API compresses nothing by itself. */
const compressed = (answer: Answer, acceptEncoding = ''): Answer => {
  const { content, headers = {} } = answer;
  if (content === undefined || !textual.test(headers['content-type'] ?? '')) return answer;
  const varied = { ...headers, vary: 'accept-encoding' };
  if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(acceptEncoding) || Buffer.byteLength(content) < leastGzipped)
    return { ...answer, headers: varied };
  return { ...answer, content: gzipSync(content), headers: { ...varied, 'content-encoding': 'gzip' } };
};

/** The wrapper around an endpoint that a person opens in a browser. */
export const pageRoute = ({ name, run, broken }: PageRoute) =>
  endpoint(name, async (event, signal) => {
    const { routeKey, pathParameters: path = {}, queryStringParameters: query = {} } = event;
    const headers = lowerCased(event.headers);
    try {
      return compressed(
        await run({ routeKey, headers, path, query, body: bytesOf(event) }, signal),
        headers['accept-encoding'],
      );
    } catch (error) {
      log.error('page failed', { error });
      return broken();
    }
  });
