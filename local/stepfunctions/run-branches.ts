import { bindingsOf, positionOf, recordIn, remember } from './branch.ts';
import type { Branch } from './branch.ts';
import type { Block, Json, MapState, ParallelState, State } from './definition.ts';
import { expectType, expectWhole } from './evaluate.ts';
import { Interrupted, StateFailure, refuseLargePayload } from './failure.ts';
import { mapIteration, mapStateStarted } from './history.ts';
import type { EventDraft } from './history.ts';
import { createController, either } from './run.ts';

type RunBlock = (branch: Branch, input: Json) => Promise<Json>;

/** An inline Map runs at most this many iterations at a time, whatever MaxConcurrency says. */
const mostConcurrent = 40;

/** AWS takes MaxConcurrency up to this. */
const largestConcurrency = 1000;

const childPath = (path: string, name: string, started: number, index: number): string =>
  `${path}${name}#${started}/${index}/`;

const blockAt = (state: MapState | ParallelState, index: number): Block => {
  const block = state.Type === 'Map' ? state.ItemProcessor : state.Branches[index];
  if (!block) throw new Error(`The state has no branch ${index}.`);
  return block;
};

const startMap = async (branch: Branch, state: MapState): Promise<void> => {
  const { evaluate } = branch.run.services;
  const { input, state: name, progress } = positionOf(branch);
  const found = state.Items === undefined ? input : await evaluate(state.Items, 'Items', bindingsOf(branch));
  const items = expectType<readonly Json[]>(found, state.Items ?? '$states.input', 'Items', 'array');
  const { MaxConcurrency: template = 0 } = state;
  const most = await evaluate(template, 'MaxConcurrency', bindingsOf(branch));
  const concurrency = expectWhole(most, template, 'MaxConcurrency', 0, largestConcurrency) || mostConcurrent;
  const inputs: Json[] = [];
  for (const [index, value] of items.entries()) {
    const context = { Map: { Item: { Index: index, Value: value } } };
    const selected =
      state.ItemSelector === undefined
        ? value
        : await evaluate(state.ItemSelector, 'ItemSelector', bindingsOf(branch, {}, context));
    refuseLargePayload(JSON.stringify(selected), `input of an iteration of the state '${name}'`);
    inputs.push(selected);
  }
  const started = branch.run.execution.eventCount + 1;
  recordIn(branch, {
    events: [mapStateStarted(items.length)],
    progress: {
      ...(progress.retries && { retries: progress.retries }),
      started,
      inputs,
      items: state.ItemSelector === undefined ? inputs : items,
      concurrency: Math.min(concurrency, mostConcurrent),
    },
  });
};

const startParallel = async (branch: Branch, state: ParallelState): Promise<void> => {
  const { input, progress, state: name } = positionOf(branch);
  const { evaluate } = branch.run.services;
  const given =
    state.Arguments === undefined ? input : await evaluate(state.Arguments, 'Arguments', bindingsOf(branch));
  refuseLargePayload(JSON.stringify(given), `input of the branches of the state '${name}'`);
  recordIn(branch, {
    events: [{ type: 'ParallelStateStarted' }],
    progress: {
      ...(progress.retries && { retries: progress.retries }),
      started: branch.run.execution.eventCount + 1,
      inputs: state.Branches.map(() => given),
      concurrency: state.Branches.length,
    },
  });
};

const aborted = (state: State): readonly EventDraft[] =>
  ['Task', 'Map', 'Parallel', 'Wait'].includes(state.Type) ? [{ type: `${state.Type}StateAborted` }] : [];

/** The events that close what a branch had open, inner branches first. */
const abandon = (branch: Branch, path: string, block: Block): readonly EventDraft[] => {
  const position = branch.run.execution.positions.get(path);
  const state = position && block.States[position.state];
  if (!state) return [];
  return [...abandonInner(branch, path, state), ...aborted(state)];
};

