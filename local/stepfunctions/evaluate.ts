import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../gateway/clock.ts';
import type { Json, Template, Variables } from './definition.ts';
import { expressionIn } from './dialect.ts';
import { StateFailure } from './failure.ts';

export interface Bindings {
  readonly states: Readonly<Record<string, Json>>;
  readonly variables: Variables;
}

/** Evaluates a template; `field` is where it stands in the state, for the message. */
export type Evaluate = (template: Template, field: string, bindings: Bindings) => Promise<Json>;

/** An expression could not be evaluated; `field` goes to the history. */
export class QueryFailure extends StateFailure {
  constructor(
    reason: string,
    readonly field: string,
  ) {
    super('States.QueryEvaluationError', reason);
  }
}

const compiled = new Map<string, jsonata.Expression>();

const compile = (text: string): jsonata.Expression => {
  const known = compiled.get(text);
  if (known) return known;
  const expression = jsonata(text);
  compiled.set(text, expression);
  return expression;
};

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** mulberry32: the same seed gives the same number, which is all that a seeded $random promises. */
const seeded = (seed: number): number => {
  let state = Math.imul(Math.trunc(seed) + 0x6d2b79f5, 1);
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
};

const partition = (items: unknown, size: number): Json[][] => {
  const list = (Array.isArray(items) ? items : [items]) as Json[];
  if (!(Number.isInteger(size) && size > 0)) throw new Error('$partition needs a positive whole number of elements.');
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
};

const range = (first: number, last: number, step: number): number[] => {
  if (![first, last, step].every(Number.isInteger) || step === 0) throw new Error('$range needs whole numbers.');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > 1000) throw new Error('$range returns at most 1000 elements.');
  return Array.from({ length }, (_, n) => first + n * step);
};

const hash = (data: string, algorithm = 'SHA-256'): string => {
  const known = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
  if (!known) throw new Error(`$hash does not know the algorithm '${algorithm}'.`);
  return createHash(known).update(data).digest('hex');
};

const functions = (clock: Clock, random: () => number) => ({
  partition,
  range,
  hash,
  random: (seed?: number) => (seed === undefined ? random() : seeded(seed)),
  uuid: () => randomUUID(),
  parse: (text: string) => JSON.parse(text) as Json,
  // The library's own clock functions would escape the engine's clock.
  millis: () => clock.now(),
  now: (picture?: string, timezone?: string) =>
    compile('$fromMillis($at, $picture, $timezone)').evaluate(undefined, { at: clock.now(), picture, timezone }),
});

/** The library holds functions as objects with a mark of its own. */
const refuseFunctions = (_key: string, value: unknown): unknown => {
  const isFunction =
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));
  if (isFunction) throw new Error('the result holds a function');
  return value;
};

const describeError = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

export const createEvaluate = (clock: Clock, random: () => number): Evaluate => {
  const library = functions(clock, random);

  const evaluateExpression = async (text: string, field: string, { states, variables }: Bindings): Promise<Json> => {
    const where = `The JSONata expression '${text}' specified for the field '${field}'`;
    let json: string | undefined;
    try {
      const result: unknown = await compile(text).evaluate(undefined, { ...variables, ...library, states });
      // A copy: results may be sequences with extra members, or share structure with the input.
      json = result === undefined ? undefined : JSON.stringify(result, refuseFunctions);
    } catch (error) {
      throw new QueryFailure(`${where} threw an error: ${describeError(error)}`, field);
    }
    if (json === undefined) throw new QueryFailure(`${where} returned nothing (undefined).`, field);
    return JSON.parse(json) as Json;
  };

  const evaluate: Evaluate = async (template, field, bindings) => {
    if (typeof template === 'string') {
      const text = expressionIn(template);
      return text === undefined ? template : evaluateExpression(text, field, bindings);
    }
    if (Array.isArray(template)) {
      const items: Json[] = [];
      for (const [index, item] of (template as readonly Json[]).entries())
        items.push(await evaluate(item, `${field}[${index}]`, bindings));
      return items;
    }
    if (typeof template === 'object' && template !== null) {
      const members: [string, Json][] = [];
      for (const [key, value] of Object.entries(template))
        members.push([key, await evaluate(value, `${field}/${key}`, bindings)]);
      return Object.fromEntries(members);
    }
    return template;
  };
  return evaluate;
};

/** A JSONata result that must be of one type, as Seconds, Condition and the like demand. */
export const expectType = <T extends Json>(
  value: Json,
  field: string,
  expected: string,
  accept: (value: Json) => value is T,
): T => {
  if (accept(value)) return value;
  const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  throw new QueryFailure(
    `The field '${field}' must evaluate to ${expected}, but the result was of type ${actual}.`,
    field,
  );
};
