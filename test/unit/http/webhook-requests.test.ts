import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { film, jobId, now, recording, refusal, secret, setUp, uuid } from './webhook.ts';
import { cpuMillis } from '../../fakes/cpu.ts';

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => {
  captured.release();
  expect(captured.text()).not.toMatch(/canary/);
});

describe('a request', () => {
  test('is verified over its bytes, in text or base64, under headers of any case', async () => {
    const { post, jobs } = setUp();
    const body = JSON.stringify(recording({ topic: 'TOPIC' })).replace('"TOPIC"', '"Zürich \\u00e9 a\\/b 会議"');
    const timestamp = String(now.getTime());
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const headers = { 'X-Zm-Signature': signature, 'X-ZM-REQUEST-TIMESTAMP': timestamp };
    expect(await post({ headers, body })).toMatchObject({ status: 200, body: { newFiles: 2 } });
    const base64 = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
    expect(await post({ headers, ...base64 })).toMatchObject({ status: 200, body: { newFiles: 0 } });
    expect((await jobs.get(jobId))?.topic).toBe('Zürich é a/b 会議');
  });

  test('is taken under the previous secret too, and the challenge is answered with the current one', async () => {
    const { deliver } = setUp([secret, 'the-previous-secret']);
    expect((await deliver(recording(), { key: 'the-previous-secret' })).status).toBe(200);
    const challenge = { event: 'endpoint.url_validation', event_ts: 1, payload: { plainToken: 'plain' } };
    const encryptedToken = createHmac('sha256', secret).update('plain').digest('hex');
    expect(await deliver(challenge, { key: 'the-previous-secret' })).toEqual({
      status: 200,
      body: { plainToken: 'plain', encryptedToken },
    });
  });

  test('to validate the address is answered only if it is signed', async () => {
    const { deliver } = setUp();
    const challenge = { event: 'endpoint.url_validation', payload: { plainToken: 'plain' } };
    expect(await deliver(challenge, { key: 'another' })).toEqual(refusal(401, 'SIGNATURE_WRONG'));
  });

  test.each([
    ['no signature', {}, 'SIGNATURE_MISSING'],
    ['no time', { 'x-zm-signature': `v0=${'a'.repeat(64)}` }, 'SIGNATURE_MISSING'],
    [
      'a wrong one',
      { 'x-zm-signature': `v0=${'a'.repeat(64)}`, 'x-zm-request-timestamp': '1768233600' },
      'SIGNATURE_WRONG',
    ],
    ['a malformed one', { 'x-zm-signature': 'v0=a', 'x-zm-request-timestamp': '1768233600' }, 'SIGNATURE_MALFORMED'],
    [
      'one in emoji',
      { 'x-zm-signature': `v0=${'😀'.repeat(32)}`, 'x-zm-request-timestamp': '1768233600' },
      'SIGNATURE_MALFORMED',
    ],
    [
      'a very long one',
      { 'x-zm-signature': 'v0='.repeat(300_000), 'x-zm-request-timestamp': '1' },
      'SIGNATURE_MALFORMED',
    ],
  ])('with %s is refused with 401, and leaves no trace', async (_, headers, code) => {
    const { post, jobs, executions } = setUp();
    expect(await post({ headers, body: JSON.stringify(recording()) })).toEqual(refusal(401, code));
    expect([await jobs.get(jobId), executions.size, jobs.parked.length]).toEqual([undefined, 0, 0]);
  });

  test('that is signed but older, or younger, than the window is refused', async () => {
    const { deliver } = setUp();
    const at = (seconds: number) => ({ timestamp: `${now.getTime() / 1_000 + seconds}` });
    expect((await deliver(recording(), at(-5_400))).status).toBe(200);
    expect(await deliver(recording(), at(-5_401))).toEqual(refusal(401, 'SIGNATURE_STALE'));
    expect(await deliver(recording(), at(5_401))).toEqual(refusal(401, 'SIGNATURE_STALE'));
  });

  test.each([[[]], [['']], [[secret, '']]])('is answered 500 while the secrets are %j', async (secrets) => {
    const { deliver, executions } = setUp(secrets);
    expect(await deliver(recording(), { key: '\0' })).toMatchObject({
      status: 500,
      body: { error: { code: 'INTERNAL' } },
    });
    expect(executions.size).toBe(0);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'event=recording.completed'],
    ['half of JSON', '{"event":'],
    ['JSON behind a byte order mark', '\ufeff{"event":"x"}'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['half of a surrogate pair in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from('{"event":"x"}', 'utf16le')],
  ])('of %s is refused with 400', async (_, body) => {
    expect(await setUp().deliver(body)).toEqual(refusal(400, 'NOT_JSON'));
  });

  test.each([
    ['brackets', '['.repeat(1_000_000), 400, 'NESTED_TOO_DEEP'],
    ['objects', '{"a":'.repeat(200_000), 400, 'NESTED_TOO_DEEP'],
    ['closed brackets', `${'['.repeat(41)}${']'.repeat(41)}`, 400, 'NESTED_TOO_DEEP'],
    ['too many bytes', `"${'a'.repeat(1_048_575)}"`, 413, 'TOO_LARGE'],
    ['backslashes', '\\'.repeat(1_000_000), 400, 'NOT_JSON'],
    ['quotes', '"'.repeat(1_000_000), 400, 'NOT_JSON'],
  ])('of a megabyte of %s is refused at once', async (_, body, status, code) => {
    const { deliver } = setUp();
    const started = cpuMillis();
    expect(await deliver(body)).toEqual(refusal(status, code));
    expect(cpuMillis() - started).toBeLessThan(2_000);
  });

  test('of a megabyte of digits, of keys or of files is dealt with quickly', async () => {
    const { deliver, jobs } = setUp();
    const started = cpuMillis();
    expect((await deliver(`{"event":"recording.completed","event_ts":${'1'.repeat(1_000_000)}}`)).status).toBe(200);
    const keys = Array.from({ length: 80_000 }, (_, index) => `"k${index}":0`).join(',');
    expect((await deliver(`{"event":"recording.started",${keys}}`)).status).toBe(200);
    const files = Array.from({ length: 60_000 }, (_, index) => ({ id: index }));
    expect((await deliver(recording({ recording_files: files }))).body['parked']).toMatch(
      /^payload.object.recording_files: /,
    );
    expect(cpuMillis() - started).toBeLessThan(3_000);
    expect(jobs.parked).toHaveLength(2);
  });

  test.each([
    ['{"event":"recording.completed","event":"meeting.started"}', { ignored: 'meeting.started' }],
    ['{"event":"meeting.started","__proto__":{"polluted":1}}', { ignored: 'meeting.started' }],
    ['{"event":"meeting.started","constructor":{"prototype":{"polluted":1}}}', { ignored: 'meeting.started' }],
    ['{"event":"\\ud800"}', { ignored: '\ufffd' }],
  ])('%s does no harm', async (body, answer) => {
    const { deliver, executions } = setUp();
    const { status, body: told } = await deliver(body);
    expect([status, executions.size]).toEqual([200, 0]);
    expect(JSON.parse(Buffer.from(JSON.stringify(told)).toString('utf8').replace('\\ud800', '\ufffd'))).toEqual(answer);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('with half surrogates in every text names the same files when it comes again', async () => {
    const { deliver, jobs, executions } = setUp();
    const body = JSON.stringify(
      recording({ topic: 'T\ud800', recording_files: [{ ...film, id: 'f\udfff', file_name: '\ud800.mp4' }] }),
    );
    expect((await deliver(body)).body).toEqual({ jobId, newFiles: 1 });
    expect((await deliver(body)).body).toEqual({ jobId, newFiles: 0 });
    expect((await jobs.get(jobId))?.topic).toBe('T\ufffd');
    expect(executions.size).toBe(1);
  });

  test.each(['recording.started', 'recording.trashed', 'meeting.ended', 'something.new', '__proto__'])(
    'with the event %s is acknowledged, and starts nothing',
    async (event) => {
      const { deliver, executions, jobs } = setUp();
      expect(await deliver({ event, event_ts: 1, payload: {} })).toEqual({ status: 200, body: { ignored: event } });
      expect([executions.size, jobs.parked.length]).toEqual([0, 0]);
    },
  );
});

describe('a signed event that cannot be read', () => {
  const without = (name: string) => recording({ [name]: undefined });
  test.each([
    ['without a uuid', without('uuid'), 'payload.object.uuid'],
    ['with the path of a file for a uuid', recording({ uuid: '../../etc/passwd' }), 'payload.object.uuid'],
    ['without a number', without('id'), 'payload.object.id'],
    ['with a number beyond 2^53', recording({ id: 2 ** 60 }), 'payload.object.id'],
    ['without a start', without('start_time'), 'payload.object.start_time'],
    ['with a start that is no time', recording({ start_time: 'yesterday' }), 'payload.object.start_time'],
    ['without an account', { ...recording(), payload: { object: recording().payload.object } }, 'payload.account_id'],
    ['without a payload', { event: 'recording.completed' }, 'payload'],
    ['with files that are no list', recording({ recording_files: 'all' }), 'payload.object.recording_files'],
    ['without a name', { payload: {} }, 'event'],
    ['that is a list', [], 'input'],
    ['that is null', 'null', 'input'],
    ['that is a number', '1e999', 'input'],
  ])('%s is parked and acknowledged, and says which field', async (_, event, field) => {
    const { deliver, jobs, executions } = setUp();
    const { status, body } = await deliver(event);
    expect(status).toBe(200);
    expect(body['parked']).toMatch(new RegExp(`^${field}: `));
    expect(executions.size).toBe(0);
    expect(jobs.parked).toEqual([
      {
        eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
        reason: body['parked'],
        body: typeof event === 'string' ? event : JSON.stringify(event),
      },
    ]);
  });

  test('is parked under one name however often it comes', async () => {
    const { deliver, jobs } = setUp();
    await deliver(without('uuid'));
    await deliver(without('uuid'));
    expect(new Set(jobs.parked.map(({ eventId }) => eventId)).size).toBe(1);
  });
});

describe('whatever is signed', () => {
  const odd = fc.oneof(
    fc.constantFrom(uuid, 'recording.completed', '__proto__', '\ud800', '2026-01-12T15:00:14Z', 2 ** 60, -0, 1e308),
    fc.anything({ maxDepth: 2 }),
  );
  const mangled = fc
    .record({ path: fc.nat(), value: odd, asRecording: fc.boolean() })
    .map(({ path, value, asRecording }) => {
      const event = structuredClone(recording()) as Record<string, unknown>;
      const objects: Record<string, unknown>[] = [];
      const collect = (at: unknown): void => {
        if (typeof at !== 'object' || at === null) return;
        objects.push(at as Record<string, unknown>);
        Object.values(at).forEach(collect);
      };
      collect(event);
      const target = objects[path % objects.length] as Record<string, unknown>;
      const names = Object.keys(target);
      target[names[path % Math.max(1, names.length)] ?? 'x'] = value;
      return asRecording ? { ...event, event: 'recording.completed' } : event;
    });

  test('as JSON is acknowledged, and as anything else refused: the webhook never breaks', async () => {
    const json = fc.oneof(
      fc.json(),
      mangled.map(
        (event) =>
          JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? 'null',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, fc.string({ unit: 'binary' })), async (body) => {
        const isJson = ((): boolean => {
          try {
            JSON.parse(Buffer.from(body).toString('utf8'));
            return true;
          } catch {
            return false;
          }
        })();
        expect((await setUp().deliver(body)).status).toBe(isJson ? 200 : 400);
      }),
      { numRuns: 300 },
    );
  });
});
