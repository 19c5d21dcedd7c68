import { Script, createContext } from 'node:vm';
import type jsonata from 'jsonata';

/** How deep an evaluation may nest on AWS: a sum of 100 terms is accepted, one of 101 is not. */
const deepest = 100;
/** What one value that an expression builds may hold on AWS: so many characters, or an eighth of it in elements. */
const largestBytes = 6_990_256;
/** AWS names no limit of time; its engine gives up on endless loops as this one does. */
const longestMs = 2_000;

const stackMessage =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';
const timeMessage = 'Expression evaluation timeout: Check for infinite loop';
const memoryMessage = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';

export const memoryExceeded = (): Error => new RangeError(memoryMessage);

/** The codes with which the library gives up, in AWS's words; AWS tells these without a code. */
export const limitMessages: Readonly<Record<string, string>> = {
  D1011: stackMessage,
  D1012: timeMessage,
  D2014: memoryMessage,
  D2015: memoryMessage,
};

const search = new Script('pattern.exec(text)');
const inside = createContext(Object.create(null) as object) as { pattern?: RegExp; text?: string };

/** A regular expression can try for hours, and nothing but a time limit of the engine below ends it. */
const boundedRegExp = function (pattern: RegExp | string, flags?: string): RegExp {
  const regExp = new RegExp(pattern, flags);
  regExp.exec = (text) => {
    Object.assign(inside, { pattern: new RegExp(regExp), text });
    inside.pattern!.lastIndex = regExp.lastIndex;
    try {
      const found = search.runInContext(inside, { timeout: longestMs }) as RegExpExecArray | null;
      regExp.lastIndex = inside.pattern!.lastIndex;
      return found;
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? new Error(timeMessage) : error;
    }
  };
  return regExp;
} as unknown as RegExpConstructor;

export const limits: jsonata.JsonataOptions = {
  timeout: longestMs,
  stack: deepest,
  sequence: Math.floor(largestBytes / 8),
  RegexEngine: boundedRegExp,
};

/** Looks at every value on the way, since a string that doubles is no deep nesting and takes no time. */
export const watchMemory = (expression: jsonata.Expression): void => {
  const look = (_node: unknown, _input: unknown, _environment: unknown, value: unknown): void => {
    if (typeof value === 'string' && value.length > largestBytes) throw memoryExceeded();
    if (Array.isArray(value) && value.length > largestBytes / 8) throw memoryExceeded();
  };
  // The library looks this hook up among its variables.
  expression.assign(Symbol.for('jsonata.__evaluate_exit') as unknown as string, look);
};
