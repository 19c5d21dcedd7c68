import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../local/stepfunctions/execution.ts';
import { createFixture, createFolders, executionArn } from './engine-fixture.ts';
import type { Fixture, Functions } from './engine-fixture.ts';
import { failing, lambda, machine, task } from './asl.ts';

const folders = createFolders();
afterAll(folders.clean);

/** One state of each kind, a retry, a token, a Map of two states and a Parallel. */
const definition = machine({
  First: task('first', { End: undefined, Next: 'Sleep', Assign: { kept: '{% $states.result %}' } }),
  Sleep: { Type: 'Wait', Seconds: 600, Next: 'Which' },
  Which: { Type: 'Choice', Choices: [{ Condition: "{% $kept = 'first' %}", Next: 'Flaky' }], Default: 'Never' },
  Never: { Type: 'Fail', Error: 'Never' },
  Flaky: task('flaky', {
    Arguments: '{% $states.context.State.RetryCount %}',
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 2 }],
    End: undefined,
    Next: 'Ask',
  }),
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: lambda('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
    Assign: { answer: '{% $states.result %}' },
    Next: 'Each',
  },
  Each: {
    Type: 'Map',
    Items: [1, 2, 3],
    MaxConcurrency: 2,
    ItemProcessor: {
      StartAt: 'Load',
      States: { Load: task('load', { End: undefined, Next: 'Store' }), Store: task('store') },
    },
    Assign: { loaded: '{% $states.result %}' },
    Next: 'Both',
  },
  Both: {
    Type: 'Parallel',
    Branches: [
      { StartAt: 'Left', States: { Left: task('left') } },
      { StartAt: 'Right', States: { Right: { Type: 'Pass', Output: '{% $kept %}', End: true } } },
    ],
    Output: { kept: '{% $kept %}', answer: '{% $answer %}', loaded: '{% $loaded %}', both: '{% $states.result %}' },
    End: true,
  },
});

const expected = { kept: 'first', answer: 'yes', loaded: [10, 20, 30], both: ['left', 'first'] };

/** Answers every token ten seconds after it was asked, as a person would: that it answers twice harms nothing. */
const answerLater = async (fixture: Fixture, taskToken: string): Promise<void> => {
  await fixture.clock.sleep(10_000, new AbortController().signal);
  await fixture.call('SendTaskSuccess', { taskToken, output: '"yes"' }).catch(() => undefined);
};

const createWorld = (folder: string): Fixture => {
  const functions: Functions = {
    first: () => 'first',
    flaky: (attempt: number) => (attempt < 2 ? failing('Flaky') : attempt),
    ask: ({ token }: { token: string }) => void answerLater(fixture, token),
    load: (n: number) => n,
    store: (n: number) => n * 10,
    left: () => 'left',
  };
  const fixture: Fixture = createFixture(definition, functions, { folder });
  return fixture;
};

const logIn = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '');

/** What each function was called with when the log says that it succeeded. */
const succeededIn = (entries: readonly Entry[]): string[] => {
  const events = entries.flatMap(({ events = [] }) => events);
  return events
    .filter(({ type }) => type === 'LambdaFunctionSucceeded')
    .map(({ previousEventId }) => {
      let event = events[previousEventId - 1];
      while (event && event.type !== 'LambdaFunctionScheduled') event = events[event.previousEventId - 1];
      const { resource, input } = event?.lambdaFunctionScheduledEventDetails as { resource: string; input: string };
      return `${resource.split(':')[6] ?? ''} ${input}`;
    });
};

