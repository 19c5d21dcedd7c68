import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inspectFfmpeg } from '../../../core/media/ffmpeg/resolve.ts';
import { inPrivateDirectory } from '../../../core/media/merge/private-directory.ts';
import { inspectSource } from '../../../core/media/merge/inspect-source.ts';
import { mergeAudio, type AudioMerge } from '../../../core/media/merge/merge-audio.ts';
import { builds, heardIn, levelOf, readFrom, studio } from '../../fakes/tones.ts';

type Said = { readonly bytes: Buffer; readonly at: number; readonly name?: string };

const signal = new AbortController().signal;

describe.each(builds())('the sound of people, merged by the ffmpeg %s', (name, path) => {
  const tones = studio(path);
  const scratch = mkdtempSync(join(tmpdir(), 'rapporteur-scratch-'));
  afterAll(() => {
    tones.remove();
    rmSync(scratch, { recursive: true });
  });

  /** Merges tracks and hands what came out to `look` while it is there. */
  const merge = async <Result>(
    said: readonly Said[],
    look: (result: AudioMerge) => Result,
    onPercent: (percent: number) => void = () => undefined,
  ): Promise<Result> => {
    const objects = new Map(said.map(({ bytes }, index) => [`track-${index}`, bytes]));
    const read = readFrom(objects);
    const sources = await Promise.all(
      said.map(async ({ bytes, at, name }, index) => {
        const source = { fileId: `f${index}`, key: `track-${index}`, bytes: bytes.length };
        const { durationSeconds } = await inspectSource(read, source, signal);
        return { ...source, name: name ?? `Person ${index + 1}`, offsetMs: at * 1_000, durationSeconds };
      }),
    );
    return inPrivateDirectory(scratch, async (directory) =>
      look(await mergeAudio({ read, ffmpeg: () => inspectFfmpeg(path) }, sources, { directory, signal, onPercent })),
    );
  };

  describe('of whom one comes late and one leaves early', () => {
    let channels: Float32Array[];
    let mixed: Float32Array;
    let list: ReturnType<AudioMerge['list']>;
    const percents: number[] = [];
    beforeAll(async () => {
      const said = [
        { bytes: tones.tone(20, 300), at: 0 },
        { bytes: tones.tone(10, 500), at: 5.25 },
        { bytes: tones.tone(8, 700), at: 12.5 },
      ];
      await merge(
        said,
        (result) => {
          channels = tones.decode(result.groups[0] ?? '', 3, 16_000);
          mixed = tones.decode(result.mixed, 1, 32_000)[0] ?? new Float32Array();
          list = result.list(() => 'speakers.flac');
        },
        (percent) => percents.push(percent),
      );
    }, 60_000);

    test('are each heard when they spoke, to 50 ms', () => {
      const heard = channels.map((channel) => heardIn(channel, 16_000));
      const expected = [
        [0, 20],
        [5.25, 15.25],
        [12.5, 20.5],
      ];
      for (const [channel, [from = 0, to = 0]] of expected.entries()) {
        expect(heard[channel]).toHaveLength(1);
        expect(Math.abs((heard[channel]?.[0]?.[0] ?? NaN) - from)).toBeLessThanOrEqual(0.05);
        expect(Math.abs((heard[channel]?.[0]?.[1] ?? NaN) - to)).toBeLessThanOrEqual(0.05);
      }
    });

    test('are all as long as the recording', () => {
      expect(new Set(channels.map(({ length }) => length)).size).toBe(1);
      expect((channels[0]?.length ?? 0) / 16_000).toBeCloseTo(20.5, 1);
    });

    test('do not make each other louder or quieter', () => {
      const at = (seconds: number): number => levelOf(mixed.subarray(seconds * 32_000, (seconds + 1) * 32_000));
      const alone = levelOf((channels[0] ?? new Float32Array()).subarray(16_000, 32_000));
      expect(Math.abs(at(1) - alone)).toBeLessThan(1);
      expect(at(8) - at(1)).toBeCloseTo(3, 0);
      expect(at(13) - at(1)).toBeCloseTo(4.8, 0);
      expect(at(17) - at(1)).toBeCloseTo(3, 0);
    });

    test('are listed with their channels and times', () => {
      expect(list.files.map(({ file, channels: all }) => [file, all.map(({ speaker }) => speaker)])).toEqual([
        ['speakers.flac', ['Person 1', 'Person 2', 'Person 3']],
      ]);
      expect(list.files[0]?.channels[1]).toMatchObject({ channel: 1, tracks: [{ fileId: 'f1', startSeconds: 5.25 }] });
    });

    test('are told about in percent while it goes on', () => {
      expect(percents.every((percent) => percent >= 0 && percent < 100)).toBe(true);
      expect([...percents].sort((a, b) => a - b)).toEqual(percents);
    });
  });

  // Every number with one build, the ones that builds have been seen to get wrong with all of them.
  test.each(name === 'from npm' ? [1, 2, 3, 6, 8, 9, 12] : [3, 8, 9])(
    'keeps each of %d speakers as loud as they were',
    async (count) => {
      const said = Array.from({ length: count }, (_, index) => ({ bytes: tones.tone(2, 300 + 40 * index), at: 0 }));
      const [source = new Float32Array()] = tones.decode(join(tones.folder, 'tone-2-300-0.25-1.m4a'), 1, 16_000);
      const middle = (samples: Float32Array): Float32Array => samples.subarray(8_000, 24_000);
      const channels = await merge(said, ({ groups }) =>
        groups.flatMap((group, index) => tones.decode(group, Math.min(8, count - 8 * index), 16_000)),
      );
      expect(channels).toHaveLength(count);
      for (const channel of channels)
        expect(Math.abs(levelOf(middle(channel)) - levelOf(middle(source)))).toBeLessThan(1);
    },
    60_000,
  );

  test('keeps somebody who comes back on the same channel', async () => {
    const said = [
      { bytes: tones.tone(3, 300), at: 0, name: 'Ada' },
      { bytes: tones.tone(2, 500), at: 0.5, name: 'Grace' },
      { bytes: tones.tone(2, 300), at: 5, name: 'ada' },
    ];
    const { heard, speakers } = await merge(said, ({ groups, list }) => ({
      heard: tones.decode(groups[0] ?? '', 2, 16_000).map((channel) => heardIn(channel, 16_000)),
      speakers: list(() => '').files[0]?.channels.map(({ speaker, tracks }) => [speaker, tracks.length]),
    }));
    expect(speakers).toEqual([['Ada', 2], ['Grace', 1]]); // prettier-ignore
    expect(heard.map((times) => times.length)).toEqual([2, 1]);
    expect(heard[0]?.[1]?.[0]).toBeCloseTo(5, 1);
  }, 60_000);

  test('does not take a stereo track for two people', async () => {
    const said = [
      { bytes: tones.tone(2, 300, 0.25, 2), at: 1 },
      { bytes: tones.tone(3, 500), at: 0 },
    ];
    const heard = await merge(said, ({ groups }) =>
      tones.decode(groups[0] ?? '', 2, 16_000).map((channel) => heardIn(channel, 16_000)),
    );
    expect(heard.map((times) => times.length)).toEqual([1, 1]);
    expect(heard[1]?.[0]?.[0]).toBeCloseTo(1, 1);
  }, 60_000);

  test('leaves nothing on the disk', () => expect(readdirSync(scratch)).toEqual([]));
});
