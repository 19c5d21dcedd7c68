import { spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  ConflictException,
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UpdateScheduleCommand,
  ValidationException,
  paginateListSchedules,
  type CreateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '../../../local/scheduler/store.ts';
import { RoleArn, functionArn, machineArn, once, startScheduler } from './start-scheduler.ts';

const minute = 60_000;
const failure = { functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'broken' } } as const;

let on: Awaited<ReturnType<typeof startScheduler>>;
beforeEach(async () => {
  on = await startScheduler();
});
afterEach(() => on.close());

const create = (change: Partial<CreateScheduleCommandInput> = {}) =>
  on.sdk().send(new CreateScheduleCommand({ ...once, ...change }));
const get = (Name = 'session-1') => on.sdk().send(new GetScheduleCommand({ Name }));

describe('a one-time schedule', () => {
  test('is described as it was made, with the defaults of the service', async () => {
    const { ScheduleArn } = await create({ Description: 'joins', ScheduleExpressionTimezone: 'Europe/Berlin' });
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/default/session-1');
    expect(await get()).toMatchObject({
      ...{ Arn: ScheduleArn, Name: 'session-1', GroupName: 'default', State: 'ENABLED', Description: 'joins' },
      ...{ ScheduleExpression: once.ScheduleExpression, ScheduleExpressionTimezone: 'Europe/Berlin' },
      ...{ FlexibleTimeWindow: { Mode: 'OFF' }, ActionAfterCompletion: 'NONE' },
      Target: { ...once.Target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
      CreationDate: new Date('2026-11-21T12:00:00Z'),
      LastModificationDate: new Date('2026-11-21T12:00:00Z'),
    });
  });

  test('calls its function at its time, once, with its input, and stays', async () => {
    await create();
    await on.hand.pass(60 * minute - 1);
    expect(on.calls).toEqual([]);
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.made(1);
    await on.drain();
    on.hand.moveTo('2026-11-23T13:00:00Z');
    expect(on.calls).toEqual([{ sessionId: '1' }]);
    expect((await get()).State).toBe('ENABLED');
  });

  test('is deleted after its call, if it asks for that, and after a failed one too', async () => {
    on.does.invoke = async () => failure;
    await create({ ActionAfterCompletion: 'DELETE' });
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.hand.asleep(1);
    expect((await get()).Name).toBe('session-1');
    on.hand.moveTo('2026-11-21T13:01:00Z');
    await on.hand.asleep(1);
    on.hand.moveTo('2026-11-21T13:03:00Z');
    await on.drain();
    expect(on.calls).toHaveLength(3);
    await expect(get()).rejects.toThrow(ResourceNotFoundException);
    expect(await readFile(join(on.folder, 'dead-letters.jsonl'), 'utf8')).toContain('broken');
  });

  test('starts an execution, under the role it names', async () => {
    await create({ Target: { Arn: machineArn, RoleArn, Input: '{"sessionId":"1"}' } });
    await create({
      Name: 'session-2',
      Target: {
        ...{ Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution', RoleArn },
        Input: JSON.stringify({ StateMachineArn: machineArn, Name: 'session-2', Input: '{"sessionId":"2"}' }),
      },
    });
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.made(2);
    await on.drain();
    expect(on.executions).toEqual([
      { stateMachineArn: machineArn, input: '{"sessionId":"1"}' },
      { stateMachineArn: machineArn, name: 'session-2', input: '{"sessionId":"2"}' },
    ]);
  });

  test('repeats a start that is refused, within its retry policy', async () => {
    on.does.execute = () => Promise.reject(new Error('throttled'));
    await create({ Target: { Arn: machineArn, RoleArn, RetryPolicy: { MaximumRetryAttempts: 2 } } });
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.hand.asleep(1);
    await on.hand.pass(1_000);
    on.hand.moveTo('2026-11-21T14:00:00Z');
    await on.drain();
    expect(on.executions).toHaveLength(3);
  });

  test('without an input notifies in the form of the service, and fills in what an input asks for', async () => {
    await create({ Target: { Arn: functionArn, RoleArn } });
    const Input = '{"at":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>"}';
    await create({ Name: 'asking', Target: { Arn: functionArn, RoleArn, Input } });
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.made(2);
    await on.drain();
    expect(on.calls).toEqual([
      {
        ...{ version: '0', id: expect.any(String), 'detail-type': 'Scheduled Event', source: 'aws.scheduler' },
        ...{ account: '000000000000', time: '2026-11-21T13:00:00Z', region: 'us-east-1', detail: '{}' },
        resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/session-1'],
      },
      { at: '2026-11-21T13:00:00Z', by: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/asking' },
    ]);
  });

  test('in a flexible window comes within it, at the same moment after a restart', async () => {
    await create({ FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 } });
    await on.hand.pass(60 * minute);
    await on.restart();
    await on.hand.asleep(1);
    expect(on.calls).toEqual([]);
    on.hand.moveTo('2026-11-21T13:10:00Z');
    await on.made(1);
    await on.drain();
    expect(on.calls).toHaveLength(1);
  });

  test('that is changed comes at its new time, and what is not said again is forgotten', async () => {
    await create({ Description: 'first' });
    await on.sdk().send(new UpdateScheduleCommand({ ...once, ScheduleExpression: 'at(2026-11-21T12:30:00)' }));
    expect((await get()).Description).toBeUndefined();
    on.hand.moveTo('2026-11-21T12:30:00Z');
    await on.made(1);
    on.hand.moveTo('2026-11-21T13:30:00Z');
    await on.drain();
    expect(on.calls).toHaveLength(1);
  });

  test('that is deleted or disabled does not come', async () => {
    await create();
    await create({ Name: 'disabled', State: 'DISABLED' });
    await on.sdk().send(new DeleteScheduleCommand({ Name: 'session-1' }));
    await on.hand.asleep(0);
    on.hand.moveTo('2026-11-21T14:00:00Z');
    await on.drain();
    expect(on.calls).toEqual([]);
  });
});

describe('a recurring schedule', () => {
  test('runs from its start to its end, a rate from its start on', async () => {
    await create({
      ScheduleExpression: 'rate(10 minutes)',
      StartDate: new Date('2026-11-21T12:05:00Z'),
      EndDate: new Date('2026-11-21T12:26:00Z'),
      Target: { Arn: functionArn, RoleArn, Input: '"<aws.scheduler.scheduled-time>"' },
    });
    for (const time of ['12:05', '12:15']) {
      on.hand.moveTo(`2026-11-21T${time}:00Z`);
      await on.hand.asleep(1);
    }
    on.hand.moveTo('2026-11-21T12:25:00Z');
    await on.made(3);
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.drain();
    expect(on.calls).toEqual(['2026-11-21T12:05:00Z', '2026-11-21T12:15:00Z', '2026-11-21T12:25:00Z']);
  });

  test('with a rate begins at once when no start is given', async () => {
    await create({ ScheduleExpression: 'rate(1 hours)' });
    await on.hand.asleep(1);
    await on.drain();
    expect(on.calls).toHaveLength(1);
  });

  test('makes up for all it missed with one call', async () => {
    await create({ ScheduleExpression: 'cron(0 * * * ? *)' });
    await on.hand.asleep(1);
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.hand.asleep(1);
    await on.restart('2026-11-21T18:30:00Z');
    await on.hand.asleep(1);
    await on.drain();
    // Noon itself, at which it was made, one o'clock, and one call for two to six.
    expect(on.calls).toHaveLength(3);
  });
});

describe('what outlives the process', () => {
  test('is every schedule, and a time that was missed comes as soon as it is there again', async () => {
    await create();
    await on.restart('2026-11-21T13:20:00Z');
    await on.made(1);
    await on.drain();
    expect(on.calls).toEqual([{ sessionId: '1' }]);
    await on.restart();
    await on.drain();
    expect(on.calls).toHaveLength(1);
  });

  test('is a call that was not answered; it is made again', async () => {
    on.does.invoke = (_name, _payload, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('cut off'))));
    await create({ ActionAfterCompletion: 'DELETE' });
    on.hand.moveTo('2026-11-21T13:00:00Z');
    await on.made(1);
    on.does.invoke = async () => ({ payload: null });
    await on.restart();
    await on.drain();
    expect(on.calls).toHaveLength(2);
    await expect(get()).rejects.toThrow(ResourceNotFoundException);
  });

  test('is everything acknowledged before a kill', async () => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', 'local/run.mjs', 'test/local/scheduler/create-forever.ts', on.folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const acknowledged: string[] = [];
    for await (const name of createInterface({ input: child.stdout })) {
      acknowledged.push(name);
      if (acknowledged.length === 50) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await event(child, 'exit');
    const { schedules } = await openStore(on.folder, 0);
    expect(acknowledged.filter((name) => !schedules.has(`default/${name}`))).toEqual([]);
  });
});

