import { randomUUID } from 'node:crypto';
import * as z from 'zod';

const shape = z.tuple([z.string(), z.uuid()]);

/** Opaque to its holder; names its execution, so that no index of tokens is needed. */
export const createToken = (executionArn: string): string =>
  Buffer.from(JSON.stringify([executionArn, randomUUID()])).toString('base64url');

/** The execution that the token belongs to, or nothing if it is not a token of ours. */
export const executionOfToken = (token: string): string | undefined => {
  try {
    return shape.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))[0];
  } catch {
    return undefined;
  }
};
