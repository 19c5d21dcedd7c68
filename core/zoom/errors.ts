import { PermanentError, TransientError } from '../step/errors.ts';
import { redactText } from '../step/log.ts';
import { describeRetryAfter } from './retry-after.ts';

export type ZoomAnswer = {
  readonly status: number;
  readonly retryAfter?: unknown;
  /** Parsed JSON, or undefined if the body is none. */
  readonly body: unknown;
};

export type Meaning =
  | { readonly is: 'ok' }
  /** There is no such thing (yet, or any more). */
  | { readonly is: 'absent' }
  /** A new token may help, once. */
  | { readonly is: 'stale-token' }
  | { readonly is: 'failure'; readonly error: TransientError | PermanentError };

const staleToken = 124;
const noPermission = 200;
const missingScopes = new Set([104, 4700, 4711]);
const absent = new Set([3001, 3301]);
const noSuchUser = new Set([1001, 1010]);

const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

const say = (text: unknown): string => (typeof text === 'string' ? redactText(text).slice(0, 200) : '');

/** The one place where the wording of a message matters: Zoom names the scopes nowhere else. */
const scopesIn = (message: string): string => {
  const list = /scopes?\s*:?\s*\[([\w:,\s.-]+)\]/i.exec(message)?.[1];
  return list
    ? list
        .split(',')
        .map((scope) => scope.trim())
        .join(', ')
    : 'Zoom did not say which';
};

const failure = (error: TransientError | PermanentError): Meaning => ({ is: 'failure', error });

const isTransient = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500;

/** What an answer of the REST API means. A failure may come with status 200 too: then the code in the body tells. */
export const meaningOf = ({ status, retryAfter, body }: ZoomAnswer, now: Date): Meaning => {
  const number = Number(field(body, 'code'));
  const code = Number.isInteger(number) && number !== 0 ? number : undefined;
  const message = say(field(body, 'message'));
  if (status >= 200 && status < 300 && code === undefined) return { is: 'ok' };
  const what = `Zoom answered ${status}${code === undefined ? '' : `, code ${code}`}${message && `: ${message}`}`;

  if (isTransient(status) || code === 429)
    return failure(new TransientError(what + describeRetryAfter(retryAfter, now)));
  if (code !== undefined && missingScopes.has(code))
    return failure(new PermanentError('ZOOM_SCOPES_MISSING', scopesIn(message)));
  // Code 200 stands for several refusals; one of them is a token that has died.
  if (status === 401 || code === staleToken || (code === noPermission && /access token/i.test(message)))
    return { is: 'stale-token' };
  if (status === 403 || code === noPermission || (code !== undefined && noSuchUser.has(code)))
    return failure(new PermanentError('ZOOM_REFUSED', what));
  if (status === 404 || status === 410 || (code !== undefined && absent.has(code))) return { is: 'absent' };
  return failure(new PermanentError('ZOOM_CHANGED', what));
};

/** The token endpoint has a shape of its own: `{"reason":"…","error":"invalid_client"}`. */
export const tokenFailure = ({ status, retryAfter, body }: ZoomAnswer, now: Date): TransientError | PermanentError => {
  const why = say(field(body, 'reason')) || say(field(body, 'error')) || say(field(body, 'message'));
  const what = `asked for a token, Zoom answered ${status}${why && `: ${why}`}`;
  if (isTransient(status)) return new TransientError(what + describeRetryAfter(retryAfter, now));
  return new PermanentError(status >= 400 && status < 500 ? 'ZOOM_REFUSED' : 'ZOOM_CHANGED', what);
};
