import { always, expressionIn, problemOfExpression } from './dialect.ts';
import type { Readable } from './dialect.ts';

export interface Problem {
  readonly code: string;
  /** Path in the definition, for example `/States/FetchMetadata/Output`. */
  readonly location: string;
  readonly message: string;
}

export interface Scope {
  /** Whether the machine as a whole is JSONata; otherwise every state has to say so. */
  readonly isJsonata: boolean;
  /** Names of all states seen so far: they are unique in a machine, not only in a block. */
  readonly names: Set<string>;
  /** Variables assigned outside the present block. */
  readonly outer: ReadonlySet<string>;
}

export type Say = (code: string, location: string, message: string) => void;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const wholeNumber = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Every expression inside a template: well-formed, closed and of AWS's dialect. */
export const checkTemplate = (value: unknown, at: string, say: Say, readable: readonly Readable[] = always): void => {
  if (typeof value === 'string') {
    if (value.startsWith('{%') !== value.endsWith('%}'))
      return say('INVALID_JSONATA', at, "must begin with '{%' and end with '%}'");
    const text = expressionIn(value);
    const problem = text === undefined ? undefined : problemOfExpression(text, readable);
    if (problem) say('INVALID_JSONATA', at, problem);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => checkTemplate(item, `${at}[${index}]`, say, readable));
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkTemplate(item, `${at}/${key}`, say, readable);
  }
};

export const isExpression = (value: unknown): boolean => typeof value === 'string' && expressionIn(value) !== undefined;

/** A number within bounds, or an expression that will yield one. */
export const checkNumber = (value: unknown, at: string, least: number, most: number, say: Say): void => {
  if (value === undefined) return;
  if (isExpression(value)) return checkTemplate(value, at, say);
  if (!wholeNumber(value, least, most))
    say('SCHEMA_VALIDATION_FAILED', at, `must be a whole number from ${least} to ${most} or an expression`);
};

/** Reserved by AWS for input, result, error and context. */
const reserved = 'states';
const variableName = /^[\p{ID_Start}][\p{ID_Continue}]{0,79}$/u;

export const checkAssign = (value: unknown, at: string, say: Say, readable: readonly Readable[]): void => {
  if (value === undefined) return;
  if (!isObject(value)) return say('SCHEMA_VALIDATION_FAILED', at, 'must be an object of variables');
  for (const [name, template] of Object.entries(value)) {
    if (name === reserved) say('SCHEMA_VALIDATION_FAILED', `${at}/${name}`, 'is a reserved name');
    else if (!variableName.test(name)) say('SCHEMA_VALIDATION_FAILED', `${at}/${name}`, 'is not a name for a variable');
    checkTemplate(template, `${at}/${name}`, say, readable);
  }
};

export const checkErrorEquals = (entries: readonly unknown[], at: string, say: Say): void => {
  entries.forEach((entry, index) => {
    const place = `${at}[${index}]/ErrorEquals`;
    const names = isObject(entry) ? entry.ErrorEquals : undefined;
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string'))
      return say('SCHEMA_VALIDATION_FAILED', place, 'must be a list of error names');
    if (!names.includes('States.ALL')) return;
    if (names.length > 1) say('SCHEMA_VALIDATION_FAILED', place, 'must hold States.ALL alone');
    if (index < entries.length - 1) say('SCHEMA_VALIDATION_FAILED', place, 'holds States.ALL and is not the last one');
  });
};
