import { sendJson, answerWithFault } from './answers.ts';
import { readText } from './read-text.ts';
import { secondsNow } from './world.ts';
import type { Exchange, World } from './world.ts';

/** Life of an access token in seconds. There is no refresh token, and several may be alive at once. */
export const ACCESS_TOKEN_SECONDS = 3600;

const FORM_LIMIT = 10_000;

/** POST /oauth/token, server-to-server: Basic credentials and a form. */
export const answerToken = async (world: World, exchange: Exchange): Promise<void> => {
  const { request, response, record } = exchange;
  record.route = 'token';
  const refuse = (status: number, error: string, reason: string): void => sendJson(response, status, { reason, error });

  const form = new URLSearchParams(await readText(request, FORM_LIMIT));
  if (answerWithFault(world.faults.strike('token', {}), 'token', world, exchange)) return;
  if (request.method !== 'POST') return refuse(405, 'invalid_request', 'Bad Request');

  const basic = /^Basic ([\w+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const client = Buffer.from(basic, 'base64').toString();
  if (client !== `${world.clientId}:${world.clientSecret}`) {
    return refuse(401, 'invalid_client', 'Invalid client_id or client_secret');
  }
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) {
    return refuse(400, 'invalid_request', 'Missing grant type');
  }
  if (form.get('grant_type') !== 'account_credentials')
    return refuse(400, 'unsupported_grant_type', 'Unsupported grant type');
  if (form.get('account_id') !== world.accountId) return refuse(400, 'invalid_request', 'Bad Request');

  const scope = world.habits.scopes.join(' ');
  const exp = secondsNow(world) + ACCESS_TOKEN_SECONDS;
  sendJson(response, 200, {
    access_token: world.tokens.issue('access', { accountId: world.accountId, exp, scope }),
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    scope,
    api_url: world.origins.main,
  });
};
