import jsonata from 'jsonata';
import type { Clock } from '../gateway/clock.ts';
import type { Json, Template, Variables } from './definition.ts';
import { expressionIn } from './dialect.ts';
import { StateFailure } from './failure.ts';
import { registerFunctions } from './functions.ts';
import { limitMessages, limits, watchMemory } from './query-limits.ts';

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

/** What JSON cannot say: the library holds functions as objects with a mark of its own; AWS writes such numbers as words. */
const asJson = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const isFunction =
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));
  if (isFunction) throw new Error('the result holds a function');
  return value;
};

/** AWS tells a fault of the expression by JSONata's code; where it gave up itself there is none. */
const describeError = (error: unknown): string => {
  const { code, message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code !== 'string') return `: ${message}`;
  const limit = limitMessages[code];
  return limit === undefined ? `. ${code}: ${message}` : `: ${limit}`;
};

const describePlace = (text: string, field: string): string =>
  `The JSONata expression '${text}' specified for the field '${field}'`;

export const createEvaluate = (clock: Clock, random: () => number): Evaluate => {
  const compiled = new Map<string, jsonata.Expression>();

  const compile = (text: string): jsonata.Expression => {
    const known = compiled.get(text);
    if (known) return known;
    const expression = jsonata(text, limits);
    registerFunctions(expression, compile, clock, random);
    watchMemory(expression);
    compiled.set(text, expression);
    return expression;
  };

  const evaluateExpression = async (text: string, field: string, { states, variables }: Bindings): Promise<Json> => {
    let json: string | undefined;
    try {
      const result: unknown = await compile(text).evaluate(undefined, { ...variables, states });
      // A copy: results may be sequences with extra members, or share structure with the input.
      json = result === undefined ? undefined : JSON.stringify(result, asJson);
    } catch (error) {
      throw new QueryFailure(
        `${describePlace(text, field)} threw an error during evaluation${describeError(error)}`,
        field,
      );
    }
    if (json === undefined)
      throw new QueryFailure(`${describePlace(text, field)} returned nothing (undefined).`, field);
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

const typeOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** A result that must be of one type, as Seconds, Condition and the like demand. */
export const expectType = <T extends Json>(
  value: Json,
  template: Template,
  field: string,
  expected: 'string' | 'number' | 'boolean' | 'array',
): T => {
  if (typeOf(value) === expected) return value as T;
  const text = typeof template === 'string' ? (expressionIn(template) ?? template) : JSON.stringify(template);
  const what = `Expected '${expected}', but was '${typeOf(value)}' for value: ${JSON.stringify(value)}`;
  throw new QueryFailure(`${describePlace(text, field)} returned an unexpected result type. ${what}`, field);
};

/** A result that must be a whole number within bounds. */
export const expectWhole = (value: Json, template: Template, field: string, least: number, most: number): number => {
  const number = expectType<number>(value, template, field, 'number');
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new QueryFailure(
    `The field '${field}' must be a whole number from ${least} to ${most}, but was: ${number}`,
    field,
  );
};
