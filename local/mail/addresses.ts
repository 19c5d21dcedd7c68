import { addressParser } from 'postal-mime';
import { AwsError } from '../gateway/aws-error.ts';

export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message);

const domainPattern = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/i;

/** The bare address of `a@example.org` or `Name <a@example.org>`. SES knows no SMTPUTF8: the whole text is 7-bit ASCII. */
export const bareAddress = (text: unknown): string => {
  if (typeof text !== 'string' || text === '') throw badRequest('An email address must be a text that is not empty.');
  if (/[\0-\x1f\x7f]/.test(text)) throw badRequest('Local address contains control or whitespace');
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw badRequest(
      `The email address '${text}' is not 7-bit ASCII: write names as MIME encoded-words and domains as Punycode.`,
    );
  }
  const parsed = addressParser(text);
  const [only] = parsed;
  if (parsed.length !== 1 || !only || only.address === undefined)
    throw badRequest(`'${text}' is not one email address.`);
  const at = only.address.lastIndexOf('@');
  if (at < 0) throw badRequest("Missing final '@domain'");
  const local = only.address.slice(0, at);
  if (local === '' || local.length > 64 || /[\s@]/.test(local))
    throw badRequest('Local address contains control or whitespace');
  if (!domainPattern.test(only.address.slice(at + 1))) throw badRequest('Domain contains illegal character');
  return only.address;
};

/** An identity is an address, or a domain that covers its subdomains too. */
export const isVerified = (address: string, identities: readonly string[]): boolean => {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return identities.some((identity) =>
    identity.includes('@')
      ? identity === address
      : domain === identity.toLowerCase() || domain.endsWith(`.${identity.toLowerCase()}`),
  );
};

export const requireVerified = (addresses: readonly string[], identities: readonly string[]): void => {
  const failed = [...new Set(addresses.filter((address) => !isVerified(address, identities)))];
  if (failed.length === 0) return;
  throw new AwsError(
    'MessageRejected',
    `Email address is not verified. The following identities failed the check in region US-EAST-1: ${failed.join(', ')}`,
  );
};
