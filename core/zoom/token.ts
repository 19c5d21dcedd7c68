import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Rest } from '../rest/rest.ts';
import { PermanentError } from '../step/errors.ts';
import { keepOutOfLogs } from '../step/log.ts';
import { parse } from '../step/parse.ts';
import { tokenFailure, type ZoomAnswer } from './errors.ts';
import { ask } from './http.ts';

export type Credentials = { readonly accountId: string; readonly clientId: string; readonly clientSecret: string };

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** Renewed this long before its end, so that none dies on its way. */
const earlySeconds = 300;

type Ports = {
  http: Rest;
  /** The whole address of the token endpoint: `https://zoom.us/oauth/token`. */
  oauthUrl: string;
  /** `afresh`: as they are stored now, whatever is kept of them. */
  credentials: (how?: { afresh: boolean }) => Promise<Credentials | undefined>;
  now: () => Date;
};

/**
 * Server-to-server OAuth. One token serves all calls of a function's life: accounts that asked for ever new ones at
 * the same time were seen to be refused altogether, so callers at the same time share one request as well.
 */
export const zoomToken = ({ http, oauthUrl, credentials, now }: Ports) => {
  let kept: { token: Promise<string>; freshUntil: number } | undefined;

  const askWith = ({ accountId, clientId, clientSecret }: Credentials): Promise<ZoomAnswer> => {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    keepOutOfLogs(clientSecret, basic);
    return ask(http, {
      method: 'POST',
      url: oauthUrl,
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId }).toString(),
    });
  };

  const fetchToken = async (slot: { freshUntil: number }): Promise<string> => {
    const given = await credentials();
    if (!given) throw new PermanentError('BAD_CONFIG', 'the Zoom secret has no accountId, clientId and clientSecret');
    let answer = await askWith(given);
    if (answer.status === 400 || answer.status === 401) {
      // A person may have corrected or rotated the secret since it was read.
      const stored = await credentials({ afresh: true });
      if (stored && !isDeepStrictEqual(stored, given)) answer = await askWith(stored);
    }
    if (answer.status !== 200) throw tokenFailure(answer, now());
    const { access_token: token, expires_in: seconds } = parse('ZOOM_CHANGED', tokenAnswer, answer.body);
    keepOutOfLogs(token);
    slot.freshUntil = now().getTime() + (seconds - earlySeconds) * 1_000;
    return token;
  };

  return {
    get: (): Promise<string> => {
      if (kept && now().getTime() < kept.freshUntil) return kept.token;
      const slot = { freshUntil: Infinity, token: Promise.resolve('') };
      slot.token = fetchToken(slot);
      kept = slot;
      slot.token.catch(() => {
        if (kept === slot) kept = undefined;
      });
      return slot.token;
    },
    /** Forgets a token that Zoom no longer takes; not the younger one that somebody may have fetched since. */
    drop: async (token: string): Promise<void> => {
      const slot = kept;
      if (slot && (await slot.token.catch(() => undefined)) === token && kept === slot) kept = undefined;
    },
  };
};
