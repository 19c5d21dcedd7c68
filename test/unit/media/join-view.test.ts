import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { inspectFfmpeg } from '../../../core/media/ffmpeg/resolve.ts';
import { functionLimits } from '../../../core/media/merge/estimate.ts';
import type { Mp4Info } from '../../../core/media/mp4/probe-mp4.ts';
import { inspectSource } from '../../../core/media/merge/inspect-source.ts';
import { joinView } from '../../../core/media/merge/join-view.ts';
import { inPrivateDirectory } from '../../../core/media/merge/private-directory.ts';
import { probeFile } from '../../../core/media/merge/store-product.ts';
import { builds, heardIn, readFrom, studio } from '../../fakes/tones.ts';

const signal = new AbortController().signal;

describe.each(builds())('segments of one view, joined by the ffmpeg %s', (_name, path) => {
  const tones = studio(path);
  const scratch = mkdtempSync(join(tmpdir(), 'rapporteur-scratch-'));
  afterAll(() => {
    tones.remove();
    rmSync(scratch, { recursive: true });
  });

  type Says = (info: Mp4Info, first: Mp4Info) => Mp4Info;
  const joined = async (pieces: readonly Buffer[], limits = functionLimits, says: Says = (info) => info) => {
    const read = readFrom(new Map(pieces.map((bytes, index) => [`piece-${index}`, bytes])));
    const found = await Promise.all(
      pieces.map(async (bytes, index) => {
        const source = { fileId: `f${index}`, key: `piece-${index}`, bytes: bytes.length };
        return { ...source, info: await inspectSource(read, source, signal) };
      }),
    );
    const segments = found.map(({ info, ...source }) => ({ ...source, info: says(info, found[0]?.info ?? info) }));
    return inPrivateDirectory(scratch, async (directory) => {
      const workshop = { directory, signal, onPercent: () => undefined };
      const { path: file, how } = await joinView(
        { read, ffmpeg: () => inspectFfmpeg(path), limits },
        segments,
        workshop,
      );
      const info = await probeFile(file);
      const sound = info.tracks.some(({ kind }) => kind === 'audio') ? tones.decode(file, 1, 16_000)[0] : undefined;
      return { how, info, heard: sound && heardIn(sound, 16_000) };
    });
  };

  test('that are coded alike are copied, and last as long as all of them', async () => {
    const { how, info, heard } = await joined([tones.view(4), tones.view(3, { hertz: 900 })]);
    expect(how).toBe('copied');
    expect(info.durationSeconds).toBeCloseTo(7, 0);
    expect(info).toMatchObject({ hasIndexAtEnd: false, isFragmented: false });
    expect(info.tracks.map(({ kind }) => kind)).toEqual(['video', 'audio']);
    expect(heard?.at(-1)?.[1]).toBeGreaterThan(6.9);
  }, 60_000);

  test('that differ in picture and sound are coded anew, and last as long as all of them', async () => {
    const other = tones.view(3, { width: 640, height: 360, rate: 48_000, hertz: 900 });
    const { how, info, heard } = await joined([tones.view(4), other]);
    expect(how).toBe('encoded');
    expect(info.durationSeconds).toBeCloseTo(7, 0);
    expect(info.tracks).toEqual([
      expect.objectContaining({ kind: 'video', width: 640, height: 360 }),
      expect.objectContaining({ kind: 'audio', sampleRate: 48_000, channels: 2 }),
    ]);
    expect(info.hasIndexAtEnd).toBe(false);
    expect(heard?.at(-1)?.[1]).toBeGreaterThan(6.8);
  }, 60_000);

  test('that only look as if they were coded alike are coded anew, once decoding has shown it', async () => {
    const sine = ['-f', 'lavfi', '-i', 'sine=frequency=700:sample_rate=32000:duration=2'];
    const pieces = [tones.tone(3), tones.make('disguised.mp4', [...sine, '-c:a', 'libmp3lame'])];
    // What a segment says of its coding may be wrong, or not be all that matters to a decoder.
    const says: Says = (info, first) => ({ ...first, durationSeconds: info.durationSeconds });
    const { how, info, heard } = await joined(pieces, functionLimits, says);
    expect(how).toBe('encoded');
    expect(info.durationSeconds).toBeCloseTo(5, 0);
    expect(heard?.at(-1)?.[1]).toBeGreaterThan(4.8);
  }, 60_000);

  test('of which one has no sound are silent for as long as it lasts', async () => {
    const { how, heard } = await joined([tones.view(2, { sound: false }), tones.view(2)]);
    expect(how).toBe('encoded');
    expect(heard).toHaveLength(1);
    expect(heard?.[0]?.[0]).toBeCloseTo(2, 0);
  }, 60_000);

  test('that are sound alone are joined, too', async () => {
    const { how, info } = await joined([tones.tone(3), tones.tone(2, 700)]);
    expect(how).toBe('copied');
    expect(info.durationSeconds).toBeCloseTo(5, 0);
  }, 60_000);

  test('are not coded anew where that would take longer than there is time', async () => {
    const pieces = [tones.view(4), tones.view(3, { width: 640, height: 360, rate: 48_000, hertz: 900 })];
    await expect(joined(pieces, { seconds: 5, diskBytes: 1e9 })).rejects.toThrow(/coding it anew: it would take/);
  }, 60_000);

  test('leave nothing on the disk', () => expect(readdirSync(scratch)).toEqual([]));
});
