import { conclude, explain, positionOf, recordIn, throwRemembered } from './branch.ts';
import type { Branch, Step } from './branch.ts';
import type { Json, MapState, ParallelState, TaskState } from './definition.ts';
import { StateFailure, isMatchedBy } from './failure.ts';
import { decideRetry } from './retry.ts';
import { sleepUntil } from './run.ts';

/** Runs a state that may Retry and Catch; `work` answers its result. */
export const runFallible = async (
  branch: Branch,
  state: TaskState | MapState | ParallelState,
  work: () => Promise<Json>,
): Promise<Step> => {
  const { clock, random } = branch.run.services;
  for (;;) {
    const { pausedUntil } = positionOf(branch).progress;
    if (pausedUntil !== undefined) await sleepUntil(clock, pausedUntil, branch.signal);
    try {
      throwRemembered(branch);
      const result = await work();
      return await conclude(branch, state, state.Next, result, { result });
    } catch (error) {
      const failure = explain(branch, error);
      if (!(failure instanceof StateFailure)) throw failure;
      const retry = decideRetry(state.Retry ?? [], positionOf(branch).progress.retries ?? [], failure, random);
      if (!retry) return handle(branch, state, failure);
      recordIn(branch, { progress: { retries: retry.attempts, pausedUntil: clock.now() + retry.delayMs } });
    }
  }
};

const handle = (branch: Branch, state: TaskState | MapState | ParallelState, failure: StateFailure): Promise<Step> => {
  const catcher = state.Catch?.find(({ ErrorEquals: names }) => isMatchedBy(failure, names));
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error ?? '', Cause: failure.reason ?? '' };
  return conclude(branch, catcher, catcher.Next, errorOutput, { errorOutput });
};
