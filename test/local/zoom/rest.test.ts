import { describe, expect, test } from '@jest/globals';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { accessToken, askToken, fileOf, get, openZoom, twice } from './test-zoom.ts';
import type { WireFile } from './test-zoom.ts';
import { virtualClock } from './virtual-clock.ts';

const { uuid } = sampleMeeting();

describe('The token endpoint', () => {
  test('gives tokens of an hour, several of which are valid at once', async () => {
    const zoom = await openZoom();
    const answer = (await (await askToken(zoom)).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ token_type: 'bearer', expires_in: 3600, api_url: zoom.url });
    const second = await accessToken(zoom);
    expect(second).not.toBe(answer['access_token']);
    for (const token of [String(answer['access_token']), second])
      expect((await get(zoom, '/users/me', token)).status).toBe(200);
  });

  test.each([
    ['a wrong secret', undefined, 'client:wrong', 401, 'invalid_client'],
    ['another grant', { grant_type: 'client_credentials', account_id: 'x' }, undefined, 400, 'unsupported_grant_type'],
    ['another account', { grant_type: 'account_credentials', account_id: 'x' }, undefined, 400, 'invalid_request'],
  ])('refuses %s with reason and error', async (_what, form, credentials, status, error) => {
    const response = await askToken(await openZoom(), form, credentials);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ reason: expect.any(String), error });
  });

  test('lets a token expire after an hour', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12));
    const zoom = await openZoom({ clock: time.clock });
    const token = await accessToken(zoom);
    time.advance(3_599_000);
    expect((await get(zoom, '/users/me', token)).status).toBe(200);
    time.advance(1000);
    expect(await get(zoom, '/users/me', token)).toMatchObject({
      status: 401,
      body: { code: 124, message: 'Access token is expired.' },
    });
  });
});

