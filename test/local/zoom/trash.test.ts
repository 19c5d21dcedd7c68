import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Delivery } from '../../../local/zoom/webhooks.ts';
import { OPERATOR, type Zoom } from '../../../local/zoom/simulator.ts';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { accessToken, bearer, get, openEndpoint, openZoom, twice } from './test-zoom.ts';
import type { WireEvent, WireFile } from './test-zoom.ts';
import { virtualClock } from './virtual-clock.ts';

const meeting = sampleMeeting();
const path = `/meetings/${twice(meeting.uuid)}/recordings`;
const video = meeting.files[1]!.id;
const DAY_MS = 86_400_000;

const call = async (zoom: Zoom, method: string, address: string, body?: string) => {
  const response = await fetch(`${zoom.url}/v2${address}`, {
    method,
    headers: bearer(await accessToken(zoom)),
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, code: text === '' ? undefined : (JSON.parse(text) as { code: number }).code };
};
const recover = JSON.stringify({ action: 'recover' });
const idsIn = async (zoom: Zoom, address = path): Promise<(string | undefined)[]> => {
  const { body } = await get(zoom, address);
  return ((body['recording_files'] ?? []) as WireFile[]).map(({ id }) => id);
};
/** A simulator that tells an endpoint, which says 200 to everything. */
const openTold = async (options: Parameters<typeof openZoom>[0] = {}) =>
  openZoom({ webhookUrl: await openEndpoint((_request, _body, response) => response.end()), ...options });
const lastEvent = async (zoom: Zoom): Promise<WireEvent & { payload: { operator: string; operator_id: string } }> => {
  const delivery = zoom.deliveries.at(-1) as Delivery;
  await delivery.settled;
  return JSON.parse(delivery.body) as Awaited<ReturnType<typeof lastEvent>>;
};

describe('Deleting over REST', () => {
  test('puts one file into the trash, from where it comes back, and tells of both', async () => {
    const zoom = await openTold();
    expect(await call(zoom, 'DELETE', `${path}/${video}`)).toEqual({ status: 204, code: undefined });
    expect(await idsIn(zoom)).not.toContain(video);
    const trashed = await lastEvent(zoom);
    expect(trashed).toMatchObject({
      event: 'recording.trashed',
      download_token: expect.any(String) as unknown,
      payload: { operator: OPERATOR.email, operator_id: OPERATOR.id, object: { recording_count: 1 } },
    });
    expect(trashed.payload.object.recording_files.map(({ id }) => id)).toEqual([video]);

    expect(await call(zoom, 'PUT', `${path}/${video}/status`, recover)).toEqual({ status: 204, code: undefined });
    expect(await idsIn(zoom)).toContain(video);
    expect((await lastEvent(zoom)).event).toBe('recording.recovered');
  });

  test('deletes for good when it is told so, out of the trash too, and without a token in the event', async () => {
    const zoom = await openTold();
    await call(zoom, 'DELETE', `${path}/${video}?action=trash`);
    expect((await call(zoom, 'DELETE', `${path}/${video}?action=delete`)).status).toBe(204);
    expect(await lastEvent(zoom)).toMatchObject({ event: 'recording.deleted' });
    expect(await lastEvent(zoom)).not.toHaveProperty('download_token');
    expect(await call(zoom, 'PUT', `${path}/${video}/status`, recover)).toEqual({ status: 404, code: 3301 });
    expect(await call(zoom, 'DELETE', `${path}/${video}?action=delete`)).toEqual({ status: 404, code: 3301 });
  });

  test('takes the whole recording, which then is in no listing but that of the trash', async () => {
    const zoom = await openTold();
    expect((await call(zoom, 'DELETE', path)).status).toBe(204);
    expect(await get(zoom, path)).toMatchObject({ status: 404, body: { code: 3301 } });
    const window = '/users/me/recordings?from=2026-01-12&to=2026-01-12';
    expect((await get(zoom, window)).body).toMatchObject({ total_records: 0, meetings: [] });
    const { body } = await get(zoom, '/users/me/recordings?trash=true');
    const [shown] = body['meetings'] as { recording_files: { deleted_time: string }[] }[];
    expect(shown?.recording_files).toHaveLength(8);
    expect(shown?.recording_files[0]?.deleted_time).toMatch(/^\d{4}-.+Z$/);
    expect((await get(zoom, '/users/me/recordings?trash=true&trash_type=recording_file')).body).toMatchObject({
      meetings: [],
    });
    expect((await call(zoom, 'PUT', `${path}/status`, recover)).status).toBe(204);
    expect(await idsIn(zoom)).toHaveLength(8);
  });

  test('has the trash emptied after 30 days', async () => {
    const time = virtualClock(Date.parse('2026-01-13T00:00:00Z'));
    const zoom = await openZoom({ clock: time.clock });
    await call(zoom, 'DELETE', path);
    time.advance(30 * DAY_MS);
    expect(await call(zoom, 'PUT', `${path}/status`, recover)).toEqual({ status: 404, code: 3301 });
  });

  test.each([
    ['DELETE', `${path}?action=burn`, undefined, 400, 300],
    ['PUT', `${path}/status`, '{"action":"burn"}', 400, 300],
    ['PUT', `${path}/status`, 'recover', 400, 300],
    ['PUT', `${path}/status`, recover, 404, 3301],
    ['DELETE', `${path}/nobody`, undefined, 404, 3301],
    ['DELETE', '/meetings/999/recordings', undefined, 404, 3301],
    ['PATCH', path, '{}', 404, 2300],
  ] as const)('refuses %s %s %s', async (method, address, body, status, code) => {
    expect(await call(await openZoom(), method, address, body)).toEqual({ status, code });
  });

  test('needs a scope of its own for files', async () => {
    const zoom = await openZoom({ habits: { scopes: ['cloud_recording:delete:meeting_recording:admin'] } });
    expect(await call(zoom, 'DELETE', `${path}/${video}`)).toEqual({ status: 400, code: 4711 });
  });

  test('keeps the trash over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rapporteur-trash-'));
    const first = await openZoom({ folder });
    await call(first, 'DELETE', `${path}/${video}`);
    await first.close();
    const second = await openZoom({ folder });
    expect(await idsIn(second)).not.toContain(video);
    expect((await call(second, 'PUT', `${path}/${video}/status`, recover)).status).toBe(204);
  });
});