const abandonInner = (branch: Branch, path: string, state: State, failed?: number): readonly EventDraft[] => {
  const { positions, last } = branch.run.execution;
  const position = positions.get(path);
  const started = position?.progress.started;
  if (!position || started === undefined || (state.Type !== 'Map' && state.Type !== 'Parallel')) return [];
  const { inputs = [] } = position.progress;
  return inputs.flatMap((_, index) => {
    const inner = childPath(path, position.state, started, index);
    const isOpen = branch.run.execution.done.get(inner) === undefined && last.has(inner);
    if (!isOpen || index === failed) return [];
    const iteration = state.Type === 'Map' ? [mapIteration('Aborted', position.state, index)] : [];
    return [...iteration, ...abandon(branch, inner, blockAt(state, index))];
  });
};

/** A branch has failed: AWS tells the failed one, then the others, all as following on the event of the failure. */
const recordFailure = (
  branch: Branch,
  state: MapState | ParallelState,
  failed: number,
  failure: StateFailure,
): void => {
  const { execution } = branch.run;
  const { state: name, progress } = positionOf(branch);
  const path = childPath(branch.path, name, progress.started ?? 0, failed);
  const previous = execution.last.get(path) ?? 0;
  const own = execution.positions.get(path);
  const ownState = own && blockAt(state, failed).States[own.state];
  const events: readonly EventDraft[] = [
    ...(state.Type === 'Map' ? [mapIteration('Failed', name, failed)] : []),
    ...(ownState ? aborted(ownState) : []),
    ...abandonInner(branch, branch.path, state, failed),
    { type: `${state.Type}StateFailed` },
  ];
  recordIn(branch, {
    events: events.map((event) => ({ ...event, previous })),
    progress: remember(branch, failure),
  });
};

const runInner = async (branch: Branch, state: MapState | ParallelState, runBlock: RunBlock): Promise<Json> => {
  const { execution } = branch.run;
  const { state: name, variables, progress } = positionOf(branch);
  const { started = 0, inputs = [], items = inputs, concurrency = mostConcurrent } = progress;
  const pathAt = (index: number): string => childPath(branch.path, name, started, index);
  const siblings = createController();
  const signal = either(branch.signal, siblings.signal);

  const runOne = async (index: number, input: Json): Promise<Json> => {
    const inner: Branch = {
      run: branch.run,
      path: pathAt(index),
      block: blockAt(state, index),
      outer: { ...branch.outer, ...variables },
      signal,
      origin: started,
      ...(state.Type === 'Map'
        ? { item: { Item: { Index: index, Value: items[index] ?? null } } }
        : branch.item !== undefined && { item: branch.item }),
      closing: () => (state.Type === 'Map' ? { events: [mapIteration('Succeeded', name, index)] } : {}),
    };
    if (state.Type === 'Map' && !execution.last.has(inner.path))
      recordIn(inner, { events: [mapIteration('Started', name, index, started)] });
    // All iterations that can start do so before the first of them goes on.
    await Promise.resolve();
    return runBlock(inner, input);
  };

  const outputs: Json[] = [];
  let next = 0;
  let failed: { readonly index: number; readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < inputs.length && !failed) {
      const index = next++;
      try {
        outputs[index] = await runOne(index, inputs[index] ?? null);
      } catch (error) {
        failed ??= { index, error };
        siblings.abort(new Interrupted());
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, inputs.length) }, work));
  if (failed) {
    if (failed.error instanceof StateFailure) recordFailure(branch, state, failed.index, failed.error);
    throw failed.error;
  }
  const previous = Math.max(started, ...inputs.map((_, index) => execution.last.get(pathAt(index)) ?? 0));
  if (progress.succeeded === undefined)
    recordIn(branch, {
      events: [{ type: `${state.Type}StateSucceeded`, previous }],
      progress: { ...progress, succeeded: execution.eventCount + 1 },
    });
  return outputs;
};

export const runMap = async (branch: Branch, state: MapState, runBlock: RunBlock): Promise<Json> => {
  if (positionOf(branch).progress.started === undefined) await startMap(branch, state);
  return runInner(branch, state, runBlock);
};

export const runParallel = async (branch: Branch, state: ParallelState, runBlock: RunBlock): Promise<Json> => {
  if (positionOf(branch).progress.started === undefined) await startParallel(branch, state);
  return runInner(branch, state, runBlock);
};
