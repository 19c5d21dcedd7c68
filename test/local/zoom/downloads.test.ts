import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sha256Of } from '../../../local/zoom/content.ts';
import { contentOf } from '../../../local/zoom/media.ts';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { accessToken, bearer, fileOf, get, openZoom, storageUrl, twice } from './test-zoom.ts';
import type { WireEvent, WireFile } from './test-zoom.ts';
import { virtualClock } from './virtual-clock.ts';

const meeting = sampleMeeting();
const speakerView = contentOf(meeting.files[1]!.content);
const sha256 = (bytes: ArrayBuffer): string => createHash('sha256').update(Buffer.from(bytes)).digest('hex');
const plain = { 'accept-encoding': 'identity' };

const eventOf = (zoom: Awaited<ReturnType<typeof openZoom>>, seconds?: number): WireEvent =>
  JSON.parse(
    zoom.compose(meeting.uuid, 'recording.completed', seconds === undefined ? {} : { tokenSeconds: seconds }),
  ) as WireEvent;

describe('Downloads', () => {
  test('go from the signed event over a redirect to another origin, byte for byte', async () => {
    const zoom = await openZoom();
    const event = eventOf(zoom);
    const { download_url, file_size } = fileOf(event.payload.object.recording_files, 'MP4');
    expect(new URL(download_url).pathname).toMatch(/^\/rec\/webhook_download\/[^/]+\/[^/]+$/);
    const first = await fetch(download_url, { headers: bearer(event.download_token), redirect: 'manual' });
    expect(first.status).toBe(302);
    const target = new URL(first.headers.get('location') ?? '');
    expect(target.origin).toBe(zoom.storageOrigin);
    expect(zoom.storageOrigin).not.toBe(zoom.downloadOrigin);
    const second = await fetch(target);
    expect(Number(second.headers.get('content-length'))).toBe(file_size);
    expect(second.headers.get('content-type')).toBe('video/mp4');
    expect(sha256(await second.arrayBuffer())).toBe(sha256Of(speakerView));
  });

  test('take only the token that belongs to the kind of URL', async () => {
    const zoom = await openZoom();
    const event = eventOf(zoom);
    const fromEvent = fileOf(event.payload.object.recording_files, 'CHAT').download_url;
    const { body } = await get(
      zoom,
      `/meetings/${twice(meeting.uuid)}/recordings?include_fields=download_access_token`,
    );
    const fromRest = fileOf(body['recording_files'] as WireFile[], 'CHAT').download_url;
    const [hook, download, access] = [
      event.download_token,
      String(body['download_access_token']),
      await accessToken(zoom),
    ];
    const status = async (url: string, token: string): Promise<number> =>
      (await fetch(url, { headers: bearer(token), redirect: 'manual' })).status;
    expect(await Promise.all([status(fromEvent, hook), status(fromRest, download), status(fromRest, access)])).toEqual([
      302, 302, 302,
    ]);
    expect(await Promise.all([status(fromEvent, download), status(fromEvent, access), status(fromRest, hook)])).toEqual(
      [401, 401, 401],
    );
    expect((await fetch(`${fromEvent}?access_token=${hook}`, { redirect: 'manual' })).status).toBe(401);
  });

  test('refuse the token of another meeting', async () => {
    const zoom = await openZoom();
    const other = sampleMeeting({ uuid: 'FFFFFFFFFFFFFFFFFFFFFF==' });
    zoom.addMeeting(other);
    const { download_token } = JSON.parse(zoom.compose(other.uuid, 'recording.completed')) as WireEvent;
    const { download_url } = fileOf(eventOf(zoom).payload.object.recording_files, 'MP4');
    expect((await fetch(download_url, { headers: bearer(download_token) })).status).toBe(401);
  });

  test.each([
    ['401', 401, 'application/json', 59],
    ['json59', 200, 'application/json', 59],
    ['html200', 200, 'text/html;charset=utf-8', undefined],
  ] as const)('answer an expired token as configured: %s', async (badTokenAnswer, status, type, length) => {
    const zoom = await openZoom({ habits: { badTokenAnswer } });
    const event = eventOf(zoom, -1);
    const { download_url } = fileOf(event.payload.object.recording_files, 'MP4');
    const response = await fetch(download_url, { headers: bearer(event.download_token) });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe(type);
    const text = await response.text();
    if (length !== undefined) expect(text).toHaveLength(length);
    if (length !== undefined)
      expect(JSON.parse(text)).toEqual({ status: false, errorCode: 124, errorMessage: 'Forbidden' });
  });

  test('answer a deleted file with a page and status 200', async () => {
    const zoom = await openZoom();
    const event = eventOf(zoom);
    zoom.removeFiles(meeting.uuid, [meeting.files[1]!.id]);
    const { download_url } = fileOf(event.payload.object.recording_files, 'MP4');
    const response = await fetch(download_url, { headers: bearer(event.download_token) });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8']);
    expect(await response.text()).toMatch(/^<!DOCTYPE html>/);
  });

  test('serve a file straight from the download host where it is so', async () => {
    const zoom = await openZoom();
    zoom.addMeeting({ ...meeting, files: meeting.files.map((file) => ({ ...file, direct: true })) });
    const event = eventOf(zoom);
    const { download_url } = fileOf(event.payload.object.recording_files, 'MP4');
    const response = await fetch(download_url, { headers: { ...bearer(event.download_token), range: 'bytes=4-7' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="GMT20260112-150014_Recording.mp4"');
    expect(await response.text()).toBe('ftyp');
  });
});

describe('The storage', () => {
  test('refuses a bearer token, and remembers the leak without the token', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    expect(zoom.leaks()).toEqual([]);
    const response = await fetch(url, { headers: bearer('a-secret-token') });
    expect(response.status).toBe(400);
    expect(zoom.leaks()).toHaveLength(1);
    const signature = new URL(url).searchParams.get('Signature') ?? '?';
    for (const secret of ['a-secret-token', signature]) expect(JSON.stringify(zoom.requests)).not.toContain(secret);
  });

  test('refuses a URL that is changed, moved to another file, or too old', async () => {
    const time = virtualClock(Date.UTC(2026, 0, 12));
    const zoom = await openZoom({ clock: time.clock, habits: { signedUrlSeconds: 60 } });
    const url = new URL(await storageUrl(zoom, 'MP4'));
    const status = async (target: URL): Promise<number> => {
      const response = await fetch(target, { method: 'HEAD' });
      return response.status;
    };
    const other = new URL(await storageUrl(zoom, 'M4A'));
    other.search = url.search;
    const unsigned = new URL(url);
    unsigned.search = '';
    expect(await Promise.all([status(url), status(other), status(unsigned)])).toEqual([200, 403, 403]);
    time.advance(60_000);
    expect(await status(url)).toBe(403);
  });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=262100-262200', 262100, 262201],
    ['bytes=6291000-', 6291000, speakerView.length],
    ['bytes=-10', speakerView.length - 10, speakerView.length],
    ['bytes=5-99999999', 5, speakerView.length],
  ])('answers %s with those bytes and says which they are', async (range, start, end) => {
    const zoom = await openZoom();
    const response = await fetch(await storageUrl(zoom, 'MP4'), { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${speakerView.length}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.concat([...speakerView.read(start, end)]))).toBe(
      true,
    );
    expect(zoom.requests.at(-1)).toMatchObject({ route: 'storage', range, fileId: meeting.files[1]!.id });
  });

  test('answers 416 beyond the end, 412 for another ETag, and the whole without Range support', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'MP4');
    expect((await fetch(url, { headers: { range: 'bytes=99999999-' } })).status).toBe(416);
    expect((await fetch(url, { headers: { 'if-match': '"other"' } })).status).toBe(412);
    zoom.habits.ranges = false;
    const response = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=0-0' } });
    expect([response.status, response.headers.get('accept-ranges')]).toEqual([200, null]);
    expect(Number(response.headers.get('content-length'))).toBe(speakerView.length);
  });

  test('compresses text for whoever does not ask for identity', async () => {
    const zoom = await openZoom();
    const url = await storageUrl(zoom, 'CC');
    const compressed = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    const identity = await fetch(url, { headers: plain });
    expect(identity.headers.get('content-encoding')).toBeNull();
    const [a, b] = [await compressed.arrayBuffer(), await identity.arrayBuffer()];
    expect(sha256(a)).toBe(sha256(b));
    expect(Number(compressed.headers.get('content-length'))).toBeLessThan(b.byteLength);
  });
});
