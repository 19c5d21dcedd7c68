import { localAccount } from '../gateway/credentials.ts';
import { s3Error } from './errors.ts';
import { compareKeys } from './key-order.ts';
import { wholeNumber } from './request.ts';
import { element, text } from './xml.ts';

const maxPage = 1000;
export const owner = element('Owner', text('ID', localAccount.padEnd(64, '0')));
export const initiator = owner.replaceAll('Owner>', 'Initiator>');

interface Page<T> {
  items: T[];
  prefixes: string[];
  truncated: boolean;
  /** Where the next page goes on: behind this key, or behind all keys with this prefix. */
  last: { after: string; wholePrefix: boolean; item?: T } | undefined;
}

interface Query {
  prefix: string;
  delimiter: string;
  max: number;
  /** Keys with this prefix were answered by an earlier page as one common prefix. */
  skipPrefix: string | undefined;
}

/** Items come in the order of their keys; those that share what follows the prefix up to the delimiter become one entry. */
export const paginate = <T>(
  items: Iterable<readonly [key: string, item: T]>,
  { prefix, delimiter, max, skipPrefix }: Query,
): Page<T> => {
  const page: Page<T> = { items: [], prefixes: [], truncated: false, last: undefined };
  let common = skipPrefix;
  for (const [key, item] of items) {
    if (!key.startsWith(prefix)) {
      if (compareKeys(key, prefix) > 0) break;
      continue;
    }
    if (common !== undefined && key.startsWith(common)) continue;
    if (page.items.length + page.prefixes.length >= max) return { ...page, truncated: max > 0 };
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      page.items.push(item);
      page.last = { after: key, wholePrefix: false, item };
    } else {
      common = key.slice(0, end + delimiter.length);
      page.prefixes.push(common);
      page.last = { after: common, wholePrefix: true };
    }
  }
  return page;
};

export const maxOf = (query: URLSearchParams, name: string): number =>
  Math.min(wholeNumber(name, query.get(name) || String(maxPage), 0, 2 ** 31 - 1), maxPage);

/** With encoding-type=url names are percent-encoded, slashes left as they are. */
export const encoder = (query: URLSearchParams): { encode: (name: string) => string; encodingType: string } => {
  const type = query.get('encoding-type');
  if (type === null) return { encode: (name) => name, encodingType: '' };
  if (type !== 'url')
    throw s3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: type,
    });
  return {
    encode: (name) => encodeURIComponent(name).replaceAll('%2F', '/'),
    encodingType: text('EncodingType', type),
  };
};

export const commonPrefixes = (prefixes: readonly string[], encode: (name: string) => string): string =>
  prefixes.map((prefix) => element('CommonPrefixes', text('Prefix', encode(prefix)))).join('');
