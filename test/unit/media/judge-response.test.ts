import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstBytesWanted, judgeResponse, type Verdict, type WantedRange } from '../../../core/media/judge-response.ts';

const now = new Date('2026-01-12T12:00:00Z');
type Given = {
  status?: number;
  headers?: Record<string, string>;
  announcedBytes?: number;
  range?: WantedRange;
};
const judge = (
  extension: string,
  first: string | Buffer,
  { status = 200, headers = {}, ...expected }: Given = {},
): Verdict => judgeResponse({ status, headers }, Buffer.from(first), { extension, ...expected }, now);

const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from('ftypisom'), Buffer.alloc(600)]);
const page = '\n<!DOCTYPE html><html><head><title>Zoom -\n not found</title></head></html>';
const hostError = '{"status":false,"errorCode":124,"errorMessage":"Forbidden"}';

describe('an answer of a download host', () => {
  test.each([
    ['mp4', mp4],
    ['M4A', mp4],
    ['vtt', 'WEBVTT\n\n1\n00:00'],
    ['vtt', '\uFEFFWEBVTT'],
    ['jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ['json', '{"timeline":[]}'],
    ['json', '\uFEFF [1]'],
    ['txt', '10:00:01\t Ada: <b>hello</b>'],
    ['txt', '<3 from Ada'],
    ['csv', 'a,b'],
    ['bin', Buffer.from([0, 1, 2])],
    ['whiteboard', '{"anything":true}'],
    ['html', page],
  ])('with the right first bytes of a %s file is that file', (extension, first) => {
    expect(judge(extension, first)).toEqual({ is: 'ok' });
  });

  test('is judged by its bytes, not by its content type', () => {
    expect(judge('mp4', mp4, { headers: { 'content-type': 'text/html' } })).toEqual({ is: 'ok' });
    expect(judge('vtt', 'WEBVTT', { headers: { 'content-type': 'application/json' } })).toEqual({ is: 'ok' });
  });

  test.each(['mp4', 'vtt', 'txt', 'csv', 'json', 'jpg', 'bin', 'whiteboard'])(
    'that is a web page with status 200 means that the %s file is gone',
    (extension) => {
      expect(judge(extension, page)).toEqual({
        is: 'gone',
        because: 'Zoom delivered a web page titled "Zoom - not found" in place of the file',
      });
    },
  );

  test('that calls itself a web page is one where the bytes prove nothing else', () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    expect(judge('txt', 'Sorry', { headers })).toMatchObject({ is: 'gone' });
    expect(judge('mp4', 'Sorry', { headers })).toMatchObject({ is: 'gone' });
  });

  test.each([200, 400, 401, 403])(
    'with 59 bytes of JSON and status %d is a refusal, whatever was asked for',
    (status) => {
      expect(Buffer.byteLength(hostError)).toBe(59);
      for (const extension of ['mp4', 'json', 'txt', 'vtt', 'bin'])
        expect(judge(extension, hostError, { status })).toEqual({
          is: 'refused',
          because: 'Zoom answered with error code 124 (Forbidden)',
        });
    },
  );

  test('with an error code for something that does not exist means that the file is gone', () => {
    expect(judge('mp4', '{"status":false,"errorCode":3301}')).toMatchObject({ is: 'gone' });
  });

  test('with a long JSON file that mentions errors deeper down is that file', () => {
    expect(judge('json', '{"summary":{"errorCode":1}}')).toEqual({ is: 'ok' });
    const long = Buffer.alloc(firstBytesWanted, `{"errorCode":1,"text":"`);
    expect(judge('json', long)).toEqual({ is: 'ok' });
  });

  test.each([
    [401, 'refused'],
    [403, 'refused'],
    [400, 'refused'],
    [404, 'gone'],
    [410, 'gone'],
    [302, 'refused'],
    [408, 'transient'],
    [429, 'transient'],
    [500, 'transient'],
    [503, 'transient'],
    [206, 'transient'],
  ] as const)('with status %d is %s', (status, is) => {
    expect(judge('mp4', mp4, { status })).toMatchObject({ is });
  });

  test.each([
    ['7', 7],
    ['Mon, 12 Jan 2026 12:01:00 GMT', 60],
    ['2026-01-12T12:02:00Z', 120],
  ])('that asks to come back (%s) says so', (header, seconds) => {
    expect(judge('mp4', '', { status: 429, headers: { 'retry-after': header } })).toEqual({
      is: 'transient',
      because: `Zoom answered 429, asking for ${seconds} s of patience`,
    });
  });

  test.each([
    ['mp4', 'not a film'],
    ['mp4', Buffer.from('ftyp')],
    ['vtt', 'WEBVTTX'],
    ['vtt', '1\n00:00:01'],
    ['jpg', 'GIF89a'],
    ['json', 'timeline'],
    ['vtt', Buffer.from([0x1f, 0x8b, 8])],
  ])('with other first bytes than a %s file has is wrong', (extension, first) => {
    expect(judge(extension, first)).toMatchObject({ is: 'wrong' });
  });

  test('in an encoding that nobody asked for is wrong', () => {
    expect(judge('mp4', mp4, { headers: { 'content-encoding': 'br' } })).toMatchObject({ is: 'wrong' });
    expect(judge('vtt', 'WEBVTT', { headers: { 'content-encoding': 'gzip' } })).toEqual({ is: 'ok' });
  });

  test('without bytes is wrong where Zoom announced some, and an empty file elsewhere', () => {
    expect(judge('txt', '', { announcedBytes: 10 })).toMatchObject({ is: 'wrong' });
    expect(judge('txt', '')).toMatchObject({ is: 'gone' });
    expect(judge('txt', '', { announcedBytes: 0 })).toEqual({ is: 'gone', because: 'the file is empty at Zoom' });
  });

  test('is judged without an exception, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 6 }),
        fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.json({ maxDepth: 2 })),
        fc.integer({ min: 100, max: 599 }),
        (extension, first, status) => {
          expect(['ok', 'gone', 'refused', 'transient', 'wrong']).toContain(
            judge(extension, Buffer.from(first as string), { status }).is,
          );
        },
      ),
    );
  });
});

