import { describe, expect, test } from '@jest/globals';
import { createFixture } from './engine-fixture.ts';
import type { Fixture, Functions } from './engine-fixture.ts';
import { failing, lambda, machine } from './asl.ts';

const waiting = (rest: object = {}): object =>
  machine({
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: lambda('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
      End: true,
      ...rest,
    },
  });

/** The world outside: gets the token from the function and does something with it later. */
const createFixtureWith = (
  definition: object,
  later: (fixture: Fixture, token: string) => Promise<unknown>,
): { readonly fixture: Fixture; readonly token: () => string } => {
  let given = '';
  const functions: Functions = {
    ask: ({ token }: { token: string }) => {
      given = token;
      void later(fixture, token);
      return 'asked';
    },
  };
  const fixture = createFixture(definition, functions);
  return { fixture, token: () => given };
};

const after = async (fixture: Fixture, seconds: number): Promise<void> =>
  fixture.clock.sleep(seconds * 1000, new AbortController().signal);

describe('A task that waits for its token', () => {
  test('goes on with the output that SendTaskSuccess brings', async () => {
    const { fixture } = createFixtureWith(waiting(), async ({ call }, taskToken) => {
      await after(fixture, 3600);
      await call('SendTaskSuccess', { taskToken, output: '{"answer":42}' });
    });
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":42}' });
    const types = (await fixture.history('one')).map(({ type }) => type);
    expect(types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('fails as SendTaskFailure tells', async () => {
    const { fixture } = createFixtureWith(waiting(), ({ call }, taskToken) =>
      call('SendTaskFailure', { taskToken, error: 'HostRefused', cause: 'no entry' }),
    );
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'FAILED', error: 'HostRefused', cause: 'no entry' });
  });

  test('takes an answer that comes before the function has returned', async () => {
    const fixture: Fixture = createFixture(waiting(), {
      ask: async ({ token }: { token: string }) => {
        await fixture.call('SendTaskSuccess', { taskToken: token, output: '1' });
      },
    });
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '1' });
  });

  test('fails with the function when that fails before it could ask', async () => {
    const fixture = createFixture(waiting(), { ask: () => failing('TransientError') });
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'FAILED', error: 'TransientError' });
  });

  test('is late after TimeoutSeconds whatever its heartbeats', async () => {
    const { fixture } = createFixtureWith(
      waiting({ TimeoutSeconds: 100, HeartbeatSeconds: 30 }),
      async (f, taskToken) => {
        for (let beat = 0; beat < 4; beat++) {
          await after(f, 20);
          await f.call('SendTaskHeartbeat', { taskToken });
        }
        await after(f, 19);
        await f.call('SendTaskHeartbeat', { taskToken });
      },
    );
    const from = fixture.clock.now();
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(fixture.clock.now() - from).toBe(100_000);
  });

  test('is given up when its heartbeats stop', async () => {
    const state = { HeartbeatSeconds: 30, Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Lost' }] };
    const definition = waiting(state) as { States: object };
    Object.assign(definition.States, { Lost: { Type: 'Succeed' } });
    const { fixture } = createFixtureWith(definition, async (f, taskToken) => {
      await after(f, 25);
      await f.call('SendTaskHeartbeat', { taskToken });
    });
    const from = fixture.clock.now();
    await fixture.start('one');
    expect(await fixture.ended('one')).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"Error":"States.Timeout","Cause":""}',
    });
    expect(fixture.clock.now() - from).toBe(55_000);
    const types = (await fixture.history('one')).map(({ type }) => type);
    expect(types).toContain('TaskTimedOut');
  });
});

test('a function that answers after its task was given up changes nothing', async () => {
  let isFirst = true;
  const fixture: Fixture = createFixture(
    waiting({ TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.Timeout'] }] }),
    {},
    {
      invokeFunction: async (_, payload) => {
        if (isFirst) {
          isFirst = false;
          await fixture.clock.sleep(15_000, new AbortController().signal);
          return { payload: 'late' };
        }
        const { token } = payload as { token: string };
        void after(fixture, 8).then(() => fixture.call('SendTaskSuccess', { taskToken: token, output: '2' }));
        return { payload: 'in time' };
      },
    },
  );
  await fixture.start('one');
  expect(await fixture.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '2' });
  const types = (await fixture.history('one')).map(({ type }) => type);
  expect(types.filter((type) => type === 'TaskSubmitted')).toHaveLength(1);
  expect(types.indexOf('TaskSubmitted')).toBeGreaterThan(types.lastIndexOf('TaskScheduled'));
});

describe('A task token', () => {
  test('is good once', async () => {
    const { fixture, token } = createFixtureWith(waiting(), ({ call }, taskToken) =>
      call('SendTaskSuccess', { taskToken, output: '1' }),
    );
    await fixture.start('one');
    await fixture.ended('one');
    for (const operation of ['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat']) {
      const request = { taskToken: token(), ...(operation === 'SendTaskSuccess' && { output: '2' }) };
      await expect(fixture.call(operation, request)).rejects.toMatchObject({ code: 'TaskTimedOut' });
    }
  });

  test('is refused when it is none', async () => {
    const fixture = createFixture(waiting(), {});
    const request = { taskToken: 'made-up', output: '1' };
    await expect(fixture.call('SendTaskSuccess', request)).rejects.toMatchObject({ code: 'InvalidToken' });
  });

  test('takes only JSON as output', async () => {
    const fixture = createFixture(waiting(), {});
    const request = { taskToken: 'x', output: '{nonsense' };
    await expect(fixture.call('SendTaskSuccess', request)).rejects.toMatchObject({ code: 'InvalidOutput' });
  });
});
