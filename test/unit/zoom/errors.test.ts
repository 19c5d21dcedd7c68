import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { meaningOf, tokenFailure } from '../../../core/zoom/errors.ts';

const now = new Date('2026-01-12T12:00:00Z');
const mean = (status: number, body: unknown = {}, retryAfter?: unknown) => meaningOf({ status, body, retryAfter }, now);

describe("an answer of Zoom's API", () => {
  test.each([
    [200, { uuid: 'x' }],
    [200, { code: 0, message: '' }],
    [204, undefined],
  ])('%d %p is an answer', (status, body) => {
    expect(mean(status, body)).toEqual({ is: 'ok' });
  });

  test.each([
    [404, { code: 3301, message: 'This recording does not exist.' }],
    [200, { code: 3301, message: 'There is no recording for this meeting.' }],
    [404, { code: 3001, message: 'Meeting does not exist' }],
    [404, undefined],
    [410, {}],
  ])('%d %p means that there is no such thing', (status, body) => {
    expect(mean(status, body)).toEqual({ is: 'absent' });
  });

  test.each([
    [401, { code: 124, message: 'Access token is expired.' }],
    [400, { code: 124, message: 'Invalid access token.' }],
    [200, { code: 124, message: 'Invalid access token.' }],
    [400, { code: 200, message: 'Invalid access token' }],
    [401, undefined],
  ])('%d %p asks for a new token', (status, body) => {
    expect(mean(status, body)).toEqual({ is: 'stale-token' });
  });

  test.each([
    [429, { code: 429, message: 'You have reached the maximum per-second rate limit for this API.' }],
    [200, { code: 429, message: 'Too many' }],
    [500, undefined],
    [503, '<html>'],
    [409, {}],
    [408, {}],
  ])('%d %p is worth another try', (status, body) => {
    expect(mean(status, body)).toMatchObject({ is: 'failure', error: { name: 'TransientError' } });
  });

  test('says how long Zoom asks to wait', () => {
    const meaning = mean(429, { code: 429, message: 'Daily limit' }, '2026-01-12T12:30:00Z');
    expect(meaning).toMatchObject({
      error: { message: 'Zoom answered 429, code 429: Daily limit, asking for 1800 s of patience' },
    });
  });

  test.each([4700, 4711, 104])('with code %d names the scopes that are missing', (code) => {
    const message =
      'Invalid access token, does not contain scopes:[cloud_recording:read:list_recording_files:admin, user:read:user:admin].';
    expect(mean(400, { code, message })).toMatchObject({
      error: {
        code: 'ZOOM_SCOPES_MISSING',
        message: 'ZOOM_SCOPES_MISSING: cloud_recording:read:list_recording_files:admin, user:read:user:admin',
      },
    });
    expect(mean(401, { code, message: 'no list' })).toMatchObject({
      error: { message: 'ZOOM_SCOPES_MISSING: Zoom did not say which' },
    });
  });

  test.each([
    [403, {}, 'ZOOM_REFUSED'],
    [400, { code: 200, message: 'Only available for paid accounts' }, 'ZOOM_REFUSED'],
    [404, { code: 1001, message: 'User does not exist: ada@acme.example.' }, 'ZOOM_REFUSED'],
    [400, { code: 1010, message: 'User does not belong to this account' }, 'ZOOM_REFUSED'],
    [400, { code: 300, message: 'Validation Failed.' }, 'ZOOM_CHANGED'],
    [302, undefined, 'ZOOM_CHANGED'],
    [400, 'nonsense', 'ZOOM_CHANGED'],
  ])('%d %p fails for good', (status, body, code) => {
    expect(mean(status, body)).toMatchObject({ is: 'failure', error: { name: 'PermanentError', code } });
  });

  test('passes no address of a person on', () => {
    const meaning = mean(400, { code: 1001, message: 'User does not exist: ada@acme.example.' });
    expect(meaning).toMatchObject({ error: { message: expect.not.stringContaining('ada@') } });
  });

  test('always means something', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.jsonValue(), fc.anything(), (status, body, retryAfter) => {
        expect(['ok', 'absent', 'stale-token', 'failure']).toContain(mean(status, body, retryAfter).is);
      }),
    );
  });
});

describe('an answer of the token endpoint', () => {
  test.each([
    [400, { reason: 'Invalid client_id or client_secret', error: 'invalid_client' }, 'ZOOM_REFUSED'],
    [401, undefined, 'ZOOM_REFUSED'],
    [302, undefined, 'ZOOM_CHANGED'],
  ])('%d fails for good', (status, body, code) => {
    expect(tokenFailure({ status, body }, now)).toMatchObject({ name: 'PermanentError', code });
  });

  test.each([429, 500, 503])('%d is worth another try', (status) => {
    expect(tokenFailure({ status, body: undefined }, now)).toMatchObject({ name: 'TransientError' });
  });
});
