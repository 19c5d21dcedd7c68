import { createHash, randomUUID } from 'node:crypto';
import type jsonata from 'jsonata';
import type { Clock } from '../gateway/clock.ts';
import type { Json } from './definition.ts';
import { memoryExceeded } from './query-limits.ts';

/** What a function of AWS's own says of an argument it does not take: the code that the library gives to `$error`. */
const refused = (message: string): unknown => ({ code: 'D3137', message });

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The first number that Java's Random draws from the seed: AWS answers the same for the same seed. */
const seeded = (seed: number): number => {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(Math.trunc(seed)) ^ 0x5deece66dn) & mask;
  const draw = (bits: bigint): bigint => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return state >> (48n - bits);
  };
  return Number((draw(26n) << 27n) + draw(27n)) / 2 ** 53;
};

/** Sizes are cut to whole numbers; none at all gives one part, 0 gives nothing. */
const partition = (items: readonly Json[] | undefined, size?: number): readonly Json[][] | undefined => {
  if (items === undefined || items.length === 0) return undefined;
  const length = size === undefined ? items.length : Math.trunc(size);
  if (length < 0) throw refused('Second argument must be zero or greater');
  if (length === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / length) }, (_, n) => items.slice(n * length, (n + 1) * length));
};

/** The most elements that AWS accepts of one $range. */
const longestRange = 360_145;

/** Of one element, it is that element: the library makes one of any sequence of one. */
const range = (first?: number, last?: number, step?: number): readonly number[] | number | undefined => {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0) return undefined;
  const length = Math.floor((to - from) / by) + 1;
  if (length < 1) return undefined;
  if (length > longestRange) throw memoryExceeded();
  return length === 1 ? from : Array.from({ length }, (_, n) => from + n * by);
};

const hash = (data?: string, algorithm?: string): string | undefined => {
  if (data === undefined || algorithm === undefined) return undefined;
  const known = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
  if (!known) throw refused(`Unsupported algorithm: ${algorithm}`);
  return createHash(known).update(data).digest('hex');
};

/** Whether an object of the (well-formed) JSON text names a member twice: `JSON.parse` would keep the last one. */
const hasRepeatedKey = (text: string): boolean => {
  const open: Set<string>[] = [];
  for (const [, brace, string, colon] of text.matchAll(/([{}])|("(?:[^"\\]|\\.)*")(\s*:)?/g)) {
    if (brace === '{') open.push(new Set());
    if (brace === '}') open.pop();
    if (string === undefined || colon === undefined) continue;
    const key = JSON.parse(string) as string;
    if (open.at(-1)?.has(key)) return true;
    open.at(-1)?.add(key);
  }
  return false;
};

const parse = (text?: string): Json | undefined => {
  if (text === undefined) return undefined;
  try {
    const refuseInfinite = (_: string, value: unknown): unknown => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError();
      return value;
    };
    const value = JSON.parse(text, refuseInfinite) as Json;
    if (!hasRepeatedKey(text)) return value;
  } catch {
    // Refused below, like a repeated key.
  }
  throw refused('Invalid JSON');
};

/** Names and signatures, in the library's notation, of what AWS adds to JSONata or does otherwise. */
export const extraFunctions = {
  partition: '<an?:a<a>>',
  range: '<nnn?:a<n>>',
  hash: '<ss?:s>',
  random: '<n?:n>',
  uuid: '<:s>',
  parse: '<s?:x>',
  now: '<s?s?:s>',
  millis: '<:n>',
} as const;

/** Gives an expression the functions that AWS adds, and a clock and chance of the engine's. */
export const registerFunctions = (
  expression: jsonata.Expression,
  compile: (text: string) => jsonata.Expression,
  clock: Clock,
  random: () => number,
): void => {
  const bodies: Readonly<Record<keyof typeof extraFunctions, (...args: never[]) => unknown>> = {
    partition,
    range,
    hash,
    random: (seed?: number) => (seed === undefined ? random() : seeded(seed)),
    uuid: () => randomUUID(),
    parse,
    // The library's own would read the system's clock, whatever clock the engine has.
    millis: () => clock.now(),
    now: (picture?: string, zone?: string) =>
      compile('$fromMillis($at, $picture, $zone)').evaluate(undefined, { at: clock.now(), picture, zone }),
  };
  for (const [name, body] of Object.entries(bodies))
    expression.registerFunction(
      name,
      body as (...args: unknown[]) => unknown,
      extraFunctions[name as keyof typeof bodies],
    );
};
