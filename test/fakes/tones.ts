import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../../core/media/ffmpeg/resolve.ts';
import type { ReadRange } from '../../core/media/ffmpeg/range-proxy.ts';

/** Every build of ffmpeg there is on this machine: what is merged must come out the same with all of them. */
export const builds = (): [name: string, path: string][] => {
  const found = findFfmpeg({ path: process.env.PATH });
  const fromNpm = findFfmpeg({ path: '', layer: '' });
  return [...new Set([fromNpm, found])].map((path) => [path === fromNpm ? 'from npm' : 'of this machine', path]);
};

/** Media files made by ffmpeg, that exist until the suite ends. */
export const studio = (ffmpeg: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-tones-'));
  const make = (name: string, args: readonly string[]): Buffer => {
    const path = join(folder, name);
    if (!existsSync(path))
      execFileSync(ffmpeg, ['-nostdin', '-loglevel', 'error', '-y', ...args, path], { cwd: folder });
    return readFileSync(path);
  };
  return {
    folder,
    make,
    /** A track as Zoom records it, with a tone from its first to its last moment. */
    tone: (seconds: number, hertz = 440, volume = 0.25, channels = 1): Buffer =>
      make(`tone-${seconds}-${hertz}-${volume}-${channels}.m4a`, [
        ...['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=32000:duration=${seconds}`],
        ...['-af', `volume=${volume * 8}`, '-ac', String(channels), '-c:a', 'aac', '-b:a', '96k'],
      ]),
    /** A view: moving picture and a tone. */
    view: (seconds: number, { width = 320, height = 180, rate = 32_000, sound = true, hertz = 440 } = {}): Buffer =>
      make(`view-${seconds}-${width}x${height}-${rate}-${sound}-${hertz}.mp4`, [
        ...['-f', 'lavfi', '-i', `testsrc=size=${width}x${height}:rate=25:duration=${seconds}`],
        ...(sound ? ['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=${rate}:duration=${seconds}`] : []),
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-c:a', 'aac', '-shortest'],
      ]),
    /** The samples of each channel of a file, decoded. */
    decode: (path: string, channels: number, rate: number): Float32Array[] => {
      const args = [
        '-nostdin',
        '-loglevel',
        'error',
        '-i',
        path,
        '-f',
        'f32le',
        '-c:a',
        'pcm_f32le',
        '-ar',
        String(rate),
      ];
      const raw = execFileSync(ffmpeg, [...args, ...(channels === 1 ? ['-ac', '1'] : []), 'pipe:1'], {
        maxBuffer: 1 << 30,
      });
      const all = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
      return Array.from({ length: channels }, (_, channel) => all.filter((_sample, at) => at % channels === channel));
    },
    remove: (): void => rmSync(folder, { recursive: true, force: true }),
  };
};

/** Root mean square, in decibels of full scale. */
export const levelOf = (samples: Float32Array): number =>
  20 * Math.log10(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / Math.max(1, samples.length)) + 1e-9);

/** From when to when something is heard, in seconds, to a hundredth. */
export const heardIn = (samples: Float32Array, rate: number, quietest = -40): [from: number, to: number][] => {
  const step = rate / 100;
  const heard: [number, number][] = [];
  for (let at = 0; at + step <= samples.length; at += step) {
    if (levelOf(samples.subarray(at, at + step)) < quietest) continue;
    const last = heard.at(-1);
    if (last && at / rate - last[1] < 0.015) last[1] = (at + step) / rate;
    else heard.push([at / rate, (at + step) / rate]);
  }
  return heard.filter(([from, to]) => to - from > 0.05);
};

/** Objects in memory, read as the archive is. */
export const readFrom = (objects: { get: (key: string) => Buffer | undefined }): ReadRange =>
  async function* (key, from, to) {
    const bytes = objects.get(key);
    if (!bytes) throw new Error(`there is no ${key}`);
    for (let at = from; at <= to; at += 65_536) yield bytes.subarray(at, Math.min(at + 65_536, to + 1));
  };
