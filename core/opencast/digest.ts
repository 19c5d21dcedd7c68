import { createHash, randomBytes } from 'node:crypto';

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

export type Challenge = { readonly realm: string; readonly nonce: string; readonly isStale: boolean };

/** What the server asks of a digest; undefined where it asks for something else. MD5 with `qop=auth` is all it knows. */
export const readChallenge = (header: unknown): Challenge | undefined => {
  if (typeof header !== 'string' || !/^digest /i.test(header)) return undefined;
  const said = new Map(
    [...header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
    ]),
  );
  const [realm, nonce] = [said.get('realm'), said.get('nonce')];
  const knowsAuth = (said.get('qop') ?? '').split(/\s*,\s*/).includes('auth');
  if (realm === undefined || nonce === undefined || !knowsAuth) return undefined;
  return { realm, nonce, isStale: said.get('stale')?.toLowerCase() === 'true' };
};

export type Asked = { readonly method: string; /** Path and query, as they are sent. */ readonly target: string };

/** The proof for one request (RFC 7616). Each has a client's number of its own, so the count stays at one. */
export const digestHeader = (
  { user, password }: { user: string; password: string },
  { realm, nonce }: Challenge,
  { method, target }: Asked,
  cnonce = randomBytes(12).toString('hex'),
): string => {
  const count = '00000001';
  const [first, second] = [md5(`${user}:${realm}:${password}`), md5(`${method}:${target}`)];
  const response = md5(`${first}:${nonce}:${count}:${cnonce}:auth:${second}`);
  const quoted = { username: user, realm, nonce, uri: target, cnonce, response };
  const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  return `Digest ${[...parts, 'algorithm=MD5', 'qop=auth', `nc=${count}`].join(', ')}`;
};
