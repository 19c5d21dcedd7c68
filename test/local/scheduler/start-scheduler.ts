import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchedulerClient, type CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import type { InvokeFunction } from '../../../local/lambda-outcome.ts';
import { createScheduler } from '../../../local/scheduler/scheduler.ts';
import { handClock } from '../../fakes/hand-clock.ts';

export const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:join';
export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:bot-session';
export const RoleArn = 'arn:aws:iam::000000000000:role/scheduler';

export const once: CreateScheduleCommandInput = {
  Name: 'session-1',
  ScheduleExpression: 'at(2026-11-21T13:00:00)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: functionArn, RoleArn, Input: '{"sessionId":"1"}' },
};

type Execution = { stateMachineArn: string; name?: string; input: string };

/** The stand-in on a clock that the test moves, the unmodified client in front of it; `restart` is a kill and a start. */
export const startScheduler = async (start = '2026-11-21T12:00:00Z') => {
  const folder = await mkdtemp(join(tmpdir(), 'local-scheduler-'));
  const hand = handClock(start);
  const calls: unknown[] = [];
  const executions: Execution[] = [];
  const watchers = new Set<() => void>();
  const does: { invoke: InvokeFunction; execute: (request: Execution) => Promise<unknown> } = {
    invoke: async () => ({ payload: null }),
    execute: async () => ({}),
  };
  const open = async () => {
    const scheduler = await createScheduler({
      folder,
      clock: hand.clock,
      invokeFunction: (arn, payload, signal) => {
        calls.push(payload);
        watchers.forEach((look) => look());
        return does.invoke(arn, payload, signal);
      },
      startExecution: (request) => {
        executions.push(request);
        watchers.forEach((look) => look());
        return does.execute(request);
      },
    });
    const gateway = await startGateway({ port: 0, services: { scheduler: scheduler.service } });
    await scheduler.resume();
    const sdk = new SchedulerClient({
      ...{ endpoint: gateway.url, region: localRegion, credentials: localCredentials, maxAttempts: 1 },
    });
    return { scheduler, gateway, sdk };
  };
  let running = await open();
  const stop = async (): Promise<void> => {
    running.sdk.destroy();
    await running.gateway.close();
    await running.scheduler.close();
  };
  return {
    folder,
    hand,
    calls,
    executions,
    does,
    sdk: () => running.sdk,
    drain: () => running.scheduler.drain(),
    /** Resolves when so many calls and starts have been made. */
    made: (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls.length + executions.length >= count) resolve();
        };
        watchers.add(look);
        look();
      }),
    restart: async (at?: string): Promise<void> => {
      await stop();
      if (at !== undefined) hand.moveTo(at);
      running = await open();
    },
    close: async (): Promise<void> => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
};
