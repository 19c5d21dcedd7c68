import { describe, expect, test } from '@jest/globals';
import { createMachine } from '../../fakes/machine.ts';
import { createFixture, executionArn } from './engine-fixture.ts';
import { failing, machine, task } from './asl.ts';

describe('RedriveExecution', () => {
  test('goes on at the failed task; what was done is not repeated', async () => {
    let isBroken = true;
    const definition = machine({
      First: task('first', { End: undefined, Next: 'Second', Assign: { kept: '{% $states.result %}' } }),
      Second: task('second', { Arguments: '{% $kept %}', Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }),
    });
    const result = await createMachine(definition, {
      first: () => 'one',
      second: (kept: string) => (isBroken ? failing('Broken') : `${kept} and two`),
    }).run({});
    expect(result).toMatchObject({ status: 'FAILED', visited: ['First', 'Second'] });
    isBroken = false;
    const again = await result.redrive();
    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      output: 'one and two',
      error: undefined,
      visited: ['Second'],
      calls: { second: ['one'] },
    });
    const types = again.history.map(({ type }) => type);
    expect(types.slice(types.indexOf('ExecutionRedriven'))).toEqual([
      'ExecutionRedriven',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('retries start anew', async () => {
    let count = 0;
    const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];
    const result = await createMachine(machine({ Work: task('work', { Retry: retry }) }), {
      work: () => (++count < 6 ? failing('Again') : count),
    }).run({});
    expect(result.calls.work).toHaveLength(3);
    expect(await result.redrive()).toMatchObject({ status: 'SUCCEEDED', output: 6 });
  });

  test('of a Map runs only the iterations that had not finished', async () => {
    let isBroken = true;
    const map = {
      Type: 'Map',
      Items: '{% $states.input %}',
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'Load',
        States: { Load: task('load', { End: undefined, Next: 'Check' }), Check: task('check') },
      },
      End: true,
    };
    const result = await createMachine(machine({ Each: map }), {
      load: (n: number) => n,
      check: async (n: number, call) => {
        if (n === 3 && isBroken) {
          await call.sleep(5);
          failing('Broken');
        }
        return n * 10;
      },
    }).run([1, 2, 3, 4, 5]);
    expect(result).toMatchObject({ status: 'FAILED', error: 'Broken' });
    const finished = result.calls.check as number[];
    isBroken = false;
    const again = await result.redrive();
    expect(again).toMatchObject({ status: 'SUCCEEDED', output: [10, 20, 30, 40, 50] });
    for (const n of finished.filter((one) => one !== 3)) expect(again.calls.check).not.toContain(n);
    // Iteration 3 had loaded before it failed.
    expect(again.calls.load ?? []).not.toContain(3);
    expect(again.calls.check).toContain(3);
  });

  test('of a Parallel runs only the branch that had not finished', async () => {
    let isBroken = true;
    const branch = (key: string): object => ({ StartAt: key, States: { [key]: task(key) } });
    const definition = machine({ Both: { Type: 'Parallel', Branches: [branch('good'), branch('bad')], End: true } });
    const result = await createMachine(definition, {
      good: () => 'good',
      bad: async (_: never, call) => {
        await call.sleep(1);
        return isBroken ? failing('Broken') : 'mended';
      },
    }).run({});
    isBroken = false;
    expect(await result.redrive()).toMatchObject({ output: ['good', 'mended'], calls: { bad: [{}] } });
  });

  test('of a Map in a Map repeats nothing on either level', async () => {
    let isBroken = true;
    const inner = {
      Type: 'Map',
      Items: '{% $states.input %}',
      ItemProcessor: { StartAt: 'Work', States: { Work: task('work') } },
      End: true,
    };
    const outer = {
      Type: 'Map',
      Items: [
        [1, 2],
        [3, 4],
      ],
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'Inner', States: { Inner: inner } },
      End: true,
    };
    const result = await createMachine(machine({ Outer: outer }), {
      work: async (n: number, call) => {
        await call.sleep(n);
        return n === 4 && isBroken ? failing('Broken') : n;
      },
    }).run({});
    expect(result).toMatchObject({ status: 'FAILED', error: 'Broken' });
    const types = result.history.map(({ type }) => type);
    expect(types.slice(types.lastIndexOf('LambdaFunctionFailed'))).toEqual([
      'LambdaFunctionFailed',
      'MapIterationFailed',
      'TaskStateAborted',
      'MapStateFailed',
      'MapIterationFailed',
      'MapStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    isBroken = false;
    expect(await result.redrive()).toMatchObject({
      output: [
        [1, 2],
        [3, 4],
      ],
      calls: { work: [4] },
    });
  });

  test('enters a Fail state again, which fails again', async () => {
    const result = await createMachine(machine({ Stop: { Type: 'Fail', Error: 'Stop' } }), {}).run({});
    const again = await result.redrive();
    expect(again).toMatchObject({ status: 'FAILED', error: 'Stop', visited: ['Stop'] });
  });

  test('an aborted and a timed-out execution go on too, with a new time limit', async () => {
    const definition = machine({ Sleep: { Type: 'Wait', Seconds: 40, End: true } }, { TimeoutSeconds: 30 });
    const { call, clock, ended, start } = createFixture(definition, {});
    await start('late');
    expect(await ended('late')).toMatchObject({ status: 'TIMED_OUT' });
    await call('RedriveExecution', { executionArn: executionArn('late') });
    await clock.sleep(1000, new AbortController().signal);
    await call('StopExecution', { executionArn: executionArn('late') });
    expect(await ended('late')).toMatchObject({ status: 'ABORTED', redriveCount: 1 });
    await call('RedriveExecution', { executionArn: executionArn('late') });
    expect(await ended('late')).toMatchObject({ status: 'TIMED_OUT', redriveCount: 2 });
  });

  test('counts, tells the event bus, and answers a repeated request alike', async () => {
    let isBroken = true;
    const { call, changes, ended, start } = createFixture(machine({ Work: task('work') }), {
      work: () => (isBroken ? failing('Broken') : 1),
    });
    await start('one');
    await ended('one');
    isBroken = false;
    const request = { executionArn: executionArn('one'), clientToken: 'token' };
    const first = await call('RedriveExecution', request);
    const described = await ended('one');
    expect(described).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, redriveDate: first.redriveDate });
    expect(described).not.toHaveProperty('error');
    expect(await call('RedriveExecution', request)).toEqual(first);
    expect(changes.map(({ status }) => status)).toEqual(['RUNNING', 'FAILED', 'RUNNING', 'SUCCEEDED']);
  });

  test('refuses an execution that runs or has succeeded', async () => {
    const { call, ended, start } = createFixture(machine({ Sleep: { Type: 'Wait', Seconds: 5, End: true } }), {});
    await start('one');
    const request = { executionArn: executionArn('one') };
    await expect(call('RedriveExecution', request)).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
      message: 'Execution is RUNNING and cannot be redriven.',
    });
    await ended('one');
    await expect(call('RedriveExecution', request)).rejects.toMatchObject({ code: 'ExecutionNotRedrivable' });
  });
});
