import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { executionNameOf, jobIdOf } from '../../../core/keys.ts';
import { route } from '../../../core/step/route.ts';
import { zoomWebhook } from '../../../functions/http/zoom-webhook/zoom-webhook.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { captureLog, lambdaContext, type CapturedLog } from '../../fakes/lambda.ts';

const now = new Date('2026-01-12T16:00:00Z');
const uuid = 'aDYlohsHRtCd4ii1uC2+hA==';
const accountId = 'abcDEF123';
const jobId = jobIdOf(accountId, uuid);
const secret = 'secret-token-of-the-app';

const film = {
  id: 'film-1',
  recording_start: '2026-01-12T15:00:14Z',
  recording_end: '2026-01-12T15:31:47Z',
  file_type: 'MP4',
  file_extension: 'MP4',
  file_size: 1_000,
  status: 'completed',
  recording_type: 'shared_screen_with_speaker_view',
  download_url: 'https://zoom.us/rec/webhook_download/canary-url-1/t1',
};
const sound = { ...film, id: 'sound-1', file_type: 'M4A', file_extension: 'M4A', recording_type: 'audio_only' };
const words = {
  ...film,
  id: 'words-1',
  file_type: 'TRANSCRIPT',
  file_extension: 'VTT',
  recording_type: 'audio_transcript',
};

const recording = (about: object = {}, top: object = {}) => ({
  event: 'recording.completed',
  event_ts: now.getTime() - 1_000,
  download_token: 'canary-token-1',
  payload: {
    account_id: accountId,
    object: {
      uuid,
      id: 85746065432,
      host_id: 'h1',
      host_email: 'canary-host@example.org',
      topic: 'Reading room',
      type: 2,
      start_time: '2026-01-12T15:00:14Z',
      timezone: 'Europe/Zurich',
      duration: 31,
      password: 'canary-password',
      recording_play_passcode: 'canary-passcode',
      recording_files: [film, sound],
      ...about,
    },
  },
  ...top,
});

/** The webhook behind its wrapper, with the job table in memory and a machine that knows executions by name. */
const setUp = (secrets: readonly string[] = [secret]) => {
  const jobs = fakeJobs(() => now);
  const executions = new Set<string>();
  const broken = { announce: false, start: false, park: false };
  const unless = (name: keyof typeof broken): Promise<void> =>
    broken[name] ? Promise.reject(new Error('ProvisionedThroughputExceededException')) : Promise.resolve();
  const handler = route({
    name: 'zoomWebhook',
    run: zoomWebhook({
      secrets: () => Promise.resolve(secrets as [string, ...string[]]),
      jobs: {
        announce: (announcement) => unless('announce').then(() => jobs.announce(announcement)),
        park: (...event) => unless('park').then(() => jobs.park(...event)),
      },
      machine: {
        start: async (id, attempt) => {
          await unless('start');
          executions.add(executionNameOf(id, attempt));
        },
      },
      now: () => now,
      windowSeconds: 5_400,
    }),
  });
  const post = async (event: Partial<APIGatewayProxyEventV2>) => {
    const answer = (await handler({ headers: {}, ...event } as APIGatewayProxyEventV2, lambdaContext())) as {
      statusCode: number;
      body?: string;
    };
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') as Record<string, unknown> };
  };
  /** Sends bytes as Zoom would: signed, as text or, as API Gateway may, in base64. */
  const deliver = (
    event: object | string | Buffer,
    { key = secrets[0] ?? '', timestamp = `${now.getTime() / 1_000}` } = {},
  ) => {
    const body = Buffer.from(typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event));
    const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
    const headers = { 'x-zm-signature': signature, 'x-zm-request-timestamp': timestamp };
    return post({ headers, body: body.toString('base64'), isBase64Encoded: true });
  };
  return { jobs, executions, broken, post, deliver };
};

const refusal = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } },
});

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => {
  captured.release();
  expect(captured.text()).not.toMatch(/canary/);
});

