import { bindingsOf, conclude, inState, positionOf, recordIn } from './branch.ts';
import type { Branch, Step } from './branch.ts';
import type { ChoiceState, FailState, Json, PassState, SucceedState, WaitState } from './definition.ts';
import { QueryFailure, expectType } from './evaluate.ts';
import { StateFailure } from './failure.ts';
import { sleepUntil } from './run.ts';

export const runPass = (branch: Branch, state: PassState): Promise<Step> =>
  conclude(branch, state, state.Next, positionOf(branch).input);

export const runSucceed = (branch: Branch, state: SucceedState): Promise<Step> =>
  conclude(branch, state, undefined, positionOf(branch).input);

export const runFail = async (branch: Branch, state: FailState): Promise<never> => {
  const text = async (field: 'Error' | 'Cause'): Promise<string | undefined> => {
    const template = state[field];
    if (template === undefined) return undefined;
    const value = await branch.run.services.evaluate(template, field, bindingsOf(branch));
    return expectType(value, field, 'a string', (found): found is string => typeof found === 'string');
  };
  throw new StateFailure(await text('Error'), await text('Cause'));
};

export const runChoice = async (branch: Branch, state: ChoiceState): Promise<Step> => {
  const { input } = positionOf(branch);
  const isTrue = (value: Json): value is boolean => typeof value === 'boolean';
  for (const [index, choice] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const met = await branch.run.services.evaluate(choice.Condition, field, bindingsOf(branch));
    if (expectType(met, field, 'a boolean', isTrue)) return conclude(branch, choice, choice.Next, input);
  }
  if (state.Default !== undefined) return conclude(branch, state, state.Default, input);
  throw new StateFailure('States.NoChoiceMatched', inState(branch, 'No choice matched, and there is no Default.'));
};

/** RFC 3339 with a capital T and a zone, as AWS demands. */
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const longestWait = 99_999_999;

const waitUntil = async (branch: Branch, state: WaitState): Promise<number> => {
  const { evaluate, clock } = branch.run.services;
  if (state.Timestamp !== undefined) {
    const value = await evaluate(state.Timestamp, 'Timestamp', bindingsOf(branch));
    const text = expectType(value, 'Timestamp', 'a string', (found): found is string => typeof found === 'string');
    const at = timestampForm.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at))
      throw new QueryFailure(`'${text}' is not a timestamp such as 2026-01-31T12:00:00Z.`, 'Timestamp');
    return at;
  }
  const value = await evaluate(state.Seconds ?? 0, 'Seconds', bindingsOf(branch));
  const accept = (found: Json): found is number =>
    typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= longestWait;
  return clock.now() + expectType(value, 'Seconds', `a whole number from 0 to ${longestWait}`, accept) * 1000;
};

export const runWait = async (branch: Branch, state: WaitState): Promise<Step> => {
  const position = positionOf(branch);
  const until = position.progress.pausedUntil ?? (await waitUntil(branch, state));
  if (position.progress.pausedUntil === undefined) recordIn(branch, { progress: { pausedUntil: until } });
  await sleepUntil(branch.run.services.clock, until, branch.signal);
  return conclude(branch, state, state.Next, position.input);
};
