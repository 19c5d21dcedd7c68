import { AwsError, notSupported } from '../gateway/aws-error.ts';

export const invalid = (message: string): AwsError => refusal('ValidationException', 400, message);
/** The error shapes of this service name their text with a capital. */
export const refusal = (name: string, status: number, message: string): AwsError =>
  new AwsError(name, message, status, { Message: message });

/** One member of a request: its constraint as the service's API model has it. */
type Member = {
  readonly type: 'text' | 'number' | 'moment';
  readonly required?: true;
  readonly length?: readonly [least: number, most: number];
  readonly pattern?: RegExp;
  readonly range?: readonly [least: number, most: number];
  readonly among?: readonly string[];
};
type Shape = { readonly [member: string]: Member | { readonly required?: true; readonly members: Shape } };

const name: Member = { type: 'text', length: [1, 64], pattern: /^[0-9a-zA-Z-_.]+$/ };
const clientToken: Member = { type: 'text', length: [1, 64], pattern: /^[a-zA-Z0-9-_]+$/ };
const text = (least: number, most: number): Member => ({ type: 'text', length: [least, most] });
const state: Member = { type: 'text', among: ['ENABLED', 'DISABLED'] };
const page = { NextToken: text(1, 2048), MaxResults: { type: 'number', range: [1, 100] } } as const satisfies Shape;

const schedule: Shape = {
  Name: { ...name, required: true },
  GroupName: name,
  ScheduleExpression: { ...text(1, 256), required: true },
  ScheduleExpressionTimezone: text(1, 50),
  StartDate: { type: 'moment' },
  EndDate: { type: 'moment' },
  Description: text(0, 512),
  State: state,
  KmsKeyArn: { ...text(1, 2048), pattern: /^arn:aws(-[a-z]+)?:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$/ },
  ActionAfterCompletion: { type: 'text', among: ['NONE', 'DELETE'] },
  ClientToken: clientToken,
  FlexibleTimeWindow: {
    required: true,
    members: {
      Mode: { type: 'text', required: true, among: ['OFF', 'FLEXIBLE'] },
      MaximumWindowInMinutes: { type: 'number', range: [1, 1440] },
    },
  },
  Target: {
    required: true,
    members: {
      Arn: { ...text(1, 1600), required: true },
      RoleArn: {
        ...{ ...text(1, 1600), required: true },
        pattern: /^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@/-]+$/,
      },
      Input: text(1, Infinity),
      DeadLetterConfig: {
        members: {
          Arn: { ...text(1, 1600), pattern: /^arn:aws(-[a-z]+)?:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9-_]+$/ },
        },
      },
      RetryPolicy: {
        members: {
          MaximumEventAgeInSeconds: { type: 'number', range: [60, 86_400] },
          MaximumRetryAttempts: { type: 'number', range: [0, 185] },
        },
      },
    },
  },
};
const one: Shape = { Name: { ...name, required: true }, ClientToken: clientToken };

/** What each operation takes, after the botocore model of 2021-06-30. */
export const shapes = {
  CreateSchedule: schedule,
  UpdateSchedule: schedule,
  GetSchedule: { Name: { ...name, required: true }, GroupName: name },
  DeleteSchedule: { ...one, GroupName: name },
  ListSchedules: { GroupName: name, NamePrefix: name, State: state, ...page },
  CreateScheduleGroup: one,
  GetScheduleGroup: { Name: { ...name, required: true } },
  DeleteScheduleGroup: one,
  ListScheduleGroups: { NamePrefix: name, ...page },
} as const satisfies Record<string, Shape>;

/** Refuses what the service refuses; a member that only the real service understands is refused by its name. */
export const readInput = (operation: string, shape: Shape, input: Record<string, unknown>): void => {
  const complaints = complaintsAbout(operation, shape, input, '');
  const [first] = complaints;
  if (first === undefined) return;
  const count = complaints.length;
  throw invalid(`${count} validation error${count > 1 ? 's' : ''} detected: ${complaints.join('; ')}`);
};

const complaintsAbout = (operation: string, shape: Shape, input: Record<string, unknown>, path: string): string[] => {
  for (const [member, value] of Object.entries(input))
    if (value !== undefined && !Object.hasOwn(shape, member))
      throw notSupported(`The member ${path}${member} of ${operation}`);
  return Object.entries(shape).flatMap(([member, wanted]) => {
    const value = input[member];
    const at = `'${path}${member}'`;
    if (value === undefined || value === null)
      return wanted.required ? [`Value null at ${at} failed to satisfy constraint: Member must not be null`] : [];
    if (!('members' in wanted)) {
      const constraint = brokenBy(value, wanted);
      return constraint ? [`Value at ${at} failed to satisfy constraint: ${constraint}`] : [];
    }
    if (typeof value !== 'object') throw refusal('SerializationException', 400, `${path}${member} must be an object`);
    return complaintsAbout(operation, wanted.members, value as Record<string, unknown>, `${path}${member}.`);
  });
};

const brokenBy = (value: unknown, { type, length, pattern, range, among }: Member): string | undefined => {
  if (typeof value !== (type === 'text' ? 'string' : 'number')) return `Member must be a ${type}`;
  if (typeof value === 'string') {
    if (length && value.length < length[0]) return `Member must have length greater than or equal to ${length[0]}`;
    if (length && value.length > length[1]) return `Member must have length less than or equal to ${length[1]}`;
    if (pattern && !pattern.test(value)) return `Member must satisfy regular expression pattern: ${pattern.source}`;
    if (among && !among.includes(value)) return `Member must satisfy enum value set: [${among.join(', ')}]`;
  }
  if (typeof value === 'number' && range) {
    if (value < range[0]) return `Member must have value greater than or equal to ${range[0]}`;
    if (value > range[1]) return `Member must have value less than or equal to ${range[1]}`;
  }
  return undefined;
};