describe('an answer to a request for a range', () => {
  const wanted = { from: 1_000, to: 1_999, total: 5_000, etag: '"one"' };
  const part = (contentRange: string, headers: Record<string, string> = {}): Given => ({
    ...{ status: 206, range: wanted, headers: { 'content-range': contentRange, etag: '"one"', ...headers } },
  });
  const middle = Buffer.from('<html>, as the middle of a film may well look');

  test('is right when it is that range of that file, whatever its bytes look like', () => {
    expect(judge('mp4', middle, part('bytes 1000-1999/5000'))).toEqual({ is: 'ok' });
    expect(judge('mp4', middle, part('bytes 1000-1999/*', { 'content-length': '1000' }))).toEqual({ is: 'ok' });
  });

  test.each([
    [{ from: 4_000 }, 'bytes 4000-4999/5000', 'ok'],
    [{ from: 4_000, to: 9_999 }, 'bytes 4000-4999/5000', 'ok'],
    [{ from: 4_000 }, 'bytes 4000-4998/5000', 'wrongRange'],
    [{ from: 4_000 }, 'bytes 4000-4998/*', 'ok'],
    [{ from: 4_000, total: 5_000 }, 'bytes 4000-4998/*', 'wrongRange'],
  ])('may end where the file ends: %j answered with %s is %s', (range, contentRange, is) => {
    expect(judge('mp4', middle, { status: 206, range, headers: { 'content-range': contentRange } }).is).toBe(is);
  });

  test.each([
    'bytes 0-999/5000',
    'bytes 1000-1998/5000',
    'bytes 1000-2000/5000',
    'bytes 1999-1000/5000',
    'bytes 1000-1999/1500',
    'bytes 1000-1999',
    'chapters 1000-1999/5000',
    'bytes */5000',
    '',
  ])('is the wrong range when it says that it is %j', (contentRange) => {
    expect(judge('mp4', middle, part(contentRange))).toMatchObject({ is: 'wrongRange' });
  });

  test('is the wrong range when its length is another one, or the bytes are those of a compressed file', () => {
    const right = 'bytes 1000-1999/5000';
    expect(judge('mp4', middle, part(right, { 'content-length': '999' }))).toMatchObject({ is: 'wrongRange' });
    expect(judge('mp4', middle, part(right, { 'content-encoding': 'gzip' }))).toMatchObject({ is: 'wrongRange' });
  });

  test('tells that the file has changed, by its ETag or by its length', () => {
    const right = 'bytes 1000-1999/5000';
    expect(judge('mp4', middle, part(right, { etag: '"two"' }))).toMatchObject({ is: 'changed' });
    expect(judge('mp4', middle, part('bytes 1000-1999/5001'))).toMatchObject({ is: 'changed' });
    expect(judge('mp4', mp4, { range: wanted, headers: { etag: '"two"' } })).toMatchObject({ is: 'changed' });
    expect(judge('mp4', mp4, { range: wanted, headers: { 'content-length': '4999' } })).toMatchObject({
      is: 'changed',
    });
    const beyond = { status: 416, range: wanted, headers: { 'content-range': 'bytes */900' } };
    expect(judge('mp4', '', beyond)).toEqual({
      is: 'changed',
      because: 'the file has 900 bytes, and byte 1000 was asked for',
    });
  });

  test('does not miss an ETag that is absent or weak', () => {
    const right = { 'content-range': 'bytes 1000-1999/5000' };
    expect(judge('mp4', middle, { status: 206, range: wanted, headers: right })).toEqual({ is: 'ok' });
    const weak = { ...right, etag: 'W/"one"' };
    expect(judge('mp4', middle, { status: 206, range: wanted, headers: weak })).toEqual({ is: 'ok' });
  });

  test('may be the whole file, and says so', () => {
    const headers = { 'content-length': '5000', etag: '"one"' };
    expect(judge('mp4', mp4, { range: wanted, headers })).toMatchObject({ is: 'rangeIgnored' });
  });

  test('is judged as any other when it is no file at all', () => {
    expect(judge('mp4', page, { range: wanted, headers: { 'content-length': '75' } })).toMatchObject({ is: 'gone' });
    expect(judge('mp4', hostError, { range: wanted })).toMatchObject({ is: 'refused' });
    expect(judge('mp4', '', { status: 503, range: wanted })).toMatchObject({ is: 'transient' });
    expect(judge('mp4', '', { status: 403, range: wanted })).toMatchObject({ is: 'refused' });
  });

  test('shows the type of the file where it holds enough of its beginning', () => {
    const begin = (bytes: number): Given => ({
      ...{ status: 206, range: { from: 0, to: bytes - 1 }, headers: { 'content-range': `bytes 0-${bytes - 1}/5000` } },
    });
    expect(judge('mp4', mp4.subarray(0, 1), begin(1))).toEqual({ is: 'ok' });
    expect(judge('mp4', mp4.subarray(0, 512), begin(512))).toEqual({ is: 'ok' });
    expect(judge('mp4', page.slice(0, 50), begin(50))).toMatchObject({ is: 'gone' });
    expect(judge('mp4', Buffer.alloc(512, 'x'), begin(512))).toMatchObject({ is: 'wrong' });
  });

  test('is that the file is empty where a probe found nothing', () => {
    const empty = { status: 416, range: { from: 0, to: 0 }, headers: { 'content-range': 'bytes */0' } };
    expect(judge('txt', '', { ...empty, announcedBytes: 0 })).toMatchObject({ is: 'gone' });
    expect(judge('txt', '', empty)).toMatchObject({ is: 'gone' });
    expect(judge('txt', '', { ...empty, announcedBytes: 10 })).not.toMatchObject({ is: 'gone' });
  });
});