describe('a request', () => {
  test('that comes again with its token is answered as before, and is a conflict with other parameters', async () => {
    const first = await create({ ClientToken: 'token-1' });
    await on.restart();
    expect((await create({ ClientToken: 'token-1' })).ScheduleArn).toBe(first.ScheduleArn);
    await expect(create({ ClientToken: 'token-1', Description: 'other' })).rejects.toThrow(ConflictException);
    await expect(create()).rejects.toThrow(ConflictException);
  });

  test('for what is not there is refused by name', async () => {
    await expect(get('nobody')).rejects.toThrow(ResourceNotFoundException);
    const missing = { Name: 'nobody' };
    await expect(on.sdk().send(new DeleteScheduleCommand(missing))).rejects.toThrow(ResourceNotFoundException);
    await expect(on.sdk().send(new UpdateScheduleCommand({ ...once, ...missing }))).rejects.toThrow(/nobody/);
    await expect(create({ GroupName: 'nowhere' })).rejects.toThrow('Schedule group nowhere does not exist.');
  });

  const target = once.Target as NonNullable<CreateScheduleCommandInput['Target']>;
  test.each<[string, Partial<CreateScheduleCommandInput>, RegExp]>([
    ['a name with a slash', { Name: 'a/b' }, /'Name'.*regular expression/],
    ['a name of 65 characters', { Name: 'n'.repeat(65) }, /'Name'.*length/],
    ['no expression that it knows', { ScheduleExpression: 'in(5 minutes)' }, /Invalid Schedule Expression/],
    ['a time that has passed', { ScheduleExpression: 'at(2026-11-21T11:59:00)' }, /passed/],
    ['a day that does not exist', { ScheduleExpression: 'at(2026-11-31T11:59:00)' }, /Invalid Schedule Expression/],
    ['an unknown time zone', { ScheduleExpressionTimezone: 'Mars/Olympus' }, /Timezone Mars/],
    ['a role that is none', { Target: { ...target, RoleArn: 'admin' } }, /'Target.RoleArn'/],
    ['input that is no JSON', { Target: { ...target, Input: '{' } }, /well-formed JSON/],
    ['a window without its length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, /MaximumWindowInMinutes/],
    ['a window of two days', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 2880 } }, /less than/],
    ['186 retries', { Target: { ...target, RetryPolicy: { MaximumRetryAttempts: 186 } } }, /less than or equal to 185/],
    ['a token with a blank', { ClientToken: 'a b' }, /'ClientToken'/],
    [
      'an end that has passed',
      { ScheduleExpression: 'rate(1 hour)', EndDate: new Date('2026-11-21T11:00:00Z') },
      /EndDate/,
    ],
  ])('with %s is invalid', async (_what, change, message) => {
    const refused = create(change);
    await expect(refused).rejects.toThrow(ValidationException);
    await expect(refused).rejects.toThrow(message);
  });

  test.each<[string, Partial<CreateScheduleCommandInput>]>([
    ['a queue', { Target: { ...target, Arn: 'arn:aws:sqs:us-east-1:000000000000:queue' } }],
    ['a task', { Target: { ...target, EcsParameters: { TaskDefinitionArn: 'arn:task' } } }],
  ])('for %s as its target is refused as not supported here', async (_what, change) => {
    await expect(create(change)).rejects.toMatchObject({ name: 'NotSupportedByLocalCloud' });
  });

  test('for tags is refused as not supported here', async () => {
    const ResourceArn = 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/default';
    const tag = new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'a', Value: 'b' }] });
    await expect(on.sdk().send(tag)).rejects.toMatchObject({ name: 'NotSupportedByLocalCloud' });
  });
});

