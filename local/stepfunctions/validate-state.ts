import { always } from './dialect.ts';
import type { Readable } from './dialect.ts';
import { blockFields, catcherFields, choiceFields, fieldsOf, retrierFields, whyNotAllowed } from './fields.ts';
import { problemOfResource, waitsForToken } from './resource.ts';
import {
  checkAssign,
  checkErrorEquals,
  checkNumber,
  checkTemplate,
  isExpression,
  isObject,
  wholeNumber,
} from './validate-value.ts';
import type { Say, Scope } from './validate-value.ts';

/** Checks a block of states: injected, since states hold blocks and blocks hold states. */
export type CheckBlock = (block: unknown, at: string, allowed: readonly string[], scope: Scope) => void;

type Fields = Record<string, unknown>;

export const checkFields = (value: Fields, at: string, allowed: readonly string[], say: Say): void => {
  for (const field of Object.keys(value))
    if (!allowed.includes(field)) say('SCHEMA_VALIDATION_FAILED', `${at}/${field}`, whyNotAllowed(field));
};

const checkOutcome = (part: Fields, at: string, say: Say, readable: readonly Readable[]): void => {
  checkTemplate(part.Output, `${at}/Output`, say, readable);
  checkAssign(part.Assign, `${at}/Assign`, say, readable);
};

/** A list of retriers, catchers or choices. */
const checkList = (
  value: unknown,
  at: string,
  allowed: readonly string[],
  say: Say,
  each: (entry: Fields, at: string) => void,
) => {
  if (value === undefined) return;
  if (!Array.isArray(value)) return say('SCHEMA_VALIDATION_FAILED', at, 'must be a list');
  value.forEach((entry: unknown, index) => {
    const place = `${at}[${index}]`;
    if (!isObject(entry)) return say('SCHEMA_VALIDATION_FAILED', place, 'must be an object');
    checkFields(entry, place, allowed, say);
    each(entry, place);
  });
  if (allowed.includes('ErrorEquals')) checkErrorEquals(value, at, say);
};

const checkNext = (entry: Fields, at: string, say: Say, readable: readonly Readable[]): void => {
  if (typeof entry.Next !== 'string') say('SCHEMA_VALIDATION_FAILED', `${at}/Next`, 'must name a state');
  checkOutcome(entry, at, say, readable);
};

const checkRetrier = (retrier: Fields, at: string, say: Say): void => {
  const bounds = (field: string, least: number, most: number): void => {
    if (retrier[field] !== undefined && !wholeNumber(retrier[field], least, most))
      say('SCHEMA_VALIDATION_FAILED', `${at}/${field}`, `must be a whole number from ${least} to ${most}`);
  };
  bounds('IntervalSeconds', 1, 99_999_999);
  bounds('MaxAttempts', 0, 99_999_999);
  bounds('MaxDelaySeconds', 1, 31_622_400);
  const { BackoffRate: rate, JitterStrategy: jitter, MaxDelaySeconds: most, IntervalSeconds: first = 1 } = retrier;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 1))
    say('SCHEMA_VALIDATION_FAILED', `${at}/BackoffRate`, 'must be a number of at least 1');
  if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE')
    say('SCHEMA_VALIDATION_FAILED', `${at}/JitterStrategy`, 'must be FULL or NONE');
  if (typeof most === 'number' && typeof first === 'number' && most <= first)
    say('SCHEMA_VALIDATION_FAILED', `${at}/MaxDelaySeconds`, 'must be greater than IntervalSeconds');
};

const checkTask = (state: Fields, at: string, say: Say): void => {
  const { Resource: resource, HeartbeatSeconds: heartbeat, TimeoutSeconds: timeout } = state;
  const problem = problemOfResource(resource);
  if (problem) say('UNSUPPORTED', `${at}/Resource`, problem);
  checkTemplate(state.Arguments, `${at}/Arguments`, say);
  checkNumber(timeout, `${at}/TimeoutSeconds`, 1, 99_999_999, say);
  checkNumber(heartbeat, `${at}/HeartbeatSeconds`, 1, 99_999_999, say);
  if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout)
    say('SCHEMA_VALIDATION_FAILED', `${at}/HeartbeatSeconds`, 'must be smaller than TimeoutSeconds');
  if (problem || typeof resource !== 'string') return;
  const isToken = waitsForToken(resource);
  if (heartbeat !== undefined && !isToken)
    say('UNSUPPORTED', `${at}/HeartbeatSeconds`, 'is supported by the local cloud with .waitForTaskToken alone');
  if (isToken && !JSON.stringify(state.Arguments ?? '').includes('$states.context.Task.Token'))
    say('SCHEMA_VALIDATION_FAILED', `${at}/Arguments`, 'must pass on $states.context.Task.Token');
  if (!resource.includes(':states:')) return;
  if (isObject(state.Arguments)) {
    checkFields(state.Arguments, `${at}/Arguments`, ['FunctionName', 'Payload'], say);
    if (state.Arguments.FunctionName === undefined)
      say('SCHEMA_VALIDATION_FAILED', `${at}/Arguments`, 'must have a FunctionName');
  } else if (typeof state.Arguments !== 'string')
    say('SCHEMA_VALIDATION_FAILED', `${at}/Arguments`, 'must be an object with a FunctionName');
};

