import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { crc32Text, joinCrc32 } from '../core/media/crc32.ts';
import type { ReadRange } from '../core/media/ffmpeg/range-proxy.ts';
import { openFfmpeg, type Ffmpeg } from '../core/media/ffmpeg/resolve.ts';
import { audioGraph } from '../core/media/merge/audio-graph.ts';
import { inspectSource } from '../core/media/merge/inspect-source.ts';
import { audioSeconds, mergeAudio, type AudioSource } from '../core/media/merge/merge-audio.ts';
import type { MergePorts } from '../core/media/merge/ports.ts';
import { inPrivateDirectory } from '../core/media/merge/private-directory.ts';
import { speakersOf } from '../core/media/merge/speakers.ts';
import { storeProduct } from '../core/media/merge/store-product.ts';
import { judge, note, table, title, type Verdict } from './report.ts';

/** How much longer a merge may take than ffmpeg alone, told to do the same with files on disk. */
const mostTimes = 1.2;
const trackCounts = [2, 6, 12];
/** An hour; less to try out the measurement itself. */
const trackSeconds = Number(process.env.RAPPORTEUR_BENCH_TRACK_SECONDS ?? 3_600);
const staggerSeconds = 60;
const rounds = 2;

const signal = new AbortController().signal;

/** Three tracks of different tones, coded as Zoom does, made once and kept. */
const makeTracks = (ffmpeg: Ffmpeg): string[] => {
  const folder = join(tmpdir(), 'rapporteur-bench-tracks');
  mkdirSync(folder, { recursive: true });
  return [300, 440, 620].map((hertz) => {
    const path = join(folder, `${trackSeconds}-${hertz}.m4a`);
    if (existsSync(path)) return path;
    const made = `${path}.part`;
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=32000:duration=${trackSeconds}`];
    const coded = ['-c:a', 'aac', '-b:a', '128k', '-f', 'mp4', made];
    execFileSync(ffmpeg.path, ['-nostdin', '-loglevel', 'error', '-y', ...tone, ...coded]);
    execFileSync('mv', [made, path]);
    return path;
  });
};

/** Objects that are files on disk, as S3 would stream them. */
const readFiles: ReadRange = (key, from, to) =>
  createReadStream(key, { start: from, end: to }) as AsyncIterable<Buffer>;

/** Takes what it is sent and keeps its length and checksum alone. */
const discard = (): MergePorts['archive'] => {
  const objects = new Map<string, { bytes: number; crc32: string }>();
  let length = 0;
  let sum = 0;
  const refuse = (): never => {
    throw new Error('not needed here');
  };
  return {
    put: async (key, bytes, about) => void objects.set(key, { bytes: bytes.length, crc32: about.crc32 }),
    createUpload: async () => {
      [length, sum] = [0, 0];
      return 'upload';
    },
    uploadPart: async (_key, _id, part) => {
      for (let at = 0; at < part.length;) {
        const bytes = await part.from(at);
        sum = joinCrc32(sum, crc32(bytes) >>> 0, bytes.length);
        at += bytes.length;
      }
      length += part.length;
      return { etag: '' };
    },
    completeUpload: async (key) => void objects.set(key, { bytes: length, crc32: crc32Text(sum) }),
    abortUpload: async () => undefined,
    listParts: refuse,
    head: async (key) => objects.get(key),
  };
};

const secondsOf = async (run: () => unknown): Promise<number> => {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1_000;
};

/** ffmpeg alone, with the same filters and outputs, from the files themselves. */
const bare = (ffmpeg: Ffmpeg, sources: readonly AudioSource[], directory: string): void => {
  const speakers = speakersOf(sources.map((source, input) => ({ ...source, input })));
  const graph = audioGraph(speakers, audioSeconds(sources));
  const args = [
    ...sources.flatMap(({ key }) => ['-f', 'mov', '-i', key]),
    ...['-filter_complex', graph.filter, '-map', `[${graph.mixed}]`, '-c:a', 'aac', '-b:a', '64k'],
    ...['-movflags', '+faststart', 'mixed.m4a'],
    ...graph.groups.flatMap(({ label }, group) => [
      '-map',
      `[${label}]`,
      '-sample_fmt',
      's16',
      `speakers-${group}.flac`,
    ]),
  ];
  const { status, stderr } = spawnSync(ffmpeg.path, ['-nostdin', '-loglevel', 'error', '-y', ...args], {
    cwd: directory,
  });
  if (status !== 0) throw new Error(`ffmpeg alone failed: ${stderr.toString()}`);
};

/** The whole of MergeMedia's work but the table: look at the tracks, merge, verify, send away. */
const ours = async (ffmpeg: Ffmpeg, sources: readonly AudioSource[], scratch: string): Promise<void> => {
  for (const source of sources) await inspectSource(readFiles, source, signal);
  await inPrivateDirectory(scratch, async (directory) => {
    const workshop = { directory, signal, onPercent: () => undefined };
    const { mixed, groups } = await mergeAudio({ read: readFiles, ffmpeg: async () => ffmpeg }, sources, workshop);
    for (const path of [mixed, ...groups])
      await storeProduct(discard(), { path, key: path, contentType: 'audio/mp4' }, {}, signal);
  });
};

export const merge = async (): Promise<Verdict[]> => {
  title('Merging the tracks of single people');
  const ffmpeg = await openFfmpeg({})();
  note(
    `ffmpeg ${ffmpeg.version}; tracks of ${trackSeconds} s, each beginning ${staggerSeconds} s after the one before`,
  );
  const paths = makeTracks(ffmpeg);
  const scratch = mkdtempSync(join(tmpdir(), 'rapporteur-bench-'));
  const verdicts: [what: string, holds: boolean][] = [];
  const rows: string[][] = [];
  try {
    for (const count of trackCounts) {
      const sources = await Promise.all(
        Array.from({ length: count }, async (_, index): Promise<AudioSource> => {
          const key = paths[index % paths.length] ?? '';
          const source = { fileId: `f${index}`, key, bytes: statSync(key).size };
          const { durationSeconds } = await inspectSource(readFiles, source, signal);
          return { ...source, name: `Person ${index}`, offsetMs: index * staggerSeconds * 1_000, durationSeconds };
        }),
      );
      const alone: number[] = [];
      const whole: number[] = [];
      // By turns, so that whatever else the machine does falls on both.
      for (let round = 0; round < rounds; round += 1) {
        alone.push(await secondsOf(() => bare(ffmpeg, sources, scratch)));
        whole.push(await secondsOf(() => ours(ffmpeg, sources, scratch)));
      }
      const [least, mine] = [Math.min(...alone), Math.min(...whole)];
      const times = mine / least;
      const speed = `${(audioSeconds(sources) / mine).toFixed(0)}×`;
      rows.push([String(count), `${least.toFixed(1)} s`, `${mine.toFixed(1)} s`, `${times.toFixed(2)}×`, speed]);
      verdicts.push([`${count} tracks: ${times.toFixed(2)}× ffmpeg alone, at most ${mostTimes}×`, times <= mostTimes]);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  table(['tracks', 'ffmpeg alone', 'merged', 'ratio', 'of real time'], rows);
  return verdicts.map(([what, holds]) => judge(what, holds));
};
