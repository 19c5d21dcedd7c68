import { describe, expect, test } from '@jest/globals';
import { chunkedFlavors, stockFlavors, viewsToArchive, viewsToPublish } from '../../../core/opencast/choose-views.ts';
import { mediaPackageIdOf } from '../../../core/opencast/media-package-id.ts';
import { recordingTimes, withoutFalseStarts, type Piece } from '../../../core/opencast/segments.ts';

test('a recording has the id in Opencast that ZIP gives it', () => {
  expect(mediaPackageIdOf('b+c/d==')).toBe('ee2fb235-7f55-8833-8337-295a516514ea');
});

describe('of the views that Zoom has', () => {
  const [speaker, screen, gallery] = ['active_speaker', 'shared_screen', 'gallery_view'];
  const [withGallery, withSpeaker] = ['shared_screen_with_gallery_view', 'shared_screen_with_speaker_view'];
  test.each([
    [
      [gallery, withSpeaker, screen, speaker, withGallery],
      [speaker, screen, gallery],
    ],
    [
      [speaker, withSpeaker],
      [speaker, withSpeaker],
    ],
    [
      [gallery, withSpeaker, withGallery],
      [withSpeaker, withGallery, gallery],
    ],
    [
      [gallery, withGallery],
      [withGallery, gallery],
    ],
    [[gallery], [gallery]],
    [['audio_only'], []],
  ])('%j: %j are published by ZIP', (views, expected) => {
    const chosen = viewsToPublish(new Set(views), chunkedFlavors);
    expect(chosen.map(({ view }) => view)).toEqual(expected);
    expect(chosen.map(({ flavor }) => flavor)).toEqual(chunkedFlavors.published.slice(0, expected.length));
  });

  test('a stock Opencast gets two', () => {
    expect(viewsToPublish(new Set([speaker, screen, gallery]), stockFlavors)).toEqual([
      { view: speaker, flavor: 'presenter/source' },
      { view: screen, flavor: 'presentation/source' },
    ]);
  });

  test('all that are known are kept, each under its own flavor', () => {
    const chosen = viewsToArchive(new Set([gallery, screen, 'audio_only']), chunkedFlavors);
    expect(chosen).toEqual([
      { view: screen, flavor: 'shared-screen/chunked+source' },
      { view: gallery, flavor: 'gallery/chunked+source' },
    ]);
    const all = viewsToArchive(new Set(Object.keys(stockFlavors.archived)), stockFlavors);
    expect(new Set(all.map(({ flavor }) => flavor)).size).toBe(5);
  });
});

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 12, 16, minute));
const piece = (view: string, segment: number, from: number, to: number, seconds = (to - from) * 60): Piece => ({
  ...{ view, segment, start: at(from), end: at(to), seconds },
});

describe('a false start', () => {
  test('is left out of the views that have it', () => {
    const [wrong, right] = [piece('a', 0, 0, 1), piece('a', 1, 2, 30)];
    const long = piece('b', 0, 0, 1, 121);
    expect(withoutFalseStarts([wrong, right, long], 120)).toEqual({ kept: [right, long], hasFalseStart: true });
  });

  test('is the first segment of the meeting alone, and strictly shorter', () => {
    const films = [piece('a', 0, 0, 2), piece('a', 1, 3, 4), piece('b', 1, 3, 4)];
    expect(withoutFalseStarts(films, 120)).toEqual({ kept: films, hasFalseStart: false });
  });

  test('may be all there is', () => {
    expect(withoutFalseStarts([piece('a', 0, 0, 1)], 120)).toEqual({ kept: [], hasFalseStart: true });
  });
});

describe('the times of a recording', () => {
  const segments = [piece('a', 0, 0, 10), piece('b', 0, 0, 11), piece('a', 1, 20, 30)];

  test('are those of its segments', () => {
    expect(recordingTimes(segments, [])).toBe(
      '2026-01-12T16:00:00Z_2026-01-12T16:10:00Z,2026-01-12T16:20:00Z_2026-01-12T16:30:00Z',
    );
  });

  test('are interrupted where it was paused', () => {
    const told = [
      { is: 'paused', at: at(3) },
      { is: 'resumed', at: at(5) },
    ] as const;
    expect(recordingTimes(segments.slice(0, 1), told)).toBe(
      '2026-01-12T16:00:00Z_2026-01-12T16:03:00Z,2026-01-12T16:05:00Z_2026-01-12T16:10:00Z',
    );
  });

  test('pass by what came before the first segment that is sent, and what does not fit', () => {
    const told = [
      { is: 'paused', at: at(1) },
      { is: 'resumed', at: at(25) },
      { is: 'stopped', at: at(31) },
    ] as const;
    expect(recordingTimes(segments.slice(2), told)).toBe('2026-01-12T16:20:00Z_2026-01-12T16:30:00Z');
  });
});
