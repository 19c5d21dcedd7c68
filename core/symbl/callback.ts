import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

/** What the service posts when a job changes: as its documents have it, or as it was seen to send it. */
export const callbackBody = z
  .union([
    z.object({ jobId: z.string().min(1), status: z.string() }),
    z.object({ id: z.string().min(1), status: z.string() }).transform(({ id, status }) => ({ jobId: id, status })),
  ])
  .describe('jobId or id, and status');

/** The secret of one job's callbacks, which are not signed: nobody else can say that its work has ended. */
export const callbackSecretOf = (jobId: string, key: string): string =>
  createHmac('sha256', key).update(`rapporteur symbl callback ${jobId}`).digest('base64url');

/** In constant time. */
export const isCallbackSecret = (given: string, jobId: string, key: string): boolean => {
  const expected = Buffer.from(callbackSecretOf(jobId, key));
  const told = Buffer.from(given);
  return told.length === expected.length && timingSafeEqual(told, expected);
};

export const callbackUrlOf = (publicUrl: string, jobId: string, key: string): string =>
  `${publicUrl}/callbacks/symbl/${encodeURIComponent(jobId)}/${callbackSecretOf(jobId, key)}`;
