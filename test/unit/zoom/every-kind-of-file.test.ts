import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldersFor, nameFiles } from '../../../core/archive-name/name-files.ts';
import { classOf } from '../../../core/zoom/file-types.ts';
import { normaliseFiles, type FileLists } from '../../../core/zoom/files.ts';
import { plainSettings } from '../../fakes/settings.ts';

const start = '2026-01-12T15:00:14Z';
const meeting = { meetingId: '85746065432', meetingUuid: 'aDYlohsHRtCd4ii1uC2+hA==', startTime: start };
const folder = foldersFor(plainSettings.archiveNames, meeting)[0] ?? '';

/** The keys under which a recording would be archived, by file id. */
const keysOf = (lists: FileLists): Map<string, string> => {
  const files = normaliseFiles(lists);
  const starts = [...new Set(files.map(({ recordingStart }) => recordingStart))].sort();
  const named = files.map((file) => ({ ...file, segment: starts.indexOf(file.recordingStart) }));
  const names = nameFiles(plainSettings.archiveNames, meeting, named, new Map());
  return new Map([...names].map(([fileId, name]) => [fileId, folder + name]));
};
const file = (about: object) => ({
  ...{ id: 'f1', recording_start: start, status: 'completed', download_url: 'https://zoom.us/rec/download/P1' },
  ...about,
});

