import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link lets its bearer do: look at one recording, or stop the mails to one address. */
export type LinkPurpose = 'watch' | 'unsubscribe';

export type LinkTerms = {
  readonly jobId: string;
  readonly purpose: LinkPurpose;
  readonly expiresAt: Date;
  /** Whom the link is about, where it is about somebody: a digest, never an address. */
  readonly subject?: string;
};

/**
 * `forged`: not one that we signed for this job and this purpose. `expired`: one of ours that is too old; nobody who
 * lacks the secret can find out more than that.
 */
export type LinkVerdict =
  | { readonly verdict: 'ok' | 'expired'; readonly expiresAt: Date; readonly subject?: string }
  | { readonly verdict: 'forged' };

const version = '1';
const safeSubject = /^[A-Za-z0-9_-]{1,64}$/;
/** Version, seconds in base 36, subject (or nothing), 32 bytes of signature in base64url. */
const shape = /^1\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{0,64})\.([A-Za-z0-9_-]{43})$/;

/** Lengths stand before the parts, so that no two lists of parts are signed alike. */
const sign = (parts: readonly string[], secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(parts.map((part) => `${part.length}:${part}`).join(''))
    .digest();

const signed = (jobId: string, purpose: LinkPurpose, expires: string, subject: string): string[] => [
  'rapporteur link',
  version,
  purpose,
  jobId,
  expires,
  subject,
];

/** Proof that whoever holds it was given it by us. Good for one job and one purpose, until its time is over. */
export const linkToken = ({ jobId, purpose, expiresAt, subject = '' }: LinkTerms, secret: string): string => {
  if (subject !== '' && !safeSubject.test(subject))
    throw new Error('the subject of a link must be letters and digits: a digest');
  const expires = Math.floor(expiresAt.getTime() / 1_000).toString(36);
  const signature = sign(signed(jobId, purpose, expires, subject), secret).toString('base64url');
  return [version, expires, subject, signature].join('.');
};

export const readLinkToken = (
  token: string | undefined,
  { jobId, purpose, now }: { readonly jobId: string; readonly purpose: LinkPurpose; readonly now: Date },
  secret: string,
): LinkVerdict => {
  const [, expires = '', subject = '', signature = ''] = shape.exec(token ?? '') ?? [];
  const expected = sign(signed(jobId, purpose, expires, subject), secret);
  const given = Buffer.from(signature, 'base64url');
  // Buffers of different lengths cannot be compared in constant time; ours always has 32 bytes.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { verdict: 'forged' };
  // The last character of base64url holds bits that are dropped: only our own spelling counts.
  if (given.toString('base64url') !== signature) return { verdict: 'forged' };
  const expiresAt = new Date(Number.parseInt(expires, 36) * 1_000);
  const verdict = now.getTime() < expiresAt.getTime() ? 'ok' : 'expired';
  return { verdict, expiresAt, ...(subject ? { subject } : {}) };
};
