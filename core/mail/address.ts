import { createHmac, hkdfSync } from 'node:crypto';
import { domainToASCII } from 'node:url';

/**
 * One plain address: no display name, no list, nothing that could end a header. Stricter than the standards allow,
 * since a meeting's host is an account of an organisation.
 */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[^\s@<>()[\]\\,;:"\p{C}]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}$/u.test(text);

/**
 * The address as mail services take it: 7-bit ASCII, the domain in Punycode. Nothing where there is none: what stands
 * before the @ has no other spelling.
 */
export const deliverable = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim() ?? '';
  if (!isMailAddress(trimmed)) return undefined;
  const at = trimmed.lastIndexOf('@');
  const address = `${trimmed.slice(0, at)}@${domainToASCII(trimmed.slice(at + 1)).toLowerCase()}`;
  return /^[!-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(address) && address.length <= 254 ? address : undefined;
};

/** By this an address is known where it must not be told. Nobody compares capitals in an address. */
export const addressKey = (address: string, secret: string): string =>
  createHmac('sha256', Buffer.from(hkdfSync('sha256', secret, '', 'rapporteur mail address', 32)))
    .update(address.trim().toLowerCase())
    .digest('hex')
    .slice(0, 40);