describe('a recording that Zoom announces', () => {
  test('becomes a job, and an execution named after it', async () => {
    const { deliver, jobs, executions } = setUp();
    expect(await deliver(recording())).toEqual({ status: 200, body: { jobId, newFiles: 2 } });
    expect(await jobs.get(jobId)).toMatchObject({
      status: 'running',
      attempt: 1,
      origin: 'webhook',
      meetingUuid: uuid,
      meetingId: '85746065432',
      topic: 'Reading room',
      durationMinutes: 31,
      files: new Set(['film-1', 'sound-1']),
    });
    expect(await jobs.access(jobId, 'film-1')).toEqual({ url: film.download_url, token: 'canary-token-1' });
    expect([...executions]).toEqual([`${jobId}-1`]);
  });

  test('is one job whether its number is quoted or not; another occurrence or account is another job', async () => {
    const { deliver, executions } = setUp();
    await deliver(recording({ id: '85746065432' }));
    await deliver(recording({ id: 85746065432 }));
    expect(executions.size).toBe(1);
    await deliver(recording({ uuid: '/other+occurrence==' }));
    const foreign = recording();
    await deliver({ ...foreign, payload: { ...foreign.payload, account_id: 'another' } });
    expect(executions.size).toBe(3);
  });

  test('twice, with other tokens, addresses and times, starts nothing new', async () => {
    const { deliver, jobs, executions } = setUp();
    await deliver(recording());
    const again = { ...film, download_url: 'https://eu.zoom.us/rec/webhook_download/canary-url-2/t2' };
    expect(
      await deliver(recording({ recording_files: [sound, again] }, { download_token: 'canary-token-2', event_ts: 1 })),
    ).toEqual({
      status: 200,
      body: { jobId, newFiles: 0 },
    });
    expect(await jobs.get(jobId)).toMatchObject({ attempt: 1, revision: 1 });
    expect([...executions]).toEqual([`${jobId}-1`]);
  });

  test('by one event per file adds up to one job', async () => {
    const { deliver, jobs, executions } = setUp();
    await Promise.all([film, sound, words].map((file) => deliver(recording({ recording_files: [file] }))));
    expect((await jobs.get(jobId))?.files).toEqual(new Set(['film-1', 'sound-1', 'words-1']));
    expect([...executions]).toEqual([`${jobId}-1`]);
  });

  test('again after its job was closed starts the next attempt for the new file, once', async () => {
    const { deliver, jobs, executions } = setUp();
    await deliver(recording());
    await jobs.close(jobId, 1, 'done');
    const late = recording({ recording_files: [words] }, { event: 'recording.transcript_completed' });
    expect(await deliver(late)).toEqual({ status: 200, body: { jobId, newFiles: 1 } });
    expect(await deliver(late)).toEqual({ status: 200, body: { jobId, newFiles: 0 } });
    expect([...executions]).toEqual([`${jobId}-1`, `${jobId}-2`]);
  });

  test('again after its job was done wakes nothing', async () => {
    const { deliver, jobs, executions } = setUp();
    await deliver(recording());
    await jobs.close(jobId, 1, 'done');
    expect(await deliver(recording())).toEqual({ status: 200, body: { jobId, newFiles: 0 } });
    expect((await jobs.get(jobId))?.status).toBe('done');
    expect(executions.size).toBe(1);
  });

  test('while Zoom still works on its files becomes a job without files, which waits', async () => {
    const { deliver, jobs } = setUp();
    const files = [
      { ...film, status: 'processing' },
      { ...sound, download_url: undefined },
    ];
    expect(await deliver(recording({ recording_files: files }))).toEqual({ status: 200, body: { jobId, newFiles: 0 } });
    expect((await jobs.get(jobId))?.files.size).toBe(0);
  });

  test('without a token, files, topic, host or time of the event is a job all the same', async () => {
    const { deliver, jobs } = setUp();
    const bare = recording({ topic: null, host_email: undefined, recording_files: null, duration: 'x', timezone: '' });
    const { download_token: _token, event_ts: _time, ...event } = bare;
    expect(await deliver(event)).toEqual({ status: 200, body: { jobId, newFiles: 0 } });
    expect(await jobs.access(jobId, 'film-1')).toBeUndefined();
  });

  test.each([[1e300], [-1], ['yesterday'], [null], [1.5]])(
    'at the odd time %p keeps its access for a day',
    async (time) => {
      const { deliver, jobs } = setUp();
      expect((await deliver(recording({}, { event_ts: time }))).status).toBe(200);
      expect(await jobs.access(jobId, 'film-1')).toBeDefined();
    },
  );

  const claims = (exp: unknown) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.canary-signature`;
  test.each([
    [now.getTime() / 1_000 + 60, true],
    [now.getTime() / 1_000 - 60, false],
    [1e300, true],
    ['never', true],
  ])('with a token that says it dies at %p', async (exp, isUsable) => {
    const { deliver, jobs } = setUp();
    expect((await deliver(recording({}, { download_token: claims(exp) }))).status).toBe(200);
    expect((await jobs.access(jobId, 'film-1')) !== undefined).toBe(isUsable);
  });

  test('with the names of properties of all objects for ids and types is a recording like any other', async () => {
    const { deliver, jobs } = setUp();
    const odd = ['constructor', '__proto__', 'toString'].map((id) => ({
      ...film,
      id,
      recording_type: id,
      file_type: id,
    }));
    const body = JSON.stringify(recording({ recording_files: odd }));
    expect(await deliver(body)).toEqual({ status: 200, body: { jobId, newFiles: 3 } });
    for (const file of await jobs.announcedFiles(jobId)) expect(file.view).toMatch(/^[a-z]+$/);
  });
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
    const started = performance.now();
    expect(await deliver(body)).toEqual(refusal(status, code));
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('of a megabyte of digits, of keys or of files is dealt with quickly', async () => {
    const { deliver, jobs } = setUp();
    const started = performance.now();
    expect((await deliver(`{"event":"recording.completed","event_ts":${'1'.repeat(1_000_000)}}`)).status).toBe(200);
    const keys = Array.from({ length: 80_000 }, (_, index) => `"k${index}":0`).join(',');
    expect((await deliver(`{"event":"recording.started",${keys}}`)).status).toBe(200);
    const files = Array.from({ length: 60_000 }, (_, index) => ({ id: index }));
    expect((await deliver(recording({ recording_files: files }))).body['parked']).toMatch(
      /^payload.object.recording_files: /,
    );
    expect(performance.now() - started).toBeLessThan(3_000);
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

describe('what makes Zoom send an event again', () => {
  test.each(['announce', 'start'] as const)('is a 500 when it could not %s, and then all goes well', async (what) => {
    const { deliver, broken, executions, jobs } = setUp();
    broken[what] = true;
    expect(await deliver(recording())).toMatchObject({ status: 500, body: { error: { code: 'INTERNAL' } } });
    broken[what] = false;
    expect((await deliver(recording())).status).toBe(200);
    expect([...executions]).toEqual([`${jobId}-1`]);
    expect(await jobs.get(jobId)).toMatchObject({ revision: 1, attempt: 1 });
  });

  test('is a 500 when an odd event could not be parked', async () => {
    const { deliver, broken } = setUp();
    broken.park = true;
    expect((await deliver({ event: 'recording.completed' })).status).toBe(500);
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
