import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normaliseFiles } from '../../../core/zoom/files.ts';
import { zoomRecording } from '../../../core/zoom/recording.ts';

const start = '2026-01-12T15:00:14Z';
const end = '2026-01-12T15:31:47Z';
const times = { recording_start: start, recording_end: end };
const url = (key: string, event = 'D01-evt.tok') => `https://acme.zoom.us/rec/webhook_download/${key}/${event}`;
const film = { id: '5a000001', file_type: 'MP4', file_extension: 'MP4', file_size: 9, status: 'completed', ...times };
const captions = { file_type: 'CC', file_extension: 'VTT', download_url: url('P14'), ...times };

const only = (file: object) => {
  const files = normaliseFiles({ recording_files: [file] });
  expect(files).toHaveLength(1);
  return files[0] as NonNullable<(typeof files)[0]>;
};

describe('a file of a recording', () => {
  test('keeps what Zoom tells of it', () => {
    const file = { ...film, recording_type: 'active_speaker', download_url: url('P04'), file_name: 'GMT.mp4' };
    expect(only(file)).toEqual({
      fileId: '5a000001',
      zoomId: '5a000001',
      fileType: 'MP4',
      recordingType: 'active_speaker',
      view: 'active_speaker',
      extension: 'mp4',
      recordingStart: start,
      recordingEnd: end,
      fileName: 'GMT.mp4',
      bytes: 9,
      status: 'ready',
      downloadUrl: url('P04'),
    });
  });

  test('with captions burnt in has a view of its own', () => {
    const type = 'shared_screen_with_speaker_view';
    expect(only({ ...film, recording_type: type }).view).toBe('shared_screen_with_speaker_view');
    expect(only({ ...film, recording_type: `${type}(CC)` }).view).toBe('shared_screen_with_speaker_view_cc');
  });

  test.each([
    ['MP4', 'mp4', 'video'],
    ['M4A', 'm4a', 'audio'],
    ['TRANSCRIPT', 'vtt', 'audio_transcript'],
    ['CC', 'vtt', 'closed_caption'],
    ['CHAT', 'txt', 'chat_file'],
    ['CHAT_MESSAGE', 'txt', 'chat_message'],
    ['CSV', 'csv', 'poll'],
    ['TIMELINE', 'json', 'timeline'],
    ['SUMMARY', 'json', 'summary'],
    ['TB', 'jpg', 'thumbnail'],
    ['WHITEBOARD', 'bin', 'whiteboard'],
    ['', 'bin', 'unknown'],
  ])('of type %p that tells nothing else is a .%s in the view %s', (file_type, extension, view) => {
    expect(only({ file_type, ...times, download_url: url('P1') })).toMatchObject({ extension, view });
  });

  test.each([
    [{ file_type: 'NEW', file_extension: 'DOCX' }, 'docx'],
    [{ file_type: 'NEW', file_name: 'notes.pdf' }, 'pdf'],
    [{ file_type: 'NEW', file_extension: '../../sh' }, 'bin'],
    [{ file_type: 'mp4', file_extension: '' }, 'mp4'],
    [{ file_type: 'MP4', file_extension: '.MP4' }, 'mp4'],
  ])('%p ends in .%s', (file, extension) => {
    expect(only({ ...times, ...file }).extension).toBe(extension);
  });

  test.each([
    [{ status: 'completed', download_url: 'https://zoom.us/x' }, 'ready'],
    [{ download_url: 'https://zoom.us/x' }, 'ready'],
    [{ status: 'somehow_else', download_url: 'https://zoom.us/x' }, 'ready'],
    [{ status: 'processing', download_url: 'https://zoom.us/x' }, 'processing'],
    [{ status: 'completed' }, 'processing'],
    [{ file_type: '' }, 'processing'],
    [{ file_path: '/mnt/recordings/1.mp4' }, 'on-premise'],
  ])('%p is %s', (file, status) => {
    expect(only({ ...times, ...file }).status).toBe(status);
  });

  test.each([
    [0, 0],
    ['12', 12],
    [-1, undefined],
    ['', undefined],
    ['many', undefined],
    [null, undefined],
    [Infinity, undefined],
  ])('with size %p has %p bytes', (file_size, bytes) => {
    expect(only({ ...film, file_size }).bytes).toBe(bytes);
  });

  test('of a participant shows no name in its view', () => {
    const track = {
      id: '7c1',
      file_type: 'M4A',
      file_name: 'Audio only - Łukasz / R&D',
      download_url: url('A1'),
      ...times,
    };
    expect(normaliseFiles({ participant_audio_files: [track] })).toEqual([
      expect.objectContaining({
        view: 'participant_audio',
        extension: 'm4a',
        fileId: '7c1',
        fileName: track.file_name,
      }),
    ]);
  });

  test('without a start begins with its meeting', () => {
    const lists = { recording_files: [{ id: 'x', recording_start: 'soon' }], start_time: '2026-01-12T14:59:58.000Z' };
    expect(normaliseFiles(lists)[0]?.recordingStart).toBe('2026-01-12T14:59:58Z');
    expect(only({ id: 'x' }).recordingStart).toBe('1970-01-01T00:00:00Z');
  });
});

