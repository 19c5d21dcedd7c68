import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstBytesWanted, judgeResponse, type Verdict } from '../../../core/media/judge-response.ts';

const now = new Date('2026-01-12T12:00:00Z');
type Given = { status?: number; headers?: Record<string, string>; announcedBytes?: number };
const judge = (
  extension: string,
  first: string | Buffer,
  { status = 200, headers = {}, announcedBytes }: Given = {},
): Verdict => judgeResponse({ status, headers }, Buffer.from(first), { extension, announcedBytes }, now);

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

  test('without bytes is wrong, unless Zoom announced an empty file', () => {
    expect(judge('txt', '', { announcedBytes: 10 })).toMatchObject({ is: 'wrong' });
    expect(judge('txt', '')).toMatchObject({ is: 'wrong' });
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
