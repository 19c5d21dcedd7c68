import { createHash } from 'node:crypto';
import { notSupported } from '../gateway/aws-error.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { invalid } from './read-input.ts';
import { keyOf, type Schedule, type Target } from './store.ts';

/** The universal target of this service's name for StartExecution: its Input is the request itself. */
const startExecution = 'arn:aws:scheduler:::aws-sdk:sfn:startExecution';
const functionArn = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const machineArn = /^arn:aws:states:[a-z0-9-]+:\d{12}:stateMachine:[\w-]+$/;

export const scheduleArn = (about: { group: string; name: string }): string =>
  `arn:aws:scheduler:${localRegion}:${localAccount}:schedule/${keyOf(about)}`;

export const isFunction = (arn: string): boolean => functionArn.test(arn);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Refuses targets that are not understood here, and input that the target would not understand. */
export const checkTarget = ({ Arn, Input }: Target): void => {
  if (Arn === startExecution) {
    const { StateMachineArn } = (parse(Input ?? '') ?? {}) as { StateMachineArn?: unknown };
    if (typeof StateMachineArn !== 'string' || !machineArn.test(StateMachineArn))
      throw invalid('Invalid RequestJson provided. Reason The required parameter StateMachineArn is missing.');
    return;
  }
  if (!isFunction(Arn) && !machineArn.test(Arn)) throw notSupported(`The target ${Arn} of a schedule`);
  if (Input !== undefined && parse(Input) === undefined) throw invalid('Input must be a well-formed JSON.');
};

/** What one occurrence hands to its target: the input with the words of the service filled in, or a notification. */
export const payloadOf = (schedule: Schedule, due: number): unknown => {
  const arn = scheduleArn(schedule);
  const time = new Date(due).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const digest = createHash('sha256').update(`${arn} ${time}`).digest('hex');
  const id = digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const { Input } = schedule.target;
  if (Input === undefined)
    return {
      ...{ version: '0', id, 'detail-type': 'Scheduled Event', source: 'aws.scheduler' },
      ...{ account: localAccount, time, region: localRegion, resources: [arn], detail: '{}' },
    };
  return parse(
    Input.replaceAll('<aws.scheduler.schedule-arn>', arn)
      .replaceAll('<aws.scheduler.scheduled-time>', time)
      .replaceAll('<aws.scheduler.execution-id>', id)
      .replaceAll('<aws.scheduler.attempt-number>', '1'),
  );
};

/** The request to Step Functions that an occurrence becomes. */
export const executionOf = (
  arn: string,
  payload: unknown,
): { stateMachineArn: string; name?: string; input: string } => {
  if (arn !== startExecution) return { stateMachineArn: arn, input: JSON.stringify(payload) };
  const { StateMachineArn, Name, Input } = payload as { StateMachineArn: string; Name?: string; Input?: unknown };
  const input = typeof Input === 'string' ? Input : JSON.stringify(Input ?? {});
  return { stateMachineArn: StateMachineArn, ...(Name === undefined ? {} : { name: Name }), input };
};

/** Where in its flexible window an occurrence lies: anywhere, and after a restart at the same place. */
export const delayOf = (schedule: Schedule, due: number): number => {
  const { Mode, MaximumWindowInMinutes = 0 } = schedule.window;
  if (Mode === 'OFF') return 0;
  const digest = createHash('sha256')
    .update(`${scheduleArn(schedule)} ${due}`)
    .digest();
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * MaximumWindowInMinutes * 60_000);
};