const checkWait = (state: Fields, at: string, say: Say): void => {
  if ((state.Seconds === undefined) === (state.Timestamp === undefined))
    say('SCHEMA_VALIDATION_FAILED', at, 'must have either Seconds or Timestamp');
  checkNumber(state.Seconds, `${at}/Seconds`, 0, 99_999_999, say);
  if (state.Timestamp === undefined) return;
  if (typeof state.Timestamp !== 'string') say('SCHEMA_VALIDATION_FAILED', `${at}/Timestamp`, 'must be a string');
  checkTemplate(state.Timestamp, `${at}/Timestamp`, say);
};

const checkMap = (state: Fields, at: string, scope: Scope, checkBlock: CheckBlock, say: Say): void => {
  checkTemplate(state.Items, `${at}/Items`, say);
  if (state.Items !== undefined && !Array.isArray(state.Items) && !isExpression(state.Items))
    say('SCHEMA_VALIDATION_FAILED', `${at}/Items`, 'must be a list or an expression');
  checkTemplate(state.ItemSelector, `${at}/ItemSelector`, say);
  checkNumber(state.MaxConcurrency, `${at}/MaxConcurrency`, 0, 1000, say);
  const place = `${at}/ItemProcessor`;
  const config = isObject(state.ItemProcessor) ? state.ItemProcessor.ProcessorConfig : undefined;
  if (config !== undefined && !(isObject(config) && (config.Mode ?? 'INLINE') === 'INLINE'))
    say(
      'UNSUPPORTED',
      `${place}/ProcessorConfig`,
      'must be of Mode INLINE: the local cloud does not support the distributed Map',
    );
  else if (isObject(config)) checkFields(config, `${place}/ProcessorConfig`, ['Mode'], say);
  checkBlock(state.ItemProcessor, place, [...blockFields, 'ProcessorConfig'], scope);
};

const checkParallel = (state: Fields, at: string, scope: Scope, checkBlock: CheckBlock, say: Say): void => {
  checkTemplate(state.Arguments, `${at}/Arguments`, say);
  if (!Array.isArray(state.Branches) || state.Branches.length === 0)
    return say('SCHEMA_VALIDATION_FAILED', `${at}/Branches`, 'must be a list of branches');
  state.Branches.forEach((branch, index) => checkBlock(branch, `${at}/Branches[${index}]`, blockFields, scope));
};

const checkChoice = (state: Fields, at: string, say: Say): void => {
  if (!Array.isArray(state.Choices) || state.Choices.length === 0)
    say('SCHEMA_VALIDATION_FAILED', `${at}/Choices`, 'must be a list of choices');
  checkList(state.Choices, `${at}/Choices`, choiceFields, say, (entry, place) => {
    if (typeof entry.Condition !== 'string' && typeof entry.Condition !== 'boolean')
      say('SCHEMA_VALIDATION_FAILED', `${place}/Condition`, 'must be an expression');
    checkTemplate(entry.Condition, `${place}/Condition`, say);
    checkNext(entry, place, say, always);
  });
};

const checkFlow = (state: Fields, at: string, say: Say): void => {
  if ((state.Next === undefined) === (state.End === undefined))
    say('SCHEMA_VALIDATION_FAILED', at, 'must have either Next or End');
  if (state.Next !== undefined && typeof state.Next !== 'string')
    say('SCHEMA_VALIDATION_FAILED', `${at}/Next`, 'must name a state');
  if (state.End !== undefined && state.End !== true) say('SCHEMA_VALIDATION_FAILED', `${at}/End`, 'must be true');
};

export const checkState = (state: unknown, at: string, scope: Scope, checkBlock: CheckBlock, say: Say): void => {
  if (!isObject(state)) return say('SCHEMA_VALIDATION_FAILED', at, 'must be an object');
  const type = state.Type as keyof typeof fieldsOf;
  if (typeof type !== 'string' || !Object.hasOwn(fieldsOf, type))
    return say('SCHEMA_VALIDATION_FAILED', `${at}/Type`, `is not a type of state: '${String(state.Type)}'`);
  const allowed = fieldsOf[type];
  if ((state.QueryLanguage ?? (scope.isJsonata ? 'JSONata' : 'JSONPath')) !== 'JSONata')
    say('UNSUPPORTED', `${at}/QueryLanguage`, 'must be JSONata: JSONPath is not supported by the local cloud');
  checkFields(state, at, [...allowed, 'Type', 'Comment', 'QueryLanguage'], say);
  if (allowed.includes('Next')) checkFlow(state, at, say);
  checkOutcome(state, at, say, allowed.includes('Catch') ? [...always, 'result'] : always);
  checkList(state.Retry, `${at}/Retry`, retrierFields, say, (entry, place) => checkRetrier(entry, place, say));
  checkList(state.Catch, `${at}/Catch`, catcherFields, say, (entry, place) =>
    checkNext(entry, place, say, [...always, 'errorOutput']),
  );
  if (type === 'Task') checkTask(state, at, say);
  if (type === 'Wait') checkWait(state, at, say);
  if (type === 'Choice') checkChoice(state, at, say);
  if (type === 'Map') checkMap(state, at, scope, checkBlock, say);
  if (type === 'Parallel') checkParallel(state, at, scope, checkBlock, say);
  for (const field of type === 'Fail' ? ['Error', 'Cause'] : []) {
    if (state[field] !== undefined && typeof state[field] !== 'string')
      say('SCHEMA_VALIDATION_FAILED', `${at}/${field}`, 'must be a string');
    checkTemplate(state[field], `${at}/${field}`, say);
  }
};