describe('An engine that dies at any line of its log', () => {
  test('goes on after a restart, to the same end, without repeating what was done', async () => {
    const original = folders.create();
    const first = createWorld(original);
    await first.start('one');
    expect(await first.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: JSON.stringify(expected) });
    const lines = readFileSync(logIn(original), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(40);

    for (let kept = 1; kept <= lines.length; kept++) {
      const folder = folders.copy(original);
      // The next line is torn in the middle, as a kill may leave it.
      const torn = (lines[kept] ?? '').slice(0, 40);
      writeFileSync(logIn(folder), `${lines.slice(0, kept).join('\n')}\n${torn}`);
      const known = lines.slice(0, kept).map((line) => JSON.parse(line) as Entry);
      const repeated: string[] = [];
      const world = createWorld(folder);
      const calls = world.called;
      for (const { events = [] } of known)
        for (const { taskScheduledEventDetails: details } of events)
          if (details) {
            const { Payload: payload } = JSON.parse(String(details.parameters)) as { Payload: { token: string } };
            void answerLater(world, payload.token);
          }
      await world.engine.resume();
      const end = await world.ended('one');
      expect({ kept, status: end.status, output: end.output }).toEqual({
        kept,
        status: 'SUCCEEDED',
        output: JSON.stringify(expected),
      });
      const done = succeededIn(known);
      for (const key of ['first', 'left', 'flaky'])
        if (done.some((call) => call.startsWith(`${key} `)) && calls.includes(key)) repeated.push(key);
      for (const key of ['load', 'store']) {
        const open = 3 - done.filter((call) => call.startsWith(`${key} `)).length;
        if (calls.filter((call) => call === key).length !== open) repeated.push(key);
      }
      expect({ kept, repeated }).toEqual({ kept, repeated: [] });
      const history = await world.history('one');
      expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
    }
  });

  test('keeps its waits: the rest of the time is waited, not all of it', async () => {
    const folder = folders.create();
    const first = createWorld(folder);
    await first.start('one');
    await first.clock.sleep(500_000, new AbortController().signal);
    const copy = folders.copy(folder);
    const second = createWorld(copy);
    await second.clock.sleep(500_000, new AbortController().signal);
    const from = second.clock.now();
    await second.engine.resume();
    await second.ended('one');
    const exited = (await second.history('one')).find(({ type }) => type === 'WaitStateExited');
    expect((exited?.timestamp ?? 0) * 1000 - from).toBe(100_000);
  });

  test('does not ask again when the token is out and the function has returned', async () => {
    const folder = folders.create();
    const first = createFixture(definition, { first: () => 'first', flaky: () => 2, ask: () => 'asked' }, { folder });
    await first.start('one');
    await first.clock.sleep(1_000_000, new AbortController().signal);
    expect(first.called).toEqual(['first', 'flaky', 'ask']);
    const second = createWorld(folders.copy(folder));
    await second.engine.resume();
    const events = await second.history('one');
    const { parameters } = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails as {
      parameters: string;
    };
    const { Payload: payload } = JSON.parse(parameters) as { Payload: { token: string } };
    await second.call('SendTaskSuccess', { taskToken: payload.token, output: '"yes"' });
    await second.ended('one');
    expect(second.called).not.toContain('ask');
  });
});

test('A failure is told once, wherever the engine dies on the way', async () => {
  const inner = {
    StartAt: 'Deep',
    States: { Deep: task('bad', { Retry: [{ ErrorEquals: ['Bad'], MaxAttempts: 1 }] }) },
  };
  const map = { Type: 'Map', Items: [1, 2], MaxConcurrency: 1, ItemProcessor: inner, End: true };
  const failingAll = machine({
    Both: {
      Type: 'Parallel',
      Branches: [{ StartAt: 'Each', States: { Each: map } }],
      Retry: [{ ErrorEquals: ['Bad'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['Bad'], Next: 'Odd' }],
      End: true,
    },
    Odd: { Type: 'Pass', Output: '{% $states.input.none %}', End: true },
  });
  const functions = { bad: () => failing('Bad') };
  const original = folders.create();
  const first = createFixture(failingAll, functions, { folder: original });
  await first.start('one');
  expect(await first.ended('one')).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  const types = async ({ history }: Fixture) => (await history('one')).map(({ type }) => type);
  const expectedTypes = await types(first);
  expect(expectedTypes.filter((type) => type === 'LambdaFunctionFailed')).toHaveLength(4);
  const lines = readFileSync(logIn(original), 'utf8').trimEnd().split('\n');
  for (let kept = 1; kept <= lines.length; kept++) {
    const folder = folders.copy(original);
    writeFileSync(logIn(folder), `${lines.slice(0, kept).join('\n')}\n`);
    const world = createFixture(failingAll, functions, { folder });
    await world.engine.resume();
    await world.ended('one');
    expect({ kept, types: await types(world) }).toEqual({ kept, types: expectedTypes });
  }
});

describe('After a restart', () => {
  const started = async (what: object, functions: Functions): Promise<string> => {
    const folder = folders.create();
    const first = createFixture(what, functions, { folder, invokeFunction: () => new Promise(() => undefined) });
    await first.start('one');
    await first.engine.close();
    return folder;
  };

  test('an execution whose time was up meanwhile ends without calling a function', async () => {
    const late = machine({ Work: task('work') }, { TimeoutSeconds: 60 });
    const second = createFixture(late, { work: () => 1 }, { folder: await started(late, {}) });
    await second.clock.sleep(61_000, new AbortController().signal);
    await second.engine.resume();
    expect(await second.ended('one')).toMatchObject({ status: 'TIMED_OUT' });
    expect(second.called).toEqual([]);
  });

  test('a function in flight is called again with the same arguments, and all its time', async () => {
    const random = machine({ Work: task('work', { Arguments: '{% $uuid() %}', TimeoutSeconds: 60 }) });
    const folder = await started(random, {});
    const seen: string[] = [];
    const second = createFixture(random, { work: (id: string) => seen.push(id) }, { folder });
    await second.clock.sleep(3_600_000, new AbortController().signal);
    await second.engine.resume();
    expect(await second.ended('one')).toMatchObject({ status: 'SUCCEEDED' });
    const scheduled = (await second.history('one')).find(({ type }) => type === 'LambdaFunctionScheduled');
    expect(scheduled?.lambdaFunctionScheduledEventDetails).toMatchObject({ input: JSON.stringify(seen[0]) });
    expect((await second.history('one')).filter(({ type }) => type === 'LambdaFunctionScheduled')).toHaveLength(1);
  });

  test('a token can be answered before the engine has resumed', async () => {
    const folder = folders.create();
    let token = '';
    const asking = machine({
      Ask: { ...(definition as { States: { Ask: object } }).States.Ask, Next: undefined, End: true },
    });
    const functions: Functions = { ask: (payload: { token: string }) => void (token = payload.token) };
    const first = createFixture(asking, functions, { folder });
    await first.start('one');
    await first.clock.sleep(1000, new AbortController().signal);
    await first.engine.close();
    const second = createFixture(asking, functions, { folder });
    await second.call('SendTaskSuccess', { taskToken: token, output: '7' });
    await second.engine.resume();
    expect(await second.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '7' });
    expect(second.called).toEqual([]);
  });
});

