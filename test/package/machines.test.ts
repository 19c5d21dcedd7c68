import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../local/template/deployment.ts';
import { problemsOf } from '../../local/stepfunctions/validate.ts';
import { compile, deployed, packagingMillis } from './compiled.ts';
import { flawsOf, functionOf, statesOf, type Asl, type AslState } from './asl.ts';

/** The validator that the framework's plugin brings along is older; this is the current one. */
const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  isValid: boolean;
  errorsText: () => string;
};

let deployment: Deployment;
let machines: [name: string, definition: Asl][];
beforeAll(async () => {
  deployment = deployed(await compile('dev'), 'dev');
  machines = deployment.stateMachines.map(({ name, definition }) => [name, definition as unknown as Asl]);
}, packagingMillis);

const tasks = (): [where: string, state: AslState][] =>
  machines.flatMap(([machine, definition]) =>
    statesOf(definition).flatMap(([name, state]): [string, AslState][] =>
      state.Type === 'Task' ? [[`${machine}/${name}`, state]] : [],
    ),
  );

describe('each machine', () => {
  test('is valid for asl-validator', () => {
    expect(machines.length).toBeGreaterThan(0);
    for (const [name, definition] of machines) {
      const { isValid, errorsText } = validate(structuredClone(definition));
      expect([name, isValid ? '' : errorsText()]).toEqual([name, '']);
    }
  });

  test('is valid for the local engine', () => {
    for (const [name, definition] of machines) expect([name, problemsOf(definition)]).toEqual([name, []]);
  });

  test('has none of the flaws that validators miss', () => {
    for (const [name, definition] of machines) expect([name, flawsOf(definition)]).toEqual([name, []]);
  });

  test('is JSONata throughout and ends by itself some day', () => {
    for (const [name, { QueryLanguage, TimeoutSeconds, Comment }] of machines) {
      expect([name, QueryLanguage]).toEqual([name, 'JSONata']);
      expect(TimeoutSeconds).toBeGreaterThan(0);
      expect(Comment).toMatch(/\w/);
    }
  });

  test('is a Standard workflow that logs errors without data', async () => {
    const template = await compile('dev');
    for (const { logicalId } of deployment.stateMachines)
      expect(template.Resources[logicalId]?.Properties).toMatchObject({
        StateMachineType: 'STANDARD',
        LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
      });
  });
});

describe('each task', () => {
  test('never retries a PermanentError, everything else limited, with growing pauses and full jitter', () => {
    for (const [where, { Retry }] of tasks()) {
      expect([where, Retry]).toEqual([
        where,
        [
          { ErrorEquals: ['PermanentError'], MaxAttempts: 0 },
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: expect.any(Number),
            BackoffRate: expect.any(Number),
            MaxAttempts: expect.any(Number),
            MaxDelaySeconds: expect.any(Number),
            JitterStrategy: 'FULL',
          },
        ],
      ]);
      const [, { IntervalSeconds = 0, BackoffRate = 0, MaxAttempts = 0, MaxDelaySeconds = 0 } = {}] = Retry ?? [];
      expect(IntervalSeconds).toBeGreaterThanOrEqual(1);
      expect(BackoffRate).toBeGreaterThanOrEqual(1.5);
      expect(MaxAttempts).toBeLessThanOrEqual(10);
      expect(MaxDelaySeconds).toBeLessThanOrEqual(600);
    }
  });

  test('gives its function all of the time that the function may take', () => {
    for (const [where, task] of tasks()) {
      const { TimeoutSeconds = 0 } = task;
      const fn = deployment.functions.find(({ arn }) => arn === functionOf(task));
      expect([where, fn?.key]).toEqual([where, expect.any(String)]);
      expect([where, TimeoutSeconds >= (fn?.timeoutSeconds ?? Infinity)]).toEqual([where, true]);
    }
  });

  test('of the recording machine fails where it failed, except that the mail goes out without insights', () => {
    const caught = tasks().flatMap(([where, { Catch }]) => (where.includes('-recording/') && Catch ? [where] : []));
    expect(caught).toEqual(['rapporteur-dev-recording/FindInsights']);
  });
});

describe('the own checks find', () => {
  const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:x', End: true };
  const machine = (state: object): Asl => ({ StartAt: 'A', States: { A: { ...task, ...state } } });
  test.each([
    ['a heartbeat that is no shorter than its time-out', { TimeoutSeconds: 60, HeartbeatSeconds: 60 }, /heartbeat/],
    ['States.ALL among others', { Retry: [{ ErrorEquals: ['X', 'States.ALL'] }] }, /alone/],
    ['States.ALL before others', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }, /last/],
    ['States.ALL before others in Catch', { Catch: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }, /last/],
    ['a choice without a way out', { Type: 'Choice', Choices: [] }, /Default/],
    ['a variable with the reserved name', { Assign: { states: 1 } }, /reserved/],
    ['the same in a choice', { Type: 'Choice', Default: 'A', Choices: [{ Assign: { states: 1 } }] }, /reserved/],
    ['a task without a time-out', {}, /TimeoutSeconds/],
    ['more data than ids', { Arguments: { token: '{% $states.input.download_token %}' } }, /secret/],
  ])('%s', (_what, state, flaw) => {
    expect(flawsOf(machine(state))).toEqual(expect.arrayContaining([expect.stringMatching(flaw)]));
  });

  test('the same inside a Map', () => {
    const inner = { StartAt: 'B', States: { B: { Type: 'Choice', Choices: [] } as AslState } };
    const outer = { StartAt: 'A', States: { A: { Type: 'Map', End: true, ItemProcessor: inner } as AslState } };
    expect(flawsOf(outer)).toEqual(['B is a choice without Default']);
  });
});
