import PostalMime, { type Email } from 'postal-mime';
import { badRequest } from './addresses.ts';

/** Fields of which SES accepts one at most; those of its list that a mail of ours could have. */
const singular = new Set([
  'content-disposition', 'content-id', 'content-transfer-encoding', 'content-type', 'date', 'from', 'in-reply-to', 'list-id',
  'list-unsubscribe', 'list-unsubscribe-post', 'message-id', 'mime-version', 'references', 'reply-to', 'return-path', 'sender', 'subject',
]); // prettier-ignore

/** Longest line in characters, its end included (RFC 5321). */
const longestLine = 1000;

export interface RawContent {
  readonly bytes: Buffer;
  readonly email: Email;
}

/** Validates `Content.Raw` of SendEmail; the bytes stay as they are. */
export const rawContent = async (data: unknown): Promise<RawContent> => {
  if (typeof data !== 'string' || data === '') throw badRequest('Raw.Data is required.');
  const bytes = Buffer.from(data, 'base64');
  const text = bytes.toString('latin1');
  if (!/\r?\n\r?\n/.test(text))
    throw badRequest('The raw message needs a header and a body, separated by one blank line.');
  if (text.split('\n').some((line) => line.length + 1 > longestLine)) {
    throw badRequest(`A line of the raw message is longer than ${longestLine} characters.`);
  }
  const email = await PostalMime.parse(bytes);
  const seen = new Set<string>();
  for (const { key } of email.headers) {
    if (singular.has(key) && seen.has(key)) throw badRequest(`Duplicate header '${key}'.`);
    seen.add(key);
  }
  if (!seen.has('from')) throw badRequest("Missing required header 'From'.");
  return { bytes, email };
};