describe('The REST API', () => {
  test('shows a recording by its uuid with passcodes, a download token and REST links', async () => {
    const zoom = await openZoom();
    const { body } = await get(zoom, `/meetings/${twice(uuid)}/recordings?include_fields=download_access_token&ttl=60`);
    expect(body).toMatchObject({
      uuid,
      password: 'x7!Kq2',
      recording_play_passcode: 'pLaY-PaSs_0123456789',
      type: '8',
    });
    const files = body['recording_files'] as WireFile[];
    expect(files.every(({ download_url }) => download_url.startsWith(`${zoom.url}/rec/download/`))).toBe(true);
    const tracks = body['participant_audio_files'] as WireFile[];
    expect(body['recording_count']).toBe(files.length + tracks.length);
    expect(body['total_size']).toBe([...files, ...tracks].reduce((sum, file) => sum + (file.file_size ?? 0), 0));
    const claims = JSON.parse(
      Buffer.from(String(body['download_access_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({ mid: uuid });
  });

  test('shows captions and timeline without id, status, size, type and player', async () => {
    const { body } = await get(await openZoom(), `/meetings/${twice(uuid)}/recordings`);
    expect(body).not.toHaveProperty('download_access_token');
    for (const type of ['CC', 'TIMELINE']) {
      const names = Object.keys(fileOf(body['recording_files'] as WireFile[], type));
      expect(names.sort()).toEqual([
        'download_url',
        'file_extension',
        'file_type',
        'meeting_id',
        'recording_end',
        'recording_start',
      ]);
    }
  });

  test('leaves the extension out of participant audio', async () => {
    const zoom = await openZoom();
    const meeting = sampleMeeting({ uuid: 'AAAAAAAAAAAAAAAAAAAAAA==' });
    const track = { ...meeting.files[0]!, id: 'track', participant: 'Łukasz / R&D "lab"' };
    zoom.addMeeting({ ...meeting, files: [track] });
    const { body } = await get(zoom, `/meetings/${meeting.uuid}/recordings`);
    const [shown] = body['participant_audio_files'] as Record<string, unknown>[];
    expect(shown).toMatchObject({ file_name: 'Audio only - Łukasz / R&D "lab"', file_type: 'M4A' });
    expect(shown).not.toHaveProperty('file_extension');
    expect(zoom.compose(meeting.uuid, 'recording.completed')).toContain('"file_extension":"M4A","play_url"');
  });

  test('takes a meeting number for its latest occurrence', async () => {
    const zoom = await openZoom();
    zoom.addMeeting(sampleMeeting({ uuid: 'BBBBBBBBBBBBBBBBBBBBBB==', startTime: '2026-01-19T14:59:58Z' }));
    expect((await get(zoom, '/meetings/84412345678/recordings')).body['uuid']).toBe('BBBBBBBBBBBBBBBBBBBBBB==');
  });

  test('finds a uuid with slashes only when it is encoded twice, and others either way', async () => {
    const zoom = await openZoom();
    const plain = 'CCCCCC+CCCCCCCCCCCCCCC==';
    zoom.addMeeting(sampleMeeting({ uuid: plain }));
    const status = async (segment: string): Promise<number> => (await get(zoom, `/past_meetings/${segment}`)).status;
    expect(await status(twice(uuid))).toBe(200);
    expect(await status(encodeURIComponent(uuid))).toBe(404);
    expect(await status(uuid)).toBe(404);
    expect(await status(twice(plain))).toBe(200);
    expect(await status(encodeURIComponent(plain))).toBe(200);
  });

  test('pages through a month of recordings to the end, and each of them once', async () => {
    const zoom = await openZoom();
    const uuids = Array.from({ length: 7 }, (_, index) => `${String(index).repeat(22)}==`);
    uuids.forEach((one, day) =>
      zoom.addMeeting(sampleMeeting({ uuid: one, startTime: `2026-02-0${day + 1}T10:00:00Z` })),
    );
    const seen: string[] = [];
    let next = '';
    let pages = 0;
    do {
      const path = `/users/me/recordings?from=2026-02-01&to=2026-02-28&page_size=3&next_page_token=${next}`;
      const { body } = await get(zoom, path);
      expect(body).toMatchObject({ page_count: 3, page_size: 3, total_records: 7 });
      seen.push(...(body['meetings'] as { uuid: string }[]).map((meeting) => meeting.uuid));
      next = String(body['next_page_token']);
      pages += 1;
    } while (next !== '');
    expect(pages).toBe(3);
    expect(seen.sort()).toEqual(uuids.sort());
  });

  test('refuses a page token that is changed, old or used with other parameters', async () => {
    const time = virtualClock(Date.UTC(2026, 1, 10));
    const zoom = await openZoom({ clock: time.clock });
    zoom.addMeeting(sampleMeeting({ uuid: 'DDDDDDDDDDDDDDDDDDDDDD==' }));
    const path = '/users/me/recordings?from=2026-01-01&to=2026-01-30&page_size=1';
    const token = String((await get(zoom, path)).body['next_page_token']);
    expect((await get(zoom, `${path}&next_page_token=${token}`)).status).toBe(200);
    expect((await get(zoom, `${path}&next_page_token=${token}x`)).body['code']).toBe(300);
    expect((await get(zoom, `${path.replace('01-01', '01-02')}&next_page_token=${token}`)).body['code']).toBe(300);
    time.advance(15 * 60_000);
    expect((await get(zoom, `${path}&next_page_token=${token}`)).body['code']).toBe(300);
  });

  test('cuts a window of more than a month silently, and describes an empty listing with zeros', async () => {
    const { body } = await get(await openZoom(), '/users/me/recordings?from=2025-01-01&to=2026-12-31&page_size=300');
    expect(body).toEqual({
      from: '2025-01-01',
      to: '2025-02-01',
      page_count: 0,
      page_size: 0,
      total_records: 0,
      next_page_token: '',
      meetings: [],
    });
  });

  test('hides the transcript until its event, and deleted files for good', async () => {
    const zoom = await openZoom({ webhookUrl: 'http://127.0.0.1:9/nobody', delays: [] });
    const types = async (): Promise<string[]> =>
      ((await get(zoom, `/meetings/${twice(uuid)}/recordings`)).body['recording_files'] as WireFile[]).map(
        (file) => file.file_type,
      );
    expect(await types()).not.toContain('TRANSCRIPT');
    await zoom.announce(uuid, 'recording.transcript_completed');
    expect(await types()).toContain('TRANSCRIPT');
    zoom.removeFiles(uuid);
    expect(await get(zoom, `/meetings/${twice(uuid)}/recordings`)).toMatchObject({ status: 404, body: { code: 3301 } });
  });

  test('describes the meeting, its participants and its host', async () => {
    const zoom = await openZoom();
    expect((await get(zoom, `/past_meetings/${twice(uuid)}`)).body).toMatchObject({
      uuid,
      participants_count: 3,
      user_name: 'Ada Lindqvist',
    });
    const { body } = await get(zoom, `/past_meetings/${twice(uuid)}/participants?page_size=300`);
    expect((body['participants'] as { user_email: string }[]).map((one) => one.user_email)).toContain('');
    expect((await get(zoom, '/users/ada.lindqvist@fjordlight.example')).body).toMatchObject({
      display_name: 'Ada Lindqvist',
    });
  });

  test.each([
    ['/users/nobody@x.example', 404, 1001],
    ['/past_meetings/EEEEEEEEEEEEEEEEEEEEEE==', 404, 3001],
    ['/meetings/123/recordings', 404, 3301],
    ['/meetings/84412345678/recordings?ttl=604801', 400, 300],
    ['/users/me/recordings?page_size=301', 400, 300],
    ['/users/me/recordings?from=12.1.2026', 400, 300],
    ['/users', 404, 2300],
    ['/phone/recordings', 404, 2300],
  ])('answers %s with %i and code %i', async (path, status, code) => {
    expect(await get(await openZoom(), path)).toMatchObject({ status, body: { code, message: expect.any(String) } });
  });

  test('refuses foreign tokens, tokens in the query, and apps without the scope', async () => {
    const zoom = await openZoom({ habits: { scopes: ['user:read:user:admin'] } });
    const token = await accessToken(zoom);
    expect(await get(zoom, '/users/me', 'made.up.token')).toMatchObject({ status: 401, body: { code: 124 } });
    expect((await fetch(`${zoom.url}/v2/users/me?access_token=${token}`)).status).toBe(401);
    expect(JSON.stringify(zoom.requests)).not.toContain(token);
    expect((await get(zoom, '/meetings/84412345678/recordings')).body).toEqual({
      code: 4711,
      message: 'Invalid access token, does not contain scopes:[cloud_recording:read:list_recording_files:admin].',
    });
  });

  test('limits each label by the second, with the headers of the limit', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12));
    const zoom = await openZoom({ clock: time.clock, habits: { rateLimits: { Light: 2 } } });
    const token = await accessToken(zoom);
    const statuses = [];
    for (let call = 0; call < 3; call++) statuses.push((await get(zoom, '/users/me', token)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const { headers, body } = await get(zoom, '/users/me', token);
    expect(body['code']).toBe(429);
    expect(headers.get('x-ratelimit-category')).toBe('Light');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    time.advance(1000);
    expect((await get(zoom, '/users/me', token)).status).toBe(200);
  });
});