describe('a group', () => {
  test('keeps names apart, is listed page by page, and takes its schedules along when it goes', async () => {
    const { ScheduleGroupArn } = await on.sdk().send(new CreateScheduleGroupCommand({ Name: 'sessions' }));
    expect(ScheduleGroupArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule-group/sessions');
    expect(await on.sdk().send(new GetScheduleGroupCommand({ Name: 'sessions' }))).toMatchObject({ State: 'ACTIVE' });
    for (const Name of ['a-1', 'a-2', 'a-3', 'b-1']) await create({ Name, GroupName: 'sessions' });
    await create({ Name: 'a-1', State: 'DISABLED' });
    const names = async (input: object): Promise<string[]> => {
      const found: string[] = [];
      for await (const { Schedules = [] } of paginateListSchedules({ client: on.sdk(), pageSize: 2 }, input))
        found.push(...Schedules.map(({ GroupName, Name }) => `${GroupName}/${Name}`));
      return found;
    };
    expect(await names({ GroupName: 'sessions', NamePrefix: 'a-' })).toEqual([
      'sessions/a-1',
      'sessions/a-2',
      'sessions/a-3',
    ]);
    expect(await names({ State: 'DISABLED' })).toEqual(['default/a-1']);
    expect((await names({})).length).toBe(5);
    await on.sdk().send(new DeleteScheduleGroupCommand({ Name: 'sessions' }));
    expect((await on.sdk().send(new ListSchedulesCommand({}))).Schedules).toHaveLength(1);
    await expect(on.sdk().send(new ListSchedulesCommand({ GroupName: 'sessions' }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    expect((await on.sdk().send(new ListScheduleGroupsCommand({}))).ScheduleGroups).toHaveLength(1);
    await expect(on.sdk().send(new DeleteScheduleGroupCommand({ Name: 'default' }))).rejects.toThrow(
      ValidationException,
    );
  });
});