describe('An engine that is closed', () => {
  test('leaves executions open; they go on at the next resume', async () => {
    const folder = folders.create();
    const first = createWorld(folder);
    await first.start('one');
    await first.clock.sleep(1000, new AbortController().signal);
    await first.engine.close();
    const before = readFileSync(logIn(folder), 'utf8');
    await first.clock.sleep(1_000_000, new AbortController().signal);
    expect(readFileSync(logIn(folder), 'utf8')).toBe(before);
    const second = createWorld(folder);
    expect(await second.call('DescribeExecution', { executionArn: executionArn('one') })).toMatchObject({
      status: 'RUNNING',
    });
    await second.engine.resume();
    expect(await second.ended('one')).toMatchObject({ status: 'SUCCEEDED' });
    expect(second.called).not.toContain('first');
  });
});

describe('What has ended', () => {
  test('is known after a restart, and can be redriven', async () => {
    const folder = folders.create();
    const broken = machine({ Work: task('work', { End: undefined, Next: 'More' }), More: task('more') });
    const first = createFixture(broken, { work: () => 1, more: () => failing('Broken') }, { folder });
    await first.start('one');
    await first.ended('one');
    await first.engine.close();
    const second = createFixture(broken, { more: () => 2 }, { folder });
    await second.engine.resume();
    expect(await second.call('DescribeExecution', { executionArn: executionArn('one') })).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
    });
    await second.call('RedriveExecution', { executionArn: executionArn('one') });
    expect(await second.ended('one')).toMatchObject({ status: 'SUCCEEDED', output: '2' });
    expect(second.called).toEqual(['more']);
    expect((await second.history('one')).at(-1)).toMatchObject({ type: 'ExecutionSucceeded' });
    // The name stays taken.
    await expect(second.start('one')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });
});

describe('A status change', () => {
  test('that the event bus did not accept is told again after a restart', async () => {
    const folder = folders.create();
    const passing = machine({ Only: { Type: 'Pass', End: true } });
    const refused: string[] = [];
    const first = createFixture(
      passing,
      {},
      {
        folder,
        onStatusChange: ({ status }) => {
          refused.push(status);
          // The process dies before the event bus has it.
          return new Promise(() => undefined);
        },
      },
    );
    await first.start('one');
    await first.clock.sleep(1000, new AbortController().signal);
    expect(refused).toEqual(['RUNNING']);
    const second = createFixture(passing, {}, { folder: folders.copy(folder) });
    await second.engine.resume();
    await second.ended('one');
    expect(second.changes.map(({ status }) => status)).toEqual(['RUNNING', 'SUCCEEDED']);
    const third = createFixture(passing, {}, { folder });
    await third.engine.resume();
    expect(third.changes.length).toBeGreaterThan(0);
  });
});

test('a damaged log is named', async () => {
  const folder = folders.create();
  const first = createWorld(folder);
  await first.start('one');
  await first.engine.close();
  appendFileSync(logIn(folder), 'nonsense\n');
  expect(() => createWorld(folder)).toThrow(/Line \d+ of .*one\..*\.jsonl is damaged/);
});
