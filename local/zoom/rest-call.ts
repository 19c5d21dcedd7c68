import { invalidField } from './rest-error.ts';
import { secondsNow } from './world.ts';
import type { World } from './world.ts';

/** A request to one endpoint, after its token was accepted. */
export type RestCall = {
  readonly world: World;
  /** The meeting number, uuid, user id or address of the path. */
  readonly id: string;
  /** The second id of the path, where it has one. */
  readonly fileId: string;
  readonly query: URLSearchParams;
  /** Of a PUT: whatever JSON it was; nothing if it was none. */
  readonly body: unknown;
  /** Files that a fault shows as not ready; without an id, all of them. */
  readonly processing: readonly { readonly fileId: string | undefined; readonly bare: boolean }[];
};

/** Life of a `next_page_token` in seconds. */
const PAGE_TOKEN_SECONDS = 900;
const MAX_PAGE_SIZE = 300;

export const integerIn = (
  query: URLSearchParams,
  name: string,
  bounds: readonly [number, number],
  fallback: number,
): number => {
  const text = query.get(name);
  if (text === null) return fallback;
  const [lowest, highest] = bounds;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= lowest && value <= highest) return value;
  throw invalidField(name, `The value must be between ${lowest} and ${highest}.`);
};

/** One page of a list. The token repeats nothing but the place: every other parameter has to be sent again unchanged. */
export const pageOf = <Item>({ world, id, query }: RestCall, items: readonly Item[]) => {
  const size = integerIn(query, 'page_size', [1, MAX_PAGE_SIZE], 30);
  const others = [...query].filter(([name]) => name !== 'next_page_token').sort();
  const asked = JSON.stringify([id, others]);
  const token = query.get('next_page_token') ?? '';
  const place = token === '' ? { from: 0, asked, until: Infinity } : readPlace(world, token);
  if (place === undefined || place.asked !== asked || place.until <= secondsNow(world)) {
    throw invalidField('next_page_token', 'The next page token is invalid or expired.');
  }
  const next = place.from + size;
  const more = next < items.length;
  return {
    items: items.slice(place.from, next),
    figures: {
      // An empty listing says 0 here, whatever was asked for.
      page_count: Math.ceil(items.length / size),
      page_size: items.length === 0 ? 0 : size,
      total_records: items.length,
      next_page_token: more
        ? world.tokens.seal({ from: next, asked, until: secondsNow(world) + PAGE_TOKEN_SECONDS })
        : '',
    },
  };
};

const readPlace = (world: World, token: string) =>
  world.tokens.unseal(token) as { from: number; asked: string; until: number } | undefined;