describe('the identity of a file', () => {
  test("is Zoom's id where there is one, be it a number", () => {
    expect(only(film).fileId).toBe('5a000001');
    expect(only({ ...film, id: 17 }).fileId).toBe('17');
  });

  test('is type and start where there is none, however the start is written and wherever the file lies', () => {
    const rest = {
      ...captions,
      recording_start: '2026-01-12T15:00:14.000Z',
      download_url: 'https://x.zoom.us/rec/download/P99',
    };
    expect(only(captions).fileId).toBe('CC@2026-01-12T15:00:14Z');
    expect(only(rest).fileId).toBe(only(captions).fileId);
    expect(only({ ...captions, recording_start: end }).fileId).not.toBe(only(captions).fileId);
  });

  test('takes in the own key where two in one list would be the same, in webhook and REST alike', () => {
    const list = [captions, { ...captions, download_url: url('P15') }];
    const ids = normaliseFiles({ recording_files: list }).map(({ fileId }) => fileId);
    expect(new Set(ids).size).toBe(2);
    const rest = ['P15', 'P14'].map((key) => ({
      ...captions,
      download_url: `https://zoom.us/rec/download/${key}?x=1`,
    }));
    expect(normaliseFiles({ recording_files: rest }).map(({ fileId }) => fileId)).toEqual([...ids].reverse());
    expect(ids.join()).not.toContain('P14');
  });

  test('parts a participant without an id from the meeting that shares the start', () => {
    const sound = { file_type: 'M4A', ...times };
    const files = normaliseFiles({
      recording_files: [sound],
      participant_audio_files: [sound, { ...sound, file_name: 'Bo' }],
    });
    expect(new Set(files.map(({ fileId }) => fileId)).size).toBe(3);
  });

  test('parts files of different kind that share an id, so that none is lost', () => {
    const files = normaliseFiles({ recording_files: [film, { ...film, file_type: 'M4A' }] });
    expect(new Set(files.map(({ fileId }) => fileId)).size).toBe(2);
    expect(files.map(({ zoomId }) => zoomId)).toEqual(['5a000001', '5a000001']);
  });

  test('makes one of a file that is told twice, and keeps the telling that can be downloaded', () => {
    const ready = { ...film, download_url: url('P01') };
    for (const list of [
      [film, ready, film],
      [ready, film],
    ])
      expect(normaliseFiles({ recording_files: list })).toEqual([only(ready)]);
  });

  test('fits into a key and into UTF-8, whatever Zoom sends', () => {
    expect(only({ ...film, id: 'x'.repeat(5_000) }).fileId).toMatch(/^long-[0-9a-f]{12}$/);
    expect(only({ ...film, id: 'half \ud83c pair', file_name: '\udfff' })).toMatchObject({
      fileId: 'half \ufffd pair',
      fileName: '\ufffd',
    });
    expect(only({ ...film, file_size: 1e300 }).bytes).toBeUndefined();
  });

  const someFile = fc.record(
    {
      id: fc.constantFrom('a', 'b', 'c', ''),
      file_type: fc.constantFrom('MP4', 'M4A', 'CC', 'TIMELINE', 'ODD', ''),
      recording_type: fc.constantFrom('active_speaker', 'shared_screen(CC)', 'new'),
      recording_start: fc.constantFrom(start, end),
      key: fc.constantFrom('P1', 'P2', 'P3'),
      file_size: fc.constantFrom(1, 2),
    },
    { requiredKeys: ['key', 'file_type'] },
  );
  const toLists = (files: object[], host: string, token: string) => ({
    recording_files: files.map((file) => {
      const { key, ...rest } = file as { key: string };
      return {
        ...rest,
        download_url: `https://${host}/rec/${token ? 'webhook_' : ''}download/${key}${token && `/${token}`}`,
      };
    }),
  });
  const idsOf = (lists: object): string[] => normaliseFiles(lists).map(({ fileId }) => fileId);

  test('does not depend on order, repetition, hosts or tokens', () => {
    fc.assert(
      fc.property(
        fc
          .array(someFile, { maxLength: 8 })
          .chain((files) =>
            fc.tuple(fc.constant(files), fc.shuffledSubarray([...files, ...files], { minLength: files.length * 2 })),
          ),
        ([files, shuffled]) => {
          const ids = idsOf(toLists(files, 'acme.zoom.us', 'token'));
          expect(new Set(ids).size).toBe(ids.length);
          expect(new Set(idsOf(toLists(shuffled, 'us02web.zoom.us', '')))).toEqual(new Set(ids));
        },
      ),
    );
  });

  test('is given to whatever comes, without an exception', () => {
    fc.assert(
      fc.property(
        fc.array(fc.anything()),
        fc.array(fc.object({ key: fc.constantFrom(...Object.keys(film)) })),
        (any, odd) => {
          const files = normaliseFiles({ recording_files: any, participant_audio_files: odd });
          for (const file of files) {
            expect(file.fileId).not.toBe('');
            expect(file.view).toMatch(/^[a-z0-9_-]{1,60}$/);
            expect(file.extension).toMatch(/^[a-z0-9]{1,8}$/);
            expect(Number.isNaN(Date.parse(file.recordingStart))).toBe(false);
          }
        },
      ),
    );
  });
});

describe('a recording', () => {
  test('is read with nothing but its uuid, and with fields that are no such fields', () => {
    expect(zoomRecording.parse({ uuid: 'abc==' })).toMatchObject({ uuid: 'abc==' });
    const odd = {
      uuid: 'abc==',
      id: 84412345678,
      topic: { x: 1 },
      duration: 'long',
      recording_files: null,
      type: 'new',
    };
    const read = zoomRecording.parse(odd);
    expect(read).toMatchObject({ id: '84412345678', recording_files: null });
    expect(read.topic).toBeUndefined();
    expect(read.duration).toBeUndefined();
  });

  test('without a uuid, or with files that are no list, is not one', () => {
    expect(zoomRecording.safeParse({}).success).toBe(false);
    expect(zoomRecording.safeParse({ uuid: 'abc==', recording_files: 'none' }).success).toBe(false);
  });
});
