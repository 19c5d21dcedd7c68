import { AwsError } from '../gateway/aws-error.ts';
import type { Definition } from './definition.ts';
import { machineFields } from './fields.ts';
import { checkFields, checkState } from './validate-state.ts';
import { isObject, wholeNumber } from './validate-value.ts';
import type { Problem, Say, Scope } from './validate-value.ts';

export type { Problem } from './validate-value.ts';

/** AWS takes at most 1 MB of definition. */
const sizeLimit = 1024 * 1024;

/** Where every path through the block leads: targets exist, every state is reachable, and something ends it. */
const checkTransitions = (states: Record<string, unknown>, start: string, at: string, say: Say): void => {
  const targets = (state: unknown): { field: string; name: unknown }[] => {
    if (!isObject(state)) return [];
    const listed = (field: string): { field: string; name: unknown }[] =>
      (Array.isArray(state[field]) ? (state[field] as unknown[]) : []).map((entry, index) => ({
        field: `${field}[${index}]/Next`,
        name: isObject(entry) ? entry.Next : undefined,
      }));
    return [
      { field: 'Next', name: state.Next },
      { field: 'Default', name: state.Default },
      ...listed('Catch'),
      ...listed('Choices'),
    ].filter(({ name }) => name !== undefined);
  };
  const reached = new Set<string>();
  const visit = (name: unknown, from: string): void => {
    if (typeof name !== 'string') return;
    if (!Object.hasOwn(states, name)) return say('MISSING_TRANSITION_TARGET', from, `names no state: '${name}'`);
    if (reached.has(name)) return;
    reached.add(name);
    for (const target of targets(states[name])) visit(target.name, `${at}/States/${name}/${target.field}`);
  };
  visit(start, `${at}/StartAt`);
  for (const name of Object.keys(states))
    if (!reached.has(name)) say('MISSING_TRANSITION_TARGET', `${at}/States/${name}`, 'is reached by no state');
  const ends = Object.values(states).some(
    (state) => isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail'),
  );
  if (!ends) say('NO_TERMINAL_STATE', `${at}/States`, 'has no state that ends it');
};

const checkBlock = (block: unknown, at: string, allowed: readonly string[], scope: Scope, say: Say): void => {
  if (!isObject(block)) return say('SCHEMA_VALIDATION_FAILED', at || '/', 'must be an object');
  checkFields(block, at, allowed, say);
  if (typeof block.StartAt !== 'string') say('SCHEMA_VALIDATION_FAILED', `${at}/StartAt`, 'must be a string');
  if (!isObject(block.States) || Object.keys(block.States).length === 0)
    return say('SCHEMA_VALIDATION_FAILED', `${at}/States`, 'must be an object of states');
  // Variables of an outer scope can be read inside, never assigned: the names that this block assigns bind its inner blocks.
  const own = Object.values(block.States).flatMap((state) =>
    isObject(state)
      ? [state, ...[state.Catch, state.Choices].flat()].flatMap((part) =>
          isObject(part) && isObject(part.Assign) ? Object.keys(part.Assign) : [],
        )
      : [],
  );
  for (const name of new Set(own))
    if (scope.outer.has(name))
      say('VARIABLE_SCOPE', `${at}/States`, `assigns the variable '${name}' of an outer scope`);
  const inner = { ...scope, outer: new Set([...scope.outer, ...own]) };
  for (const [name, state] of Object.entries(block.States)) {
    const place = `${at}/States/${name}`;
    if ([...name].length > 80) say('SCHEMA_VALIDATION_FAILED', place, 'has a name of more than 80 characters');
    if (scope.names.has(name)) say('DUPLICATE_STATE_NAME', place, 'has the name of another state of this machine');
    scope.names.add(name);
    checkState(state, place, inner, (...args) => checkBlock(...args, say), say);
  }
  if (typeof block.StartAt === 'string') checkTransitions(block.States, block.StartAt, at, say);
};

const parse = (source: unknown): unknown => {
  if (typeof source !== 'string') return source;
  return JSON.parse(source) as unknown;
};

/** Everything that keeps a definition from running here as it runs on AWS. */
export const problemsOf = (source: unknown): readonly Problem[] => {
  const problems: Problem[] = [];
  const say: Say = (code, location, message) => void problems.push({ code, location, message });
  let definition: unknown;
  try {
    definition = parse(source);
  } catch (error) {
    return [{ code: 'INVALID_JSON_DESCRIPTION', location: '/', message: (error as Error).message }];
  }
  if (Buffer.byteLength(JSON.stringify(definition ?? null)) > sizeLimit)
    say('SCHEMA_VALIDATION_FAILED', '/', 'is larger than 1 MB');
  if (!isObject(definition)) {
    say('SCHEMA_VALIDATION_FAILED', '/', 'must be an object');
    return problems;
  }
  const { QueryLanguage: language, TimeoutSeconds: timeout, Version: version } = definition;
  if (language !== undefined && language !== 'JSONata')
    say('UNSUPPORTED', '/QueryLanguage', 'must be JSONata: JSONPath is not supported by the local cloud');
  if (timeout !== undefined && !wholeNumber(timeout, 1, 99_999_999))
    say('SCHEMA_VALIDATION_FAILED', '/TimeoutSeconds', 'must be a whole number from 1 to 99999999');
  if (version !== undefined && version !== '1.0') say('SCHEMA_VALIDATION_FAILED', '/Version', "must be '1.0'");
  const scope = { isJsonata: language === 'JSONata', names: new Set<string>(), outer: new Set<string>() };
  checkBlock(definition, '', machineFields, scope, say);
  return problems;
};

/** The definition as the engine runs it; refuses by name, naming the state and the field. */
export const parseDefinition = (source: unknown): Definition => {
  const problems = problemsOf(source);
  if (problems.length > 0) {
    const list = problems.map(({ code, message, location }) => `${code}: ${location} ${message}`).join('; ');
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${list}'`);
  }
  return parse(source) as Definition;
};
