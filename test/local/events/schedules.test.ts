import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEvents, type LocalEvents } from '../../../local/events/events.ts';
import type { InvokeFunction } from '../../../local/lambda-outcome.ts';
import { handClock } from '../../fakes/hand-clock.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:sweep';
const minute = 60_000;

let folder: string;
let hand: ReturnType<typeof handClock>;
let calls: { time: string }[];
let events: LocalEvents;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-schedules-'));
  hand = handClock('2026-11-21T12:00:00Z');
  calls = [];
});
afterEach(async () => {
  await events.close();
  await rm(folder, { recursive: true });
});

const noted: InvokeFunction = async (_, payload) => ({ payload: calls.push(payload as { time: string }) });

const start = async (expression: string, invokeFunction: InvokeFunction = noted): Promise<void> => {
  events = await createEvents({ folder, invokeFunction, clock: hand.clock, scheduleClock: hand.clock });
  await events.putSchedule({ name: 'rapporteur-local-sweep', expression, targets: [{ arn }] });
  events.resume();
};
const times = (): string[] => calls.map(({ time }) => time);

describe('a rule with a schedule', () => {
  test('calls its function at a rate, from a period after it was made, with the event of AWS', async () => {
    await start('rate(5 minutes)');
    await hand.pass(4 * minute + 59_999);
    expect(calls).toEqual([]);
    await hand.pass(9 * minute + 1, minute);
    await events.drain();
    expect(calls[0]).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-11-21T12:05:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/rapporteur-local-sweep'],
      detail: {},
    });
    expect(times().map((time) => time.slice(11, 16))).toEqual(['12:05', '12:10']);
  });

  test('calls it when a cron expression says so', async () => {
    await start('cron(0/30 12-13 ? * SAT *)');
    await hand.pass(8 * 86_400_000, 15 * minute);
    await events.drain();
    expect(times()).toEqual([
      ...['2026-11-21T12:30:00Z', '2026-11-21T13:00:00Z', '2026-11-21T13:30:00Z'],
      ...['2026-11-28T12:00:00Z', '2026-11-28T12:30:00Z', '2026-11-28T13:00:00Z', '2026-11-28T13:30:00Z'],
    ]);
  });

  test('keeps its rate over a restart, and makes one event of all that it missed', async () => {
    await start('rate(5 minutes)');
    await hand.pass(6 * minute, minute);
    await events.close();
    hand.moveTo('2026-11-21T12:33:20Z');
    await start('rate(5 minutes)');
    await hand.asleep(1);
    await events.drain();
    expect(times()).toEqual(['2026-11-21T12:05:00Z', '2026-11-21T12:33:20Z']);
    hand.moveTo('2026-11-21T12:35:00Z');
    await hand.asleep(1);
    await events.drain();
    expect(times().at(-1)).toBe('2026-11-21T12:35:00Z');
    expect(calls).toHaveLength(3);
  });

  test('has at most one event pending after a restart: that which was not delivered before', async () => {
    const never: InvokeFunction = (_name, _payload, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('cut off'))));
    await start('rate(5 minutes)', never);
    await hand.pass(5 * minute);
    await events.close();
    hand.moveTo('2026-11-21T13:01:00Z');
    await start('rate(5 minutes)');
    await hand.asleep(1);
    await events.drain();
    expect(times()).toEqual(['2026-11-21T12:05:00Z']);
  });

  test('with another expression than before counts from now', async () => {
    await start('rate(5 minutes)');
    await events.close();
    hand.moveTo('2026-11-21T12:30:00Z');
    await start('rate(1 hour)');
    await hand.pass(61 * minute, minute);
    await events.drain();
    expect(times()).toEqual(['2026-11-21T13:30:00Z']);
  });

  test('repeats a failed call as often as its function allows', async () => {
    let attempts = 0;
    events = await createEvents({
      folder,
      clock: hand.clock,
      scheduleClock: hand.clock,
      retryDelays: [0, 0],
      invokeFunction: async () => {
        attempts += 1;
        return { functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'broken' } };
      },
    });
    await events.putSchedule({ name: 'once', expression: 'rate(5 minutes)', targets: [{ arn }], retries: 0 });
    await events.putSchedule({ name: 'twice', expression: 'rate(10 minutes)', targets: [{ arn }], retries: 1 });
    events.resume();
    await hand.pass(5 * minute);
    await events.drain();
    expect(attempts).toBe(1);
  });

  test.each([
    ['rate(5 minute)', 'minutes'],
    ['rate(1 minutes)', '1 goes with minute'],
    ['rate(0 minutes)', 'rate(0 minutes)'],
    ['rate(30 seconds)', 'rate(30 seconds)'],
    ['at(2026-11-21T13:00:00)', 'no one-time schedule'],
    ['every(5 minutes)', 'neither rate(...) nor cron(...)'],
    ['cron(0 12 * * *)', 'six fields, not 5'],
    ['cron(0 12 * * MON *)', 'must be ?'],
    ['cron(0 12 ? * ? *)', 'must be ?'],
    ['cron(60 12 * * ? *)', '60 is no value of the field minutes'],
    ['cron(0 24 * * ? *)', '24 is no value of the field hours'],
    ['cron(0 12 32 * ? *)', '32 is no value of the field day-of-month'],
    ['cron(0 12 * 13 ? *)', '13 is no value of the field month'],
    ['cron(0 12 ? * 0 *)', '0 is no value of the field day-of-week'],
    ['cron(0 12 ? * MON/2 *)', 'day-of-week takes no increment'],
    ['cron(0 12 ? * 3#6 *)', 'up to five times'],
    ['cron(0 12 ? * 3#1,6#3 *)', 'one expression'],
    ['cron(0 12 * * ? 1969)', '1969 is no value of the field year'],
    ['cron(0/0 12 * * ? *)', 'no increment'],
    ['cron(0 12 1W,x * ? *)', 'x is no value'],
  ])('refuses %s as PutRule does, and says why', async (expression, because) => {
    events = await createEvents({ folder, invokeFunction: noted, scheduleClock: hand.clock });
    const refused = events.putSchedule({ name: 'r', expression, targets: [{ arn }] });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Parameter ScheduleExpression is not valid.'),
    });
    await expect(refused).rejects.toThrow(because);
  });
});
