import type * as z from 'zod';
import { PermanentError } from './errors.ts';

const screaming = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * Reads a handler's settings from the environment, once, at cold start. Each handler declares the keys it needs;
 * all that are missing or wrong are named in one message, without their values. An empty one counts as not set:
 * as a number it would quietly be 0.
 */
export const readConfig = <Schema extends z.ZodObject>(
  schema: Schema,
  environment: Record<string, string | undefined> = process.env,
): z.output<Schema> => {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((field) => [field, environment[screaming(field)] || undefined]),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const complaints = result.error.issues.map((issue) => {
    const field = String(issue.path[0]);
    return `${screaming(field)}${given[field] === undefined ? ' is not set' : `: ${issue.message}`}`;
  });
  throw new PermanentError('BAD_CONFIG', [...new Set(complaints)].join('; '));
};

/** Where programs are looked for: no setting of ours, but what the system that runs us has set. */
export const searchPath = (environment: Record<string, string | undefined> = process.env): string | undefined =>
  environment.PATH;
