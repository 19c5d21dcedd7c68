import type { Json } from './definition.ts';
import type { EventDraft, HistoryEvent } from './history.ts';
import { isLambdaArn } from './resource.ts';

export interface TaskLimits {
  readonly timeout?: number;
  readonly heartbeat?: number;
}

/** The history of a task: a function by its ARN has event types of its own, an integration has those of tasks. */
export interface TaskEvents {
  scheduled(input: Json, limits: TaskLimits): EventDraft;
  started(): EventDraft;
  submitted(output: Json): EventDraft;
  succeeded(output: Json): EventDraft;
  failed(error: string | undefined, cause: string | undefined): EventDraft;
  timedOut(error: string | undefined): EventDraft;
}

const whole = { truncated: false } as const;

const withoutUndefined = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const functionEvents = (resource: string): TaskEvents => ({
  scheduled: (input, { timeout }) => ({
    type: 'LambdaFunctionScheduled',
    details: [
      'lambdaFunctionScheduledEventDetails',
      withoutUndefined({ resource, input: JSON.stringify(input), inputDetails: whole, timeoutInSeconds: timeout }),
    ],
  }),
  started: () => ({ type: 'LambdaFunctionStarted' }),
  submitted: () => {
    throw new Error('A function called by its ARN has no token.');
  },
  succeeded: (output) => ({
    type: 'LambdaFunctionSucceeded',
    details: ['lambdaFunctionSucceededEventDetails', { output: JSON.stringify(output), outputDetails: whole }],
  }),
  failed: (error, cause) => ({
    type: 'LambdaFunctionFailed',
    details: ['lambdaFunctionFailedEventDetails', withoutUndefined({ error, cause })],
  }),
  timedOut: (error) => ({
    type: 'LambdaFunctionTimedOut',
    details: ['lambdaFunctionTimedOutEventDetails', withoutUndefined({ error })],
  }),
});

const integrationEvents = (integration: string, region: string): TaskEvents => {
  const [resourceType, resource] = integration.split(/:(.*)/);
  const which = { resource, resourceType };
  return {
    scheduled: (input, { timeout, heartbeat }) => ({
      type: 'TaskScheduled',
      details: [
        'taskScheduledEventDetails',
        withoutUndefined({
          ...which,
          region,
          parameters: JSON.stringify(input),
          timeoutInSeconds: timeout,
          heartbeatInSeconds: heartbeat,
        }),
      ],
    }),
    started: () => ({ type: 'TaskStarted', details: ['taskStartedEventDetails', which] }),
    submitted: (output) => ({
      type: 'TaskSubmitted',
      details: ['taskSubmittedEventDetails', { ...which, output: JSON.stringify(output), outputDetails: whole }],
    }),
    succeeded: (output) => ({
      type: 'TaskSucceeded',
      details: ['taskSucceededEventDetails', { ...which, output: JSON.stringify(output), outputDetails: whole }],
    }),
    failed: (error, cause) => ({
      type: 'TaskFailed',
      details: ['taskFailedEventDetails', withoutUndefined({ ...which, error, cause })],
    }),
    timedOut: (error) => ({
      type: 'TaskTimedOut',
      details: ['taskTimedOutEventDetails', withoutUndefined({ ...which, error })],
    }),
  };
};

export const taskEvents = (resource: string, machineArn: string): TaskEvents =>
  isLambdaArn(resource)
    ? functionEvents(resource)
    : integrationEvents(resource.replace(/^arn:aws[a-z-]*:states:::/, ''), machineArn.split(':')[3] ?? '');

interface ScheduledDetails {
  readonly input?: string;
  readonly parameters?: string;
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

/** What a task was scheduled with, so that a task resumed after a crash gets the very same arguments. */
export const readScheduled = (
  event: HistoryEvent | undefined,
): { readonly input: Json; readonly limits: TaskLimits } => {
  const details = (event?.lambdaFunctionScheduledEventDetails ?? event?.taskScheduledEventDetails) as
    ScheduledDetails | undefined;
  if (!details) throw new Error('The history holds no scheduled task where the log points to.');
  const { timeoutInSeconds: timeout, heartbeatInSeconds: heartbeat } = details;
  return {
    input: JSON.parse(details.input ?? details.parameters ?? 'null') as Json,
    limits: { ...(timeout !== undefined && { timeout }), ...(heartbeat !== undefined && { heartbeat }) },
  };
};

export const readSucceeded = (event: HistoryEvent | undefined): Json => {
  const details = (event?.lambdaFunctionSucceededEventDetails ?? event?.taskSucceededEventDetails) as
    { readonly output: string } | undefined;
  if (!details) throw new Error('The history holds no result where the log points to.');
  return JSON.parse(details.output) as Json;
};
