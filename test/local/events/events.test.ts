import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEvents, type LocalEvents, type PublishedEvent } from '../../../local/events/events.ts';
import type { Clock } from '../../../local/gateway/clock.ts';
import { localCredentials } from '../../../local/gateway/credentials.ts';
import { sha256Hex } from '../../../local/gateway/canonical-request.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { expectedSignature } from '../../../local/gateway/verify-signature.ts';
import type { InvokeFunction } from '../../../local/lambda-outcome.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:closer';
const failed: PublishedEvent = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { status: 'FAILED' },
  time: new Date('2026-11-21T12:00:00.500Z'),
  resources: ['arn:x'],
};
const failure = { functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'broken' } } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Sleeping takes no time; what would have been slept is kept. */
const hurriedClock = (): Clock & { slept: number[] } => {
  let now = Date.parse('2026-11-21T12:00:00Z');
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
};

const start = async (invokeFunction: InvokeFunction, rest: { clock?: Clock } = {}): Promise<LocalEvents> => {
  const events = await createEvents({ folder, invokeFunction, clock: hurriedClock(), ...rest });
  events.putRule({
    name: 'failures',
    pattern: { source: ['aws.states'], detail: { status: ['FAILED'] } },
    targets: [{ arn }],
  });
  return events;
};

