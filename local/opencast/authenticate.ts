import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type User = { readonly password: string; readonly roles: readonly string[] };
export type Users = Readonly<Record<string, User>>;

export type Refusal = { readonly status: number; readonly headers: Readonly<Record<string, string>> };
export type Proof = { readonly roles: readonly string[] } | { readonly refusal: Refusal };

const realm = 'Opencast';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
/** A nonce is good for so long. */
const nonceMillis = 300_000;

type Parts = { readonly users: Users; readonly now: () => number; readonly version: number };

/**
 * Who asks, as Opencast's filters find out: a password at once, a digest when one was asked for. Without a proof an
 * Opencast up to 19 leads to its login page, a later one says no.
 */
export const authenticator = ({ users, now, version }: Parts) => {
  const secret = randomBytes(16).toString('hex');
  const nonceAt = (moment: number): string => Buffer.from(`${moment}:${md5(`${moment}:${secret}`)}`).toString('base64');
  const ageOf = (nonce: string): number | undefined => {
    const [moment = '', proof] = Buffer.from(nonce, 'base64').toString('latin1').split(':');
    return proof === md5(`${moment}:${secret}`) ? now() - Number(moment) : undefined;
  };
  const challenge = (more = ''): Proof => {
    const header = `Digest realm="${realm}", qop="auth", nonce="${nonceAt(now())}"${more}`;
    return { refusal: { status: 401, headers: { 'www-authenticate': header } } };
  };
  const wrong: Proof = { refusal: { status: 401, headers: { 'www-authenticate': `Basic realm="${realm}"` } } };

  const byPassword = (given: string): Proof => {
    const [name = '', ...rest] = Buffer.from(given, 'base64').toString('utf8').split(':');
    const user = users[name];
    return user && user.password === rest.join(':') ? user : wrong;
  };
  const byDigest = (header: string, method: string, target: string): Proof => {
    const said = Object.fromEntries(
      [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', a, b]) => [name, a ?? b ?? '']),
    );
    const { username = '', nonce = '', uri = '', qop, nc, cnonce, response } = said;
    const age = ageOf(nonce);
    const user = users[username];
    if (age === undefined || !user || uri !== target || said.realm !== realm || qop !== 'auth') return challenge();
    const first = md5(`${username}:${realm}:${user.password}`);
    const second = md5(`${method}:${uri}`);
    if (response !== md5(`${first}:${nonce}:${nc}:${cnonce}:${qop}:${second}`)) return challenge();
    return age > nonceMillis ? challenge(', stale="true"') : user;
  };

  return (request: IncomingMessage): Proof => {
    const { authorization = '', 'x-requested-auth': wanted } = request.headers;
    const [scheme = '', given = ''] = authorization.split(/ (.*)/s);
    if (/^basic$/i.test(scheme)) return byPassword(given);
    if (/^digest$/i.test(scheme)) return byDigest(given, request.method ?? 'GET', request.url ?? '/');
    if (wanted === 'Digest') return challenge();
    if (wanted === 'Basic') return wrong;
    return version < 20
      ? { refusal: { status: 302, headers: { location: '/login.html' } } }
      : { refusal: { status: 403, headers: {} } };
  };
};
