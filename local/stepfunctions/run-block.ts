import { explain, positionOf, recordIn, throwRemembered } from './branch.ts';
import type { Branch, Step } from './branch.ts';
import type { Json, State, Variables } from './definition.ts';
import { stateEntered, stateExited } from './history.ts';
import type { EventDraft } from './history.ts';
import { runMap, runParallel } from './run-branches.ts';
import { runFallible } from './run-fallible.ts';
import { runChoice, runFail, runPass, runSucceed, runWait } from './run-simple.ts';
import { runTask } from './run-task.ts';

const stateNamed = (branch: Branch, name: string): State => {
  const state = branch.block.States[name];
  if (!state) throw new Error(`The definition has no state '${name}'.`);
  return state;
};

const enter = (branch: Branch, name: string, input: Json, variables: Variables, before: readonly EventDraft[]): void =>
  recordIn(branch, {
    events: [...before, stateEntered(stateNamed(branch, name).Type, name, input)],
    enter: { variables },
  });

const runState = (branch: Branch, state: State): Promise<Step> => {
  switch (state.Type) {
    case 'Task':
      return runFallible(branch, state, () => runTask(branch, state));
    case 'Parallel':
      return runFallible(branch, state, () => runParallel(branch, state, runBlock));
    case 'Map':
      return runFallible(branch, state, () => runMap(branch, state, runBlock));
    case 'Pass':
      return runPass(branch, state);
    case 'Wait':
      return runWait(branch, state);
    case 'Choice':
      return runChoice(branch, state);
    case 'Succeed':
      return runSucceed(branch, state);
    case 'Fail':
      return runFail(branch, state);
  }
};

/** A redrive enters these anew; the others go on with what they had begun. */
const isEnteredAnew = ({ Type: type }: State): boolean => !['Task', 'Parallel', 'Map', 'Wait'].includes(type);

/** Runs the branch from where the log says it stands, and answers its output. */
export const runBlock = async (branch: Branch, input: Json): Promise<Json> => {
  const { done, positions, last } = branch.run.execution;
  const finished = done.get(branch.path);
  if (finished !== undefined) return finished;
  const present = positions.get(branch.path);
  if (!present) {
    const { StartAt: first } = branch.block;
    const entered = stateEntered(stateNamed(branch, first).Type, first, input);
    const previous = last.get(branch.path) ?? branch.origin;
    recordIn(branch, { events: [{ ...entered, previous }], enter: { variables: {} } });
  } else if (present.redriven && isEnteredAnew(stateNamed(branch, present.state)))
    enter(branch, present.state, present.input, present.variables, []);
  for (;;) {
    const { state: name, variables } = positionOf(branch);
    const state = stateNamed(branch, name);
    let step: Step;
    try {
      // A state that may Retry or Catch looks for itself.
      if (!('Retry' in state || 'Catch' in state)) throwRemembered(branch);
      step = await runState(branch, state);
    } catch (error) {
      throw explain(branch, error);
    }
    const exited = stateExited(state.Type, name, step.output, step.assigned);
    if (step.next === undefined) {
      const closing = branch.closing(step.output);
      recordIn(branch, { ...closing, events: [exited, ...(closing.events ?? [])], done: { output: step.output } });
      return step.output;
    }
    enter(branch, step.next, step.output, { ...variables, ...step.assigned }, [exited]);
  }
};
