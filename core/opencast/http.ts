import { PermanentError, TransientError } from '../step/errors.ts';
import { restCalls, type Rest } from '../rest/rest.ts';
import { digestHeader, readChallenge, type Challenge } from './digest.ts';

export type Credentials = { readonly user: string; readonly password: string };
export type Access = {
  /** `https://opencast.example.edu`, of the admin node. */
  readonly url: string;
  /** Digest is for the system account alone; users of the database need basic. */
  readonly by: 'basic' | 'digest';
  readonly credentials: () => Promise<Credentials>;
  readonly http?: Rest;
};
export type OpencastRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: URLSearchParams | FormData;
  /** Milliseconds. Opencast answers an ingest of media when it has fetched it. */
  readonly patience?: number;
};
export type OpencastAnswer = { readonly status: number; readonly type: string; readonly text: string };

const usualPatience = 30_000;

const opencastHttp = (): Rest =>
  // A media package of hundreds of tracks stays far below it.
  restCalls({ name: 'Opencast', tooLong: 'BAD_CONFIG', timeoutMs: usualPatience, mostBytes: 10 * 1_048_576 });

/** What the administrator has to look at, rather than what happened. */
const misconfigured = (what: string): PermanentError => new PermanentError('BAD_CONFIG', what);

/** One Opencast. Every answer that says something about the thing asked for is a value; refusals and faults are thrown. */
export const opencastCalls = ({ url, by, credentials, http = opencastHttp() }: Access) => {
  let challenge: Challenge | undefined;

  const send = (
    { method, path, query, form, patience }: OpencastRequest,
    proof: string | undefined,
    signal: AbortSignal,
  ) =>
    http({
      ...{ method, url: targetOf(path, query), baseURL: url, signal },
      ...(patience !== undefined && { timeout: patience }),
      ...(form && { data: form }),
      headers: {
        accept: '*/*',
        'x-requested-auth': by === 'digest' ? 'Digest' : 'Basic',
        ...(proof && { authorization: proof }),
      },
    });

  const proof = async (request: OpencastRequest): Promise<string | undefined> => {
    const given = await credentials();
    if (by === 'basic') return `Basic ${Buffer.from(`${given.user}:${given.password}`).toString('base64')}`;
    return challenge && digestHeader(given, challenge, { method: request.method, target: targetOf(request.path, request.query) }); // prettier-ignore
  };

  return async (request: OpencastRequest, signal: AbortSignal): Promise<OpencastAnswer> => {
    // A nonce is asked for with a request that costs nothing: Opencast reads all of a form before it says no.
    if (by === 'digest' && !challenge) {
      const { headers } = await send({ method: 'GET', path: '/info/me.json' }, undefined, signal);
      challenge = readChallenge(headers['www-authenticate']);
      if (!challenge) throw misconfigured('Opencast does not ask for a digest; set opencastAuthentication to basic');
    }
    let response = await send(request, await proof(request), signal);
    const again = response.status === 401 ? readChallenge(response.headers['www-authenticate']) : undefined;
    if (by === 'digest' && again?.isStale) {
      challenge = again;
      response = await send(request, await proof(request), signal);
    }
    const { status, headers, data } = response;
    return judged({ status, type: String(headers['content-type'] ?? ''), text: String(data) });
  };
};

const targetOf = (path: string, query: Readonly<Record<string, string>> = {}): string => {
  const text = new URLSearchParams(query).toString();
  return text ? `${path}?${text}` : path;
};

const judged = (answer: OpencastAnswer): OpencastAnswer => {
  const { status, type } = answer;
  if (status === 401) throw misconfigured('Opencast does not take our user and password; look at the Opencast secret');
  if (status >= 300 && status < 400)
    throw misconfigured('Opencast leads to its login page; look at opencastUrl and at what the user may do');
  if (status === 403) throw misconfigured('Opencast does not let our user do this; give it ROLE_ADMIN');
  if (status === 408 || status === 429 || status >= 500) throw new TransientError(`Opencast answered ${status}`);
  if (status < 300 && /^text\/html/i.test(type))
    throw misconfigured('there is a web page where Opencast should answer; look at opencastUrl');
  return answer;
};
