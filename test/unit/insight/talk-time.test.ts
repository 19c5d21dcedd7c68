import { describe, expect, test } from '@jest/globals';
import { talkTimeOf } from '../../../core/insight/talk-time.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';

const said = (...times: [speaker: string | undefined, startMs: number, endMs: number][]): Transcript => ({
  origin: 'zoom-vtt',
  durationMs: Math.max(0, ...times.map(([, , endMs]) => endMs)),
  speakers: [
    { id: 's1', name: 'Ada' },
    { id: 's2', name: 'Bob' },
    { id: 's3', name: 'Bob' },
  ],
  segments: times.map(([speaker, startMs, endMs], index) => ({
    id: String(index),
    startMs,
    endMs,
    ...(speaker && { speaker }),
    text: 'a',
  })),
});

describe('Talk time', () => {
  test('is counted for each voice, the longest first', () => {
    expect(talkTimeOf(said(['s1', 0, 10_000], ['s2', 10_000, 40_000], ['s1', 40_000, 50_000]))).toEqual([
      { name: 'Bob', seconds: 30, share: 0.6 },
      { name: 'Ada', seconds: 20, share: 0.4 },
    ]);
  });

  test('does not count a moment twice in one voice, and counts both who speak at once', () => {
    expect(talkTimeOf(said(['s1', 0, 10_000], ['s1', 5_000, 12_000], ['s1', 6_000, 8_000], ['s2', 0, 12_000]))).toEqual(
      [
        { name: 'Ada', seconds: 12, share: 0.5 },
        { name: 'Bob', seconds: 12, share: 0.5 },
      ],
    );
  });

  test('keeps two people of one name apart, and knows nothing of voices without a name', () => {
    expect(talkTimeOf(said(['s2', 0, 1_000], ['s3', 1_000, 4_000], [undefined, 4_000, 90_000]))).toEqual([
      { name: 'Bob', seconds: 3, share: 0.75 },
      { name: 'Bob', seconds: 1, share: 0.25 },
    ]);
  });

  test('of a transcript whose cues end before they begin is nothing', () => {
    expect(talkTimeOf(said(['s1', 5_000, 4_000]))).toEqual([]);
    expect(talkTimeOf(said())).toEqual([]);
  });
});
