import type * as z from 'zod';

const screaming = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * Reads a handler's settings from the environment, once, at cold start. Each handler declares the keys it needs;
 * all that are missing or wrong are named in one message.
 */
export const readConfig = <Schema extends z.ZodObject>(
  schema: Schema,
  environment: Record<string, string | undefined> = process.env,
): z.output<Schema> => {
  const fields = Object.keys(schema.shape);
  const given = Object.fromEntries(fields.map((field) => [field, environment[screaming(field)]]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const complaints = result.error.issues.map((issue) => `${screaming(String(issue.path[0]))}: ${issue.message}`);
  const error = new Error(`BAD_CONFIG: ${[...new Set(complaints)].join('; ')}`);
  error.name = 'PermanentError';
  throw error;
};
