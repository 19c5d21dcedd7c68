import type { Retrier } from './definition.ts';
import { isMatchedBy } from './failure.ts';
import type { StateFailure } from './failure.ts';

export interface RetryDecision {
  /** Attempts used so far, one number for each retrier. */
  readonly attempts: readonly number[];
  readonly delayMs: number;
}

/** The first retrier that matches decides, and each retrier counts for itself. */
export const decideRetry = (
  retriers: readonly Retrier[],
  used: readonly number[],
  failure: StateFailure,
  random: () => number,
): RetryDecision | undefined => {
  const index = retriers.findIndex((retrier) => isMatchedBy(failure, retrier.ErrorEquals));
  const retrier = retriers[index];
  if (!retrier) return undefined;
  const count = used[index] ?? 0;
  if (count >= (retrier.MaxAttempts ?? 3)) return undefined;
  const attempts = retriers.map((_, position) => (used[position] ?? 0) + (position === index ? 1 : 0));
  const seconds = Math.min(
    (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** count,
    retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
  );
  return { attempts, delayMs: seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? random() : 1) };
};
