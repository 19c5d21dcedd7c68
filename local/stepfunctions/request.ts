import * as z from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import { notSupported } from '../gateway/aws-error.ts';
import { payloadLimit } from './failure.ts';

/** AWS keeps names free of blanks, brackets, wildcards and whatever is special in an ARN or a URL. */

const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export const requireName = (name: string): void => {
  if (name.length === 0 || [...name].length > 80 || forbidden.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
};

export const requireArn = (arn: string, kind: 'stateMachine' | 'execution'): void => {
  if (!arn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  const [, , service, , , type] = arn.split(':');
  if (service !== 'states' || type !== kind)
    throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${type ?? ''}'`);
};

/** JSON text of an input or an output. */
export const requireJson = (text: string, refuse: (why: string) => AwsError): void => {
  if (Buffer.byteLength(text) > payloadLimit)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: the JSON text is longer than ${payloadLimit} bytes`,
    );
  try {
    JSON.parse(text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
};

/** Reads a request; a member of the wrong form is a ValidationException, one that nothing here answers is refused by name. */
export const readRequest = <T extends z.ZodRawShape>(shape: T, input: unknown, operation: string) => {
  const unknown = Object.keys(input ?? {}).find((member) => !Object.hasOwn(shape, member));
  if (unknown !== undefined) throw notSupported(`${operation} with ${unknown}`);
  const result = z.object(shape).safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `'${path.join('.')}': ${message}`);
  throw new AwsError('ValidationException', `${problems.length} validation error(s) detected: ${problems.join('; ')}`);
};

export interface Page {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export const pageShape = {
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().max(3096).optional(),
};

/** A page of a list: the token holds the position of the next one. */
export const paginate = <T>(
  items: readonly T[],
  { maxResults, nextToken }: Page,
): { page: readonly T[]; nextToken?: string } => {
  const text = nextToken === undefined ? '0' : Buffer.from(nextToken, 'base64url').toString();
  if (!/^\d{1,9}$/.test(text)) throw new AwsError('InvalidToken', `Invalid Token: 'Invalid token'`);
  const from = Number(text);
  const to = from + (maxResults || 100);
  const page = items.slice(from, to);
  return to < items.length ? { page, nextToken: Buffer.from(String(to)).toString('base64url') } : { page };
};