describe('Other listings', () => {
  test('show the recordings of the whole account, by windows and pages', async () => {
    const zoom = await openZoom();
    zoom.addMeeting(sampleMeeting({ uuid: 'AAAAAAAAAAAAAAAAAAAAAA==', hostEmail: 'someone@fjordlight.example' }));
    const window = '/accounts/me/recordings?from=2026-01-12&to=2026-01-12&page_size=1';
    const { body } = await get(zoom, window);
    expect(body).toMatchObject({ total_records: 2, page_size: 1 });
    const next = await get(zoom, `${window}&next_page_token=${encodeURIComponent(String(body['next_page_token']))}`);
    expect(next.body).toMatchObject({ next_page_token: '' });
    const uuids = [body, next.body].flatMap((page) => (page['meetings'] as { uuid: string }[]).map(({ uuid }) => uuid));
    expect(new Set(uuids).size).toBe(2);
    expect((await get(zoom, '/accounts/other/recordings')).status).toBe(404);
  });

  test('give the transcript of the AI Companion, and 404 where it is a file of the recording', async () => {
    const zoom = await openZoom();
    const transcript = meeting.files.find(({ fileType }) => fileType === 'TRANSCRIPT')!;
    const others = meeting.files.filter((file) => file !== transcript);
    zoom.addMeeting({ ...meeting, uuid: 'none+none+none+none+no==', id: 1, files: others });
    zoom.addMeeting({ ...meeting, uuid: 'ai00ai00ai00ai00ai00ai==', id: 2, files: others, companion: transcript });
    expect((await get(zoom, `/meetings/${twice(meeting.uuid)}/transcript`)).status).toBe(404);
    expect((await get(zoom, '/meetings/1/transcript')).body).toMatchObject({
      can_download: false,
      download_restriction_reason: 'NO_TRANSCRIPT_DATA',
    });
    const { body } = await get(zoom, '/meetings/2/transcript');
    expect(body).toMatchObject({ can_download: true, meeting_id: 'ai00ai00ai00ai00ai00ai==' });
    const response = await fetch(String(body['download_url']), { headers: bearer(await accessToken(zoom)) });
    expect(await response.text()).toMatch(/^WEBVTT/);
  });
});
