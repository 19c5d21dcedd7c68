import * as z from 'zod';
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { PermanentError } from '../step/errors.ts';

/** Recordings are served from these domains and from nowhere else. */
const domains = ['zoom.us', 'zoomgov.com'];

/** Everything that is not the public internet, after the IANA special-purpose registries. */
const reservedV4 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  reservedV4.addSubnet(net, bits, 'ipv4');

/** Of IPv6 only global unicast is public: mapped, NAT64, unique-local, link-local and multicast all lie outside it. */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
const reservedV6 = new BlockList();
for (const [net, bits] of [
  // Teredo and other protocol assignments, documentation, 6to4: the tunnels carry an IPv4 address inside.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reservedV6.addSubnet(net, bits, 'ipv6');

export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !reservedV4.check(address, 'ipv4');
  if (family === 6) return globalV6.check(address, 'ipv6') && !reservedV6.check(address, 'ipv6');
  return false;
};

const refused = (what: string): PermanentError => new PermanentError('DOWNLOAD_HOST_NOT_ALLOWED', what);

/** Comma-separated origins; empty wherever it is deployed. */
export const hostRulesConfig = {
  trustedOrigins: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((origin) => (origin.trim() ? [origin.trim()] : []))),
};

export type HostRules = {
  /** Exact origins (`http://127.0.0.1:4010`) that are let through whatever they are. */
  readonly trustedOrigins: readonly string[];
  /** Replaced in tests only. */
  readonly resolve?: typeof resolveName;
};

export const isTrusted = (url: URL, rules: HostRules): boolean =>
  rules.trustedOrigins.some((origin) => URL.canParse(origin) && new URL(origin).origin === url.origin);

/** Throws unless a download may be asked for at this address. The message names the origin, never the signed rest. */
export const assertAllowed = (url: URL, rules: HostRules): void => {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`${url.protocol} is not https:`);
  if (isTrusted(url, rules)) return;
  if (url.protocol !== 'https:') throw refused(`${url.origin} is not https`);
  if (url.username || url.password) throw refused(`${url.origin} with a user name in its address`);
  if (url.port) throw refused(`${url.origin} has an unusual port`);
  if (!domains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`)))
    throw refused(`${url.origin} is not an address of Zoom`);
};

/**
 * The name look-up of a connection: what a name resolves to is judged at the moment it is used, so that no
 * second answer of a hostile name server slips in between. A socket does no look-up for a literal address;
 * `assertAllowed` lets none through.
 */
export const publicLookup =
  (rules: HostRules): LookupFunction =>
  (hostname, options, callback) => {
    (rules.resolve ?? resolveName)(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const inside = found.find(({ address }) => !isPublicAddress(address));
      const first = found[0];
      if (inside || !first) return callback(refused(`${hostname} does not resolve to a public address`), '', 0);
      if (options.all) return callback(null, found);
      callback(null, first.address, first.family);
    });
  };
