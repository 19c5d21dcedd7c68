import { describe, expect, test } from '@jest/globals';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { offeredFiles, viewsOf } from '../../../core/page/page-files.ts';
import { file, folder, jobId } from './recordings.ts';

const merge = (name: string, outputs: string[], more: Partial<JobMerge> = {}): JobMerge => ({
  jobId,
  name,
  kind: 'view',
  index: 0,
  inputs: [],
  outputs: outputs.map((output) => `${folder}${output}`),
  status: 'done',
  ...more,
});
const views = (files: Parameters<typeof viewsOf>[0], merges: JobMerge[] = []) =>
  viewsOf(files, offeredFiles(folder, files, merges));

describe('what a page offers to save', () => {
  test('is what was archived and what was made from it, films first, each under a name that says nothing', () => {
    const files = [
      file('/a+b==', 'chat_file', 'txt', { fileType: 'CHAT' }),
      file('film', 'gallery_view', 'mp4'),
      file('gone', 'active_speaker', 'mp4', { status: 'missing' }),
      file('ada', 'participant_audio', 'm4a', { fileName: 'Audio only - Ada Lindqvist.m4a' }),
      file('second', 'gallery_view', 'mp4', { segment: 1 }),
    ];
    const merges = [
      merge('participants', ['mixed.m4a', 'speakers.flac', 'speakers.json'], { kind: 'audio' }),
      merge('gallery_view.mp4', ['joined-gallery_view.mp4']),
      merge('shared_screen.mp4', ['joined-shared_screen.mp4'], { status: 'failed' }),
    ];
    const offered = offeredFiles(folder, files, merges);
    expect(offered.map(({ label, kind }) => `${kind}: ${label}`)).toEqual([
      'film: Gallery view',
      'film: Gallery view, part 2',
      'film: Gallery view, in one',
      'sound: Sound of Ada Lindqvist',
      'sound: All voices',
      'sound: A channel for each voice',
      'words: Transcript as data',
      'words: Captions',
      'words: Captions',
      'words: Transcript',
      'words: Transcript',
      'other: Chat file',
      'other: Who is in which channel',
    ]);
    for (const { name } of offered) expect(name).toMatch(/^[\w.-]+$/);
    expect(new Set(offered.map(({ name }) => name)).size).toBe(offered.length);
  });

  test('never leaves the folder of the recording, whatever a row says', () => {
    const stray = merge('x.mp4', []);
    const offered = offeredFiles(
      folder,
      [],
      [{ ...stray, outputs: ['jobs/other/plan.json', 'elsewhere/joined-x.mp4'] }],
    );
    expect(offered.every(({ key }) => key.startsWith(folder))).toBe(true);
  });
});

describe('what a page plays', () => {
  test('begins with the shared screen and the speaker, and ends with sound; single voices are no view', () => {
    const names = views(
      [
        file('1', 'audio_only', 'm4a'),
        file('2', 'zebra_view', 'mp4'),
        file('3', 'gallery_view', 'mp4'),
        file('4', 'shared_screen_with_speaker_view', 'mp4'),
        file('5', 'participant_audio', 'm4a'),
        file('6', 'chat_file', 'txt'),
      ],
      [merge('participants', ['mixed.m4a'], { kind: 'audio' })],
    ).map(({ label, kind }) => `${label}: ${kind}`);
    expect(names).toEqual([
      'Shared screen with speaker view: film',
      'Gallery view: film',
      'Zebra view: film',
      'Audio only: sound',
      'All voices: sound',
    ]);
  });

  test('goes from file to file on the clock of the whole recording where it was stopped and started again', () => {
    const [view] = views([
      file('b', 'gallery_view', 'mp4', {
        segment: 1,
        recordingStart: '2026-01-12T15:30:14Z',
        recordingEnd: '2026-01-12T15:40:14Z',
      }),
      file('a', 'gallery_view', 'mp4', { durationSeconds: 600 }),
    ]);
    expect(view?.pieces.map(({ fromSeconds, seconds }) => [fromSeconds, seconds])).toEqual([
      [0, 600],
      [1800, 600],
    ]);
  });

  test('counts from the first of all files, also where a view began later', () => {
    const found = views([
      file('early', 'audio_only', 'm4a'),
      file('late', 'gallery_view', 'mp4', { recordingStart: '2026-01-12T15:05:14Z' }),
    ]);
    expect(found.map(({ name, pieces }) => [name, pieces[0].fromSeconds])).toEqual([
      ['gallery_view.mp4', 300],
      ['audio_only.m4a', 0],
    ]);
  });

  test('keeps two files of one view and one start apart, such as two languages', () => {
    expect(
      views([file('en', 'audio_interpretation', 'm4a'), file('fr', 'audio_interpretation', 'm4a')]).map(
        ({ label }) => label,
      ),
    ).toEqual(['Audio interpretation', 'Audio interpretation 2']);
  });

  test('plays nothing that is not in the archive', () => {
    expect(views([file('x', 'gallery_view', 'mp4', { status: 'planned' })])).toEqual([]);
  });
});
