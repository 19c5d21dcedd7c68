import { bindingsOf, conclude, inState, positionOf, recordIn } from './branch.ts';
import type { Branch, Step } from './branch.ts';
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from './definition.ts';
import { QueryFailure, expectType, expectWhole } from './evaluate.ts';
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
    return expectType<string>(value, template, field, 'string');
  };
  throw new StateFailure(await text('Error'), await text('Cause'));
};

export const runChoice = async (branch: Branch, state: ChoiceState): Promise<Step> => {
  const { input } = positionOf(branch);
  for (const [index, choice] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const met = await branch.run.services.evaluate(choice.Condition, field, bindingsOf(branch));
    if (expectType<boolean>(met, choice.Condition, field, 'boolean'))
      return conclude(branch, choice, choice.Next, input);
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
    const text = expectType<string>(value, state.Timestamp, 'Timestamp', 'string');
    const at = timestampForm.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at))
      throw new QueryFailure(`'${text}' is not a timestamp such as 2026-01-31T12:00:00Z.`, 'Timestamp');
    return at;
  }
  const { Seconds: template = 0 } = state;
  const value = await evaluate(template, 'Seconds', bindingsOf(branch));
  return clock.now() + expectWhole(value, template, 'Seconds', 0, longestWait) * 1000;
};

export const runWait = async (branch: Branch, state: WaitState): Promise<Step> => {
  const position = positionOf(branch);
  const until = position.progress.pausedUntil ?? (await waitUntil(branch, state));
  if (position.progress.pausedUntil === undefined) recordIn(branch, { progress: { pausedUntil: until } });
  await sleepUntil(branch.run.services.clock, until, branch.signal);
  return conclude(branch, state, state.Next, position.input);
};
