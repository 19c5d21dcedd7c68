import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../local/stepfunctions/execution.ts';
import type { HistoryEvent } from '../../../local/stepfunctions/history.ts';
import { failing } from './asl.ts';
import { createFixture, createFolders } from './engine-fixture.ts';
import type { Fixture } from './engine-fixture.ts';
import { sessionMachine } from './session-machine.ts';

const folders = createFolders();
afterAll(folders.clean);

interface Story {
  /** After how many questions the bot has an address. */
  readonly addressAfter: number;
  readonly launch?: () => unknown;
  /** What the bot does with the token, as often as somebody tells it: that it is told twice harms nothing. */
  readonly bot: (fixture: Fixture, taskToken: string) => Promise<unknown>;
  readonly end: Record<string, unknown>;
  /** The states in the order in which they are entered. */
  readonly visited: readonly string[];
}

const joined = [
  'LaunchTask',
  'FindAddress',
  'HasAddress',
  'AwaitAddress',
  'FindAddress',
  'HasAddress',
  'SendJoin',
  'AwaitEnd',
];
const after = (fixture: Fixture, seconds: number): Promise<void> =>
  fixture.clock.sleep(seconds * 1000, new AbortController().signal);
const silent = (): Promise<unknown> => Promise.resolve();

const stories: Readonly<Record<string, Story>> = {
  'that goes well': {
    addressAfter: 2,
    bot: async (fixture, taskToken) => {
      for (let beat = 0; beat < 3; beat++) {
        await after(fixture, 50);
        await fixture.call('SendTaskHeartbeat', { taskToken });
      }
      await fixture.call('SendTaskSuccess', { taskToken, output: '{"media":"complete"}' });
    },
    end: { status: 'SUCCEEDED', output: '{"polls":2}' },
    visited: [...joined, 'StopTask', 'HasMedia', 'HandOver', 'Done'],
  },
  'whose bot falls silent': {
    addressAfter: 2,
    bot: silent,
    end: { status: 'FAILED', error: 'States.Timeout' },
    visited: [...joined, 'SendLeave', 'StopTask', 'HasMedia', 'Failed'],
  },
  'that the host refuses': {
    addressAfter: 2,
    bot: async (fixture, taskToken) => {
      await after(fixture, 10);
      await fixture.call('SendTaskFailure', { taskToken, error: 'HostRefused' });
    },
    end: { status: 'FAILED', error: 'HostRefused' },
    visited: [...joined, 'SendLeave', 'StopTask', 'HasMedia', 'Failed'],
  },
  'whose bot never gets an address': {
    addressAfter: 9,
    bot: silent,
    end: { status: 'FAILED', error: 'NO_ADDRESS' },
    visited: [
      'LaunchTask',
      ...Array.from({ length: 3 }, () => ['FindAddress', 'HasAddress', 'AwaitAddress']).flat(),
      ...['FindAddress', 'HasAddress', 'StopTask', 'HasMedia', 'Failed'],
    ],
  },
  'that cannot be launched': {
    addressAfter: 0,
    launch: () => failing('PermanentError', 'NO_CAPACITY: none left'),
    bot: silent,
    end: { status: 'FAILED', error: 'PermanentError' },
    visited: ['LaunchTask', 'StopTask', 'HasMedia', 'Failed'],
  },
};

const createWorld = (story: Story, folder: string): Fixture => {
  const fixture: Fixture = createFixture(
    sessionMachine,
    {
      launchTask: story.launch ?? (() => ({ taskArn: 'arn:task' })),
      findAddress: ({ poll }: { poll: number }) => (poll + 1 >= story.addressAfter ? { address: '10.0.0.1' } : {}),
      awaitEnd: ({ token }: { token: string }) => void follow(fixture, story, token),
    },
    { folder },
  );
  return fixture;
};

/** A token that was answered, or whose task is over, is of no use any more: the bot shrugs. */
const follow = (fixture: Fixture, story: Story, token: string): Promise<unknown> =>
  story.bot(fixture, token).catch((error: { code?: string }) => expect(error.code).toBe('TaskTimedOut'));

const visitedIn = (history: readonly HistoryEvent[]): string[] =>
  history.flatMap(({ stateEnteredEventDetails: details }) => (details ? [String(details.name)] : []));

const tokensIn = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ progress }) => (progress?.token !== undefined && !progress.answer ? [progress.token] : []));

/** How often functions were scheduled, and how often they had succeeded or failed: by log, whoever ran it. */
const count = (history: readonly HistoryEvent[], pattern: RegExp): number =>
  history.filter(({ type }) => pattern.test(type)).length;

const logIn = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '');

describe('A session', () => {
  test.each(Object.entries(stories))('%s ends alike, wherever the engine dies on the way', async (_, story) => {
    const original = folders.create();
    const first = createWorld(story, original);
    await first.start('one', { id: 's1' });
    expect(await first.ended('one')).toMatchObject(story.end);
    const whole = await first.history('one');
    expect(visitedIn(whole)).toEqual(story.visited);
    const lines = readFileSync(logIn(original), 'utf8').trimEnd().split('\n');

    for (let kept = 1; kept <= lines.length; kept++) {
      const folder = folders.copy(original);
      writeFileSync(logIn(folder), `${lines.slice(0, kept).join('\n')}\n${(lines[kept] ?? '').slice(0, 30)}`);
      const known = lines.slice(0, kept).map((line) => JSON.parse(line) as Entry);
      const world = createWorld(story, folder);
      for (const token of new Set(tokensIn(known))) void follow(world, story, token);
      await world.engine.resume();
      expect({ kept, ...(await world.ended('one')) }).toMatchObject({ kept, ...story.end });
      const history = await world.history('one');
      expect(visitedIn(history)).toEqual(story.visited);
      // Nothing is scheduled again that was scheduled before, nor called again that had answered.
      expect(count(history, /Scheduled$/)).toBe(count(whole, /Scheduled$/));
      const events = known.flatMap((entry) => entry.events ?? []);
      const answered = count(events, /^LambdaFunction(Succeeded|Failed)$|^TaskSubmitted$/);
      const all = count(whole, /^LambdaFunction(Succeeded|Failed)$|^TaskSubmitted$/);
      expect(world.called).toHaveLength(all - answered);
    }
  });

  test('is over after its time whatever happens, and a late bot is told so', async () => {
    const story: Story = { ...stories['that goes well']!, bot: silent };
    let token = '';
    const bot = async (fixture: Fixture, taskToken: string): Promise<unknown> => {
      token = taskToken;
      for (;;) {
        await after(fixture, 59);
        await fixture.call('SendTaskHeartbeat', { taskToken });
      }
    };
    const world = createWorld({ ...story, bot }, folders.create());
    const from = world.clock.now();
    await world.start('one', { id: 's1' });
    expect(await world.ended('one')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(world.clock.now() - from).toBe((5 + 3600) * 1000);
    await expect(world.call('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
  });
});
