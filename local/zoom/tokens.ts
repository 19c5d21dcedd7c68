import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Tokens carry their own proof instead of lying in a table, so that they outlive a restart of the simulator, as
 * Zoom's outlive one of ours.
 */
export type TokenKind = 'access' | 'webhook' | 'download';

type Claims = {
  readonly iss: string;
  readonly aud: string;
  readonly accountId: string;
  /** Unix seconds. */
  readonly exp: number;
  /** The meeting's uuid, in download tokens. */
  readonly mid?: string;
  readonly userId?: string;
  readonly scope?: string;
};

const ISSUERS: Record<TokenKind, string> = {
  access: 'https://oauth.zoom.us',
  webhook: 'https://event.zoom.us',
  download: 'https://api.zoom.us',
};

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const digest = (secret: string, text: string, algorithm: string): Buffer =>
  createHmac(algorithm, secret).update(text).digest();

export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

export const createTokens = (secret: string) => ({
  issue: (kind: TokenKind, claims: Omit<Claims, 'iss' | 'aud'>): string => {
    const header = encoded({ alg: 'HS512', typ: 'JWT' });
    const aud = kind === 'access' ? 'https://api.zoom.us' : 'https://oauth.zoom.us';
    // Two tokens of one second must differ; Zoom's do.
    const body = encoded({ iss: ISSUERS[kind], aud, ...claims, jti: randomBytes(9).toString('base64url') });
    return `${header}.${body}.${digest(secret, `${header}.${body}`, 'sha512').toString('base64url')}`;
  },

  /** The claims of a genuine token of one of these kinds, also when it is too old. */
  read: (token: string, ...kinds: readonly TokenKind[]): Claims | undefined => {
    const [header = '', body = '', signature = ''] = token.split('.');
    const expected = digest(secret, `${header}.${body}`, 'sha512');
    if (!sameBytes(expected, Buffer.from(signature, 'base64url'))) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    return kinds.some((kind) => ISSUERS[kind] === claims.iss) ? claims : undefined;
  },

  /** The query of a storage URL that works until `expires` (Unix seconds). */
  signUrl: (path: string, expires: number): string => {
    const policy = encoded({
      Statement: [{ Resource: path, Condition: { DateLessThan: { 'AWS:EpochTime': expires } } }],
    });
    const signature = digest(secret, policy, 'sha256').toString('base64url');
    return new URLSearchParams({ Policy: policy, Signature: signature, 'Key-Pair-Id': 'KLOCALSIMULATOR' }).toString();
  },

  /** When the URL's permission ends, or nothing if it is not ours or for another path. */
  readUrl: (path: string, query: URLSearchParams): number | undefined => {
    const policy = query.get('Policy') ?? '';
    const signature = Buffer.from(query.get('Signature') ?? '', 'base64url');
    if (!sameBytes(digest(secret, policy, 'sha256'), signature)) return undefined;
    const { Statement } = JSON.parse(Buffer.from(policy, 'base64url').toString()) as {
      Statement: [{ Resource: string; Condition: { DateLessThan: { 'AWS:EpochTime': number } } }];
    };
    return Statement[0].Resource === path ? Statement[0].Condition.DateLessThan['AWS:EpochTime'] : undefined;
  },

  /** An opaque text that only we can have made: paging tokens. */
  seal: (value: unknown): string => {
    const body = encoded(value);
    return `${body}.${digest(secret, body, 'sha256').toString('base64url')}`;
  },
  unseal: (text: string): unknown => {
    const [body = '', signature = ''] = text.split('.');
    if (!sameBytes(digest(secret, body, 'sha256'), Buffer.from(signature, 'base64url'))) return undefined;
    return JSON.parse(Buffer.from(body, 'base64url').toString());
  },
});

export type Tokens = ReturnType<typeof createTokens>;
