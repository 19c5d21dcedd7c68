import * as z from 'zod';
import { PermanentError, TransientError } from '../step/errors.ts';
import { keepOutOfLogs } from '../step/log.ts';

export type SymblAnswer = { readonly status: number; readonly body: unknown };
export type SymblRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly token?: string;
  readonly json?: object;
};
/** One request, never repeated. Rejects with a TransientError where nothing was answered. */
export type SymblHttp = (request: SymblRequest) => Promise<SymblAnswer>;

type Ports = {
  readonly http: SymblHttp;
  /** Where the service is: an origin, perhaps with a path. */
  readonly baseUrl: string;
  readonly credentials: () => Promise<{ appId: string; appSecret: string }>;
  readonly now: () => number;
};

const tokenAnswer = z.object({ accessToken: z.string().min(1), expiresIn: z.number() });
/** A token that ends while a request is on its way is none. */
const marginMs = 60_000;

export type SymblClient = {
  /** Has a token ready, so that what follows is one request. */
  readonly signIn: () => Promise<void>;
  readonly call: (method: 'GET' | 'POST', path: string, json?: object) => Promise<SymblAnswer>;
};

/** Calls of the API with a token that is fetched when needed, and once more where the service does not know it any more. */
export const symblClient = ({ http, baseUrl, credentials, now }: Ports): SymblClient => {
  let kept: { value: string; until: number } | undefined;

  const fetchToken = async (): Promise<string> => {
    const { status, body } = await http({
      method: 'POST',
      url: `${baseUrl}/oauth2/token:generate`,
      json: { type: 'application', ...(await credentials()) },
    });
    if (status === 400 || status === 401 || status === 403)
      throw new PermanentError('SYMBL_REFUSED', `appId and appSecret were refused (${status})`);
    const answer = tokenAnswer.safeParse(body);
    if (status !== 200 || !answer.success)
      throw new TransientError(`the Symbl-compatible service gave no token (${status})`);
    const { accessToken, expiresIn } = answer.data;
    keepOutOfLogs(accessToken);
    kept = { value: accessToken, until: now() + expiresIn * 1_000 - marginMs };
    return accessToken;
  };
  const token = (): Promise<string> | string => (kept && kept.until > now() ? kept.value : fetchToken());

  return {
    signIn: async () => void (await token()),
    call: async (method, path, json) => {
      const request = { method, url: `${baseUrl}${path}`, ...(json && { json }) };
      const first = await http({ ...request, token: await token() });
      if (first.status !== 401) return first;
      kept = undefined;
      const second = await http({ ...request, token: await token() });
      if (second.status === 401) throw new PermanentError('SYMBL_REFUSED', 'its own token was refused');
      return second;
    },
  };
};

/** What was asked for, or an error: what passes by itself is told from what does not. */
export const readAnswer = <Schema extends z.ZodType>(
  { status, body }: SymblAnswer,
  schema: Schema,
  what: string,
): z.output<Schema> => {
  if (status === 403) throw new PermanentError('SYMBL_REFUSED', `${what} was refused (403)`);
  if (status !== 200) throw new TransientError(`the Symbl-compatible service did not give ${what} (${status})`);
  const answer = schema.safeParse(body);
  if (answer.success) return answer.data;
  throw new PermanentError('SYMBL_CHANGED', `${what}: ${answer.error.issues[0]?.path.join('.') || 'its top'}`);
};
