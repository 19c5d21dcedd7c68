import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { film, jobId, now, recording, setUp, sound, uuid, words } from './webhook.ts';

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
