import type { State } from './definition.ts';

const flow = ['Next', 'End'];
const outcome = ['Output', 'Assign'];
const fallible = ['Retry', 'Catch'];

/** The fields a state of each type may have, besides Type, Comment and QueryLanguage. */
export const fieldsOf: Readonly<Record<State['Type'], readonly string[]>> = {
  Task: ['Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds', ...flow, ...outcome, ...fallible],
  Parallel: ['Branches', 'Arguments', ...flow, ...outcome, ...fallible],
  Map: ['ItemProcessor', 'Items', 'ItemSelector', 'MaxConcurrency', ...flow, ...outcome, ...fallible],
  Pass: [...flow, ...outcome],
  Wait: ['Seconds', 'Timestamp', ...flow, ...outcome],
  Choice: ['Choices', 'Default', ...outcome],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
};

export const retrierFields = [
  'ErrorEquals',
  'IntervalSeconds',
  'BackoffRate',
  'MaxAttempts',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];
export const catcherFields = ['ErrorEquals', 'Next', 'Comment', ...outcome];
export const choiceFields = ['Condition', 'Next', 'Comment', ...outcome];
export const blockFields = ['StartAt', 'States', 'Comment'];
export const machineFields = [...blockFields, 'QueryLanguage', 'TimeoutSeconds', 'Version'];

const jsonPath: ReadonlySet<string> = new Set([
  'InputPath',
  'OutputPath',
  'Parameters',
  'ResultSelector',
  'ResultPath',
  'Result',
  'ItemsPath',
  'MaxConcurrencyPath',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ErrorPath',
  'CausePath',
  'Variable',
  'Iterator',
  'And',
  'Or',
  'Not',
]);

const distributed: ReadonlySet<string> = new Set([
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'Label',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
]);

const unsupported: ReadonlySet<string> = new Set(['Credentials']);

export const whyNotAllowed = (field: string): string => {
  if (jsonPath.has(field)) return 'belongs to JSONPath; machines here are written in JSONata';
  if (distributed.has(field)) return 'belongs to the distributed Map, which the local cloud does not support';
  if (unsupported.has(field)) return 'is not supported by the local cloud';
  return 'is not a field of this place';
};
