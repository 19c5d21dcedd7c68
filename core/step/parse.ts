import type * as z from 'zod';
import { PermanentError } from './errors.ts';
import type { FailureCode } from './failures.ts';

/** Parses at the edge; the error names the first field that is wrong and what was expected, never the value. */
export const parse = <Schema extends z.ZodType>(
  code: FailureCode,
  schema: Schema,
  value: unknown,
): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PermanentError(code, firstComplaint(result.error));
};

export const firstComplaint = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'not readable';
};
