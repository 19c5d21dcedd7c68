import { createHmac, timingSafeEqual } from 'node:crypto';
import { PermanentError } from '../step/errors.ts';

type Signed = { readonly timestamp: string | undefined; readonly signature: string | undefined; readonly body: Buffer };

export type Verdict = 'ok' | 'missing' | 'malformed' | 'stale' | 'wrong';

const hmac = (secret: string, ...parts: (string | Buffer)[]): Buffer => {
  const mac = createHmac('sha256', secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** Zoom signs seconds; a value in milliseconds is read as such. Nothing but digits is a time. */
const secondsOf = (timestamp: string): number | undefined => {
  if (!/^\d{10}(\d{3})?$/.test(timestamp)) return undefined;
  return timestamp.length === 13 ? Number(timestamp) / 1_000 : Number(timestamp);
};

/**
 * Checks Zoom's signature over the bytes as they came: parsed and written again, JSON is not the same.
 * Several secrets are valid while one is being rotated; all are tried, so that time tells nothing about which fits.
 */
export const verifySignature = (
  { timestamp, signature, body }: Signed,
  secrets: readonly string[],
  now: Date,
  windowSeconds: number,
): Verdict => {
  // Anybody can compute the signature of an empty secret.
  if (secrets.length === 0 || secrets.includes(''))
    throw new PermanentError('BAD_CONFIG', "the Zoom secret has no secret token, or an empty one, of Zoom's app");
  if (!timestamp || !signature) return 'missing';
  const seconds = secondsOf(timestamp);
  // Fixed length and alphabet: the comparison below throws on unequal lengths.
  const [, hex] = /^v0=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (seconds === undefined || !hex) return 'malformed';
  const given = Buffer.from(hex, 'hex');
  const fits = secrets.map((secret) => timingSafeEqual(hmac(secret, `v0:${timestamp}:`, body), given)).includes(true);
  if (!fits) return 'wrong';
  return Math.abs(now.getTime() / 1_000 - seconds) <= windowSeconds ? 'ok' : 'stale';
};

/** The answer to `endpoint.url_validation`. */
export const answerChallenge = (plainToken: string, secret: string) => ({
  plainToken,
  encryptedToken: hmac(secret, plainToken).toString('hex'),
});