describe('a file of Zoom', () => {
  test.each([
    ['MP4', 'MP4', 'shared_screen_with_speaker_view', '000-shared_screen_with_speaker_view.mp4', 'media'],
    ['MP4', 'MP4', 'shared_screen_with_speaker_view(CC)', '000-shared_screen_with_speaker_view_cc.mp4', 'media'],
    ['MP4', 'MP4', 'shared_screen_with_gallery_view', '000-shared_screen_with_gallery_view.mp4', 'media'],
    ['MP4', 'MP4', 'shared_screen', '000-shared_screen.mp4', 'media'],
    ['MP4', 'MP4', 'active_speaker', '000-active_speaker.mp4', 'media'],
    ['MP4', 'MP4', 'speaker_view', '000-active_speaker.mp4', 'media'],
    ['MP4', 'MP4', 'gallery_view', '000-gallery_view.mp4', 'media'],
    ['MP4', 'MP4', 'host_video', '000-host_video.mp4', 'media'],
    ['MP4', 'MP4', 'production_studio', '000-production_studio.mp4', 'media'],
    ['MP4', 'MP4', 'production_sutdio', '000-production_studio.mp4', 'media'],
    ['MP4', 'MP4', 'sign_interpretation', '000-sign_interpretation.mp4', 'media'],
    ['MP4', undefined, undefined, '000-video.mp4', 'media'],
    ['M4A', 'M4A', 'audio_only', '000-audio_only.m4a', 'media'],
    ['M4A', 'M4A', 'audio_interpretation', /^000-audio_interpretation-[0-9a-f]{12}\.m4a$/, 'media'],
    ['M4A', 'M4A', 'audio_only_each_participant', /^000-audio_only_each_participant-[0-9a-f]{12}\.m4a$/, 'media'],
    ['TRANSCRIPT', 'VTT', 'audio_transcript', '000-audio_transcript.vtt', 'transcript'],
    ['CC', 'VTT', 'closed_caption', '000-closed_caption.vtt', 'transcript'],
    ['CC', undefined, 'cc_transcript', '000-cc_transcript.vtt', 'transcript'],
    ['CC', undefined, undefined, '000-closed_caption.vtt', 'transcript'],
    ['CHAT', 'TXT', 'chat_file', '000-chat_file.txt', 'text'],
    ['CHAT_MESSAGE', 'JSON', 'chat_message', '000-chat_message.json', 'text'],
    ['CSV', 'CSV', 'poll', '000-poll.csv', 'text'],
    ['CSV', undefined, undefined, '000-poll.csv', 'text'],
    ['TIMELINE', 'JSON', 'timeline', '000-timeline.json', 'text'],
    ['TIMELINE', undefined, undefined, '000-timeline.json', 'text'],
    ['TB', 'JPG', 'thumbnail', /^000-thumbnail-[0-9a-f]{12}\.jpg$/, 'image'],
    ['SUMMARY', 'JSON', 'summary', '000-summary.json', 'summary'],
    ['SUMMARY', 'JSON', 'summary_next_steps', '000-summary_next_steps.json', 'summary'],
    ['SUMMARY', 'JSON', 'summary_smart_chapters', '000-summary_smart_chapters.json', 'summary'],
    ['mp4', 'mp4', 'ACTIVE_SPEAKER', '000-active_speaker.mp4', 'media'],
    ['WHITEBOARD', 'PDF', 'whiteboard_export', '000-whiteboard_export.pdf', 'other'],
    ['WHITEBOARD', undefined, undefined, '000-whiteboard.bin', 'other'],
    ['MP4', 'MP4', 'holographic_view', '000-holographic_view.mp4', 'media'],
    [undefined, undefined, undefined, '000-unknown.bin', 'other'],
  ])('of type %s (%s), %s, is archived as %s', (file_type, file_extension, recording_type, name, objectClass) => {
    const lists = { recording_files: [file({ file_type, file_extension, recording_type })] };
    expect([...keysOf(lists).values()]).toEqual([
      typeof name === 'string' ? folder + name : expect.stringMatching(new RegExp(`${name.source.replace('^', '/')}`)),
    ]);
    expect(classOf(normaliseFiles(lists)[0]?.fileType ?? '')).toBe(objectClass);
  });

  test('is kept beside its twin with captions, in each of two segments', () => {
    const views = ['shared_screen_with_speaker_view', 'shared_screen_with_speaker_view(CC)'];
    const starts = [start, '2026-01-12T15:40:00Z'];
    const recording_files = starts.flatMap(
      (recording_start, segment) =>
      views.map((recording_type, view) => file({ id: `${segment}${view}`, file_type: 'MP4', recording_type, recording_start })), // prettier-ignore
    );
    expect([...keysOf({ recording_files }).values()].map((key) => key.slice(folder.length))).toEqual([
      '000-shared_screen_with_speaker_view.mp4',
      '000-shared_screen_with_speaker_view_cc.mp4',
      '001-shared_screen_with_speaker_view.mp4',
      '001-shared_screen_with_speaker_view_cc.mp4',
    ]);
  });

  test('of each of 80 participants is archived, with their names in the table alone', () => {
    const participant_audio_files = Array.from({ length: 80 }, (_, index) =>
      file({ id: `p${index}`, file_type: 'M4A', file_name: `Audio only - Zoe ${index}` }),
    );
    const keys = [...keysOf({ participant_audio_files }).values()];
    expect(new Set(keys).size).toBe(80);
    expect(keys.join()).not.toMatch(/zoe/i);
  });

  test.each([
    ['a/b/../../c', undefined],
    ['..', undefined],
    [`"quoted" 'too'`, undefined],
    ['\u202egnp.exe', undefined],
    ['🎉', undefined],
    ['nul\0byte', undefined],
    ['', 'MP4@2026-01-12T15:00:14Z'],
    [undefined, 'MP4@2026-01-12T15:00:14Z'],
    ['__proto__', expect.stringMatching(/^long-[0-9a-f]{12}$/)],
    ['x'.repeat(9_000), expect.any(String)],
  ])('with the id %j and two more of its kind has a key of its own', (id, fileId) => {
    const odd = file({ id, file_type: 'MP4', file_name: id, recording_type: id });
    const keys = keysOf({ recording_files: [odd, file({ id: 'f2', file_type: 'MP4' }), file({ id: 'f3', file_type: 'MP4' })] }); // prettier-ignore
    expect(keys.size).toBe(3);
    expect(new Set(keys.values()).size).toBe(3);
    for (const key of keys.values()) expect(key).toMatch(/^85746065432\/1768230014\/000-[a-z0-9_-]+\.mp4$/);
    if (fileId !== undefined) expect([...keys.keys()][0]).toEqual(fileId);
  });

  test.each([-1, -0.5, 'minus one', NaN, null, {}])('with the size %p has no announced size', (file_size) => {
    expect(normaliseFiles({ recording_files: [file({ file_type: 'MP4', file_size })] })[0]).not.toHaveProperty('bytes');
  });

  test('that ends 30 hours after it began, or before, keeps what Zoom says', () => {
    for (const recording_end of ['2026-01-13T21:00:14Z', '2026-01-12T14:00:14Z'])
      expect(normaliseFiles({ recording_files: [file({ recording_end })] })[0]?.recordingEnd).toBe(recording_end);
  });

  test('is archived once, whatever Zoom sends and how often', () => {
    const odd = fc.oneof(fc.constantFrom('a', 'A', '', '..', 'x/y', '\0', '🎉', '\u202e', '"'), fc.string());
    const some = fc.record(
      { id: odd, file_type: odd, recording_type: odd, file_extension: odd, file_name: odd, download_url: odd },
      { requiredKeys: [] },
    );
    const list = fc.array(some, { maxLength: 10 });
    fc.assert(
      fc.property(list, list, (recording_files, participant_audio_files) => {
        const keys = keysOf({ recording_files, participant_audio_files });
        const again = keysOf({
          recording_files: [...recording_files, ...recording_files],
          participant_audio_files: [...participant_audio_files, ...participant_audio_files],
        });
        expect([...again].sort()).toEqual([...keys].sort());
        expect(new Set(keys.values()).size).toBe(keys.size);
        for (const key of keys.values()) expect(key).toMatch(/^85746065432\/1768230014\/\d{3}-[a-z0-9_-]+\.[a-z0-9]+$/);
      }),
      { numRuns: 500 },
    );
  });
});