describe('an event', () => {
  test('reaches the function of each rule it matches, in the shape EventBridge gives it', async () => {
    const calls: [string, unknown][] = [];
    const events = await start(async (to, payload) => {
      calls.push([to, payload]);
      return { payload: null };
    });
    events.putRule({
      name: 'other',
      pattern: { detail: { status: ['SUCCEEDED'] } },
      targets: [{ arn: `${arn}-other` }],
    });
    const id = await events.publish(failed);
    await events.drain();
    expect(calls).toEqual([
      [
        arn,
        {
          version: '0',
          id,
          'detail-type': 'Step Functions Execution Status Change',
          source: 'aws.states',
          account: '000000000000',
          time: '2026-11-21T12:00:00Z',
          region: 'us-east-1',
          resources: ['arn:x'],
          detail: { status: 'FAILED' },
        },
      ],
    ]);
    await events.close();
  });

  test('is cut to what its target asks for', async () => {
    const payloads: unknown[] = [];
    const events = await createEvents({
      folder,
      clock: hurriedClock(),
      invokeFunction: async (_, payload) => ({ payload: payloads.push(payload) }),
    });
    events.putRule({
      name: 'all',
      pattern: { source: [{ exists: true }] },
      targets: [
        { arn, input: '{"fixed":1}' },
        { arn, inputPath: '$.detail.status' },
        { arn, inputPath: '$' },
      ],
    });
    const id = await events.publish(failed);
    await events.drain();
    expect(payloads).toEqual([{ fixed: 1 }, 'FAILED', expect.objectContaining({ id })]);
    await events.close();
  });

  test('is tried again after a failure, at Lambda’s distances', async () => {
    const clock = hurriedClock();
    let calls = 0;
    const events = await start(async () => (++calls < 3 ? failure : { payload: null }), { clock });
    await events.publish(failed);
    await events.drain();
    expect([calls, clock.slept]).toEqual([3, [60_000, 120_000]]);
    await events.close();
  });

  test('is a dead letter after the last retry, and is not delivered again', async () => {
    const events = await start(async () => failure);
    const id = await events.publish(failed);
    await events.drain();
    await events.close();
    const letters = (await readFile(join(folder, 'dead-letters.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(letters).toEqual([
      expect.objectContaining({
        rule: 'failures',
        arn,
        attempts: 3,
        reason: failure.payload,
        payload: expect.objectContaining({ id }),
      }),
    ]);
    const again = await start(() => Promise.reject(new Error('must not be called')));
    again.resume();
    await again.drain();
    await again.close();
    expect((await readFile(join(folder, 'dead-letters.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  test('that a process left behind is delivered by the next one, with the retries it still has', async () => {
    const stuck: Clock = {
      now: () => 1_000_000,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    };
    let called: () => void = () => undefined;
    const once = new Promise<void>((resolve) => (called = resolve));
    const first = await start(
      async () => {
        called();
        return failure;
      },
      { clock: stuck },
    );
    const id = await first.publish(failed);
    await once;
    // The failed attempt is kept before the wait for the next begins.
    while (!(await readFile(join(folder, 'deliveries.jsonl'), 'utf8')).includes('"attempts":1'))
      await new Promise(setImmediate);
    await first.close();

    const payloads: unknown[] = [];
    const clock = hurriedClock();
    const second = await start(
      async (_, payload) => {
        payloads.push(payload);
        return failure;
      },
      { clock },
    );
    second.resume();
    second.resume();
    await second.drain();
    expect(payloads).toEqual([expect.objectContaining({ id }), expect.objectContaining({ id })]);
    expect(clock.slept).toEqual([120_000]);
    await second.close();
  });

  test('published before a kill is delivered afterwards', async () => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', 'local/run.mjs', 'test/local/events/publish-forever.ts', folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 50) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const delivered = new Set<string>();
    const events = await start(async (_, payload) => {
      delivered.add((payload as { id: string }).id);
      return { payload: null };
    });
    events.resume();
    await events.drain();
    expect(acknowledged.filter((id) => !delivered.has(id))).toEqual([]);
    await events.close();
  });
});

test.each([
  ['a target that is no function', { arn: 'arn:aws:sqs:us-east-1:000000000000:queue' }, 'The event target arn:aws:sqs'],
  ['an input transformer', { arn, inputTransformer: {} }, 'InputTransformer'],
  ['an input path that is more than names', { arn, inputPath: '$.resources[0]' }, 'InputPath'],
])('a rule with %s is refused by name', async (_, target, message) => {
  const events = await start(async () => ({ payload: null }));
  expect(() => events.putRule({ name: 'r', pattern: { source: ['a'] }, targets: [target] })).toThrow(message);
  await events.close();
});

describe('PutEvents', () => {
  const put = async (
    input: unknown,
  ): Promise<{ status: number; body: Record<string, unknown>; payloads: unknown[] }> => {
    const payloads: unknown[] = [];
    const events = await createEvents({
      folder,
      clock: hurriedClock(),
      invokeFunction: async (_, payload) => ({ payload: payloads.push(payload) }),
    });
    events.putRule({ name: 'all', pattern: { source: [{ exists: true }] }, targets: [{ arn }] });
    const gateway = await startGateway({ port: 0, services: { events: events.service } });
    const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = {
      accessKeyId: localCredentials.accessKeyId,
      date: timestamp.slice(0, 8),
      region: 'us-east-1',
      service: 'events',
      terminator: 'aws4_request',
      timestamp,
      signature: '',
    };
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      host: new URL(gateway.url).host,
      'x-amz-date': timestamp,
      'x-amz-target': 'AWSEvents.PutEvents',
    };
    const body = JSON.stringify(input);
    const request = { method: 'POST', target: '/', rawHeaders: Object.entries(headers).flat() };
    const signedHeaders = Object.keys(headers);
    const signature = expectedSignature(
      request,
      { ...scope, signedHeaders },
      sha256Hex(body),
      localCredentials.secretAccessKey,
    ).expected.toString('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope.accessKeyId}/${scope.date}/us-east-1/events/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
    const answer = await fetch(gateway.url, { method: 'POST', headers: { ...headers, authorization }, body });
    await events.drain();
    await gateway.close();
    await events.close();
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, payloads };
  };
  const entry = { Source: 'rapporteur', DetailType: 'Transcription Ended', Detail: '{"jobId":"1"}' };

  test('judges each entry by itself', async () => {
    const { status, body, payloads } = await put({
      Entries: [
        { ...entry, Time: 1_763_726_400, Resources: ['arn:r'] },
        { ...entry, Detail: 'no json' },
        { ...entry, Source: 'aws.fake' },
        { Source: 'x', Detail: '{}' },
      ],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      FailedEntryCount: 3,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
        { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
        },
      ],
    });
    expect(payloads).toEqual([
      expect.objectContaining({
        source: 'rapporteur',
        detail: { jobId: '1' },
        resources: ['arn:r'],
        time: '2025-11-21T12:00:00Z',
      }),
    ]);
  });

  test.each([
    ['no entries', { Entries: [] }, 'ValidationException'],
    ['eleven entries', { Entries: Array.from({ length: 11 }, () => entry) }, 'ValidationException'],
    [
      'more than 256 KB',
      { Entries: [{ ...entry, Detail: JSON.stringify({ x: 'x'.repeat(262_144) }) }] },
      'ValidationException',
    ],
    ['another bus', { Entries: [{ ...entry, EventBusName: 'mine' }] }, 'NotSupportedByLocalCloud'],
    ['a trace header', { Entries: [{ ...entry, TraceHeader: 'x' }] }, 'NotSupportedByLocalCloud'],
  ])('refuses %s', async (_, input, name) => {
    const { body, payloads } = await put(input);
    expect(body['__type']).toBe(name);
    expect(payloads).toEqual([]);
  });
});
