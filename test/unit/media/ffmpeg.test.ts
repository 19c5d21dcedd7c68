import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytesToCheck, checkIsMp4, mp4Input, mp4List, mp4ListInput } from '../../../core/media/ffmpeg/inputs.ts';
import { progressReader } from '../../../core/media/ffmpeg/progress.ts';
import { openRangeProxy, withRangeProxy } from '../../../core/media/ffmpeg/range-proxy.ts';
import { demand, findFfmpeg, inspectFfmpeg } from '../../../core/media/ffmpeg/resolve.ts';
import { runFfmpeg } from '../../../core/media/ffmpeg/run-ffmpeg.ts';
import { audioNeeds } from '../../../core/media/merge/audio-graph.ts';
import { encodeNeeds, joinNeeds } from '../../../core/media/merge/join-plan.ts';
import { builds, readFrom, studio } from '../../fakes/tones.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rapporteur-ffmpeg-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that stands for ffmpeg. */
const program = (place: string, script: string): string => {
  mkdirSync(join(folder, place), { recursive: true });
  const path = join(folder, place, 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe('the ffmpeg that is taken', () => {
  test('is the chosen one, then the one of the layer, then one on the PATH, then one from npm', () => {
    const [chosen, layer, onPath] = ['chosen', 'layer', 'bin'].map((place) => program(place, 'exit 0'));
    const all = {
      ffmpegPath: chosen,
      layer: layer ?? '',
      path: [join(folder, 'none'), join(folder, 'bin')].join(delimiter),
    };
    expect(findFfmpeg(all)).toBe(chosen);
    expect(findFfmpeg({ ...all, ffmpegPath: undefined })).toBe(layer);
    expect(findFfmpeg({ ...all, ffmpegPath: undefined, layer: '' })).toBe(onPath);
    expect(findFfmpeg({ path: '', layer: '' })).toMatch(/node_modules/);
  });

  test('is never another than the chosen one', () => {
    const ffmpegPath = join(folder, 'not-there');
    expect(() => findFfmpeg({ ffmpegPath, path: process.env.PATH })).toThrow(/^FFMPEG_MISSING: FFMPEG_PATH names no/);
  });

  test('is refused by name where it cannot be run here', async () => {
    const path = join(folder, 'ffmpeg');
    writeFileSync(path, Buffer.from('\x7fELF of another machine'));
    chmodSync(path, 0o755);
    await expect(inspectFfmpeg(path)).rejects.toMatchObject({ code: 'FFMPEG_UNFIT' });
  });

  test('is refused by what it lacks', async () => {
    const script =
      'case "$2" in -version) echo "ffmpeg version 9.9-small x";; -encoders) echo " A....D aac   AAC";; esac';
    const ffmpeg = await inspectFfmpeg(program('small', script));
    expect(() => demand(ffmpeg, { encoders: ['aac', 'flac'], filters: ['amerge'] })).toThrow(
      'FFMPEG_UNFIT: ffmpeg 9.9-small lacks encoder flac, filter amerge',
    );
  });

  test.each(builds())('has all that is needed: the one %s', async (_name, path) => {
    const ffmpeg = await inspectFfmpeg(path);
    for (const needs of [audioNeeds, joinNeeds, encodeNeeds]) expect(() => demand(ffmpeg, needs)).not.toThrow();
  });
});

describe('a run of ffmpeg', () => {
  const [[, path]] = builds() as [[string, string]];
  const work = (args: string[], seconds = 10) => ({ args, directory: folder, seconds });
  const quickly = ['-f', 'lavfi', '-i', 'sine=duration=10', '-f', 'flac', 'file:out.flac'];

  test('tells how far it is, upwards and below a hundred', async () => {
    const percents: number[] = [];
    await runFfmpeg(path, { ...work(quickly), onProgress: (percent) => percents.push(percent) }, signal);
    expect(percents.length).toBeGreaterThan(0);
    expect(percents.at(-1)).toBe(99);
    expect([...percents].sort((a, b) => a - b)).toEqual(percents);
  });

  test('is killed when the work is called off, and has ended then', async () => {
    const stop = new AbortController();
    const endless = ['-re', '-f', 'lavfi', '-i', 'sine', '-f', 'flac', 'file:out.flac'];
    const running = runFfmpeg(path, { ...work(endless), onProgress: () => stop.abort() }, stop.signal);
    await expect(running).rejects.toMatchObject({ name: 'TransientError' });
    expect(readdirSync(folder)).toEqual(['out.flac']);
  });

  test('does not begin when the work has been called off', async () => {
    await expect(runFfmpeg(path, work(quickly), AbortSignal.abort())).rejects.toMatchObject({ name: 'TransientError' });
    expect(existsSync(join(folder, 'out.flac'))).toBe(false);
  });

  test('tells a file that cannot be read from trouble that may pass', async () => {
    writeFileSync(join(folder, 'in.mp4'), Buffer.alloc(1_000));
    const broken = runFfmpeg(path, work(['-f', 'mov', '-i', 'file:in.mp4', '-f', 'null', '-']), signal);
    await expect(broken).rejects.toMatchObject({ code: 'FILE_NOT_AS_EXPECTED' });
    const full = program('full', 'echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1');
    await expect(runFfmpeg(full, work([]), signal)).rejects.toMatchObject({ name: 'TransientError' });
    const old = program('old', `echo "Unknown encoder 'flac'" >&2; exit 1`);
    await expect(runFfmpeg(old, work([]), signal)).rejects.toMatchObject({ code: 'FFMPEG_UNFIT' });
    const crashed = program('crashed', 'kill -SEGV $$');
    await expect(runFfmpeg(crashed, work([]), signal)).rejects.toThrow(/ended by SIGSEGV/);
    await expect(runFfmpeg(join(folder, 'none'), work([]), signal)).rejects.toMatchObject({ code: 'FFMPEG_UNFIT' });
  });

  test('keeps no more of its complaints than a person reads, and no addresses', async () => {
    const chatty = program(
      'chatty',
      'i=0; while [ $i -lt 3000 ]; do echo "[mov @ 0x55f$i] http://127.0.0.1:4711/abcdef: bad frame $i" >&2; i=$((i+1)); done',
    );
    const { complaints } = await runFfmpeg(chatty, work([]), signal);
    expect(complaints).toHaveLength(20);
    expect(complaints[0]).toBe('[mov] input: bad frame 0');
  });

  test('gets nothing of our environment', async () => {
    const nosy = program('nosy', 'env >&2');
    process.env.RAPPORTEUR_CANARY = 'canary-of-the-environment';
    const { complaints } = await runFfmpeg(nosy, work([]), signal).finally(() => delete process.env.RAPPORTEUR_CANARY);
    expect(complaints.join()).not.toContain('canary');
  });
});

test('progress is read from blocks that are cut anywhere', () => {
  const percents: number[] = [];
  const read = progressReader(10, (percent) => percents.push(percent));
  const text =
    'out_time_ms=N/A\nprogress=continue\nout_time_us=2500000\nout_time_ms=2500000\nspeed=N/A\nout_time_us=20000000\nprogress=end\n';
  for (const letter of text) read(letter);
  expect(percents).toEqual([25, 99]);
});

describe('the proxy', () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
  const objects = new Map([['folder/secret-name.m4a', bytes]]);

  test('gives ranges of an object, under an address that says nothing of it', async () => {
    await withRangeProxy(readFrom(objects), async (proxy) => {
      const url = proxy.add('folder/secret-name.m4a', bytes.length);
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
      const get = (range?: string) => fetch(url, range === undefined ? {} : { headers: { range } });
      const part = await get('bytes=100-2500099');
      expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-2500099/3000000']);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 2_500_100))).toBe(true);
      expect(Buffer.from(await (await get('bytes=2999990-')).arrayBuffer())).toHaveLength(10);
      expect(Buffer.from(await (await get('bytes=-5')).arrayBuffer())).toHaveLength(5);
      expect(Buffer.from(await (await get()).arrayBuffer()).equals(bytes)).toBe(true);
      for (const range of ['bytes=3000000-', 'bytes=5-3', 'bytes=-', 'bytes=0-1,4-5', 'lines=1-2'])
        expect((await get(range)).status).toBe(416);
      expect(await (await fetch(proxy.addText('hello'))).text()).toBe('hello');
      expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405);
      for (const path of ['/', '/folder/secret-name.m4a', '/../x', `${new URL(url).pathname}x`])
        expect((await fetch(new URL(path, url))).status).toBe(404);
    });
  });

  test('goes on where a read broke off, and gives up on one that gives nothing', async () => {
    let reads = 0;
    const flaky = withRangeProxy(
      async function* (key, from, to) {
        reads += 1;
        yield* readFrom(objects)(key, from, Math.min(to, from + 400_000), signal);
        if (to > from + 400_000) throw new Error('reset');
      },
      async (proxy) =>
        Buffer.from(await (await fetch(proxy.add('folder/secret-name.m4a', bytes.length))).arrayBuffer()),
    );
    expect((await flaky).equals(bytes)).toBe(true);
    expect(reads).toBeGreaterThan(5);

    const dead = withRangeProxy(
      () => {
        throw new Error('NoSuchKey');
      },
      async (proxy) => (await fetch(proxy.add('gone', 10))).arrayBuffer(),
    );
    await expect(dead).rejects.toThrow('NoSuchKey');
  });

  test('is gone with its work', async () => {
    const proxy = await openRangeProxy(readFrom(objects));
    const url = proxy.add('folder/secret-name.m4a', bytes.length);
    await proxy.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe.each(builds().slice(0, 1))('a file in disguise', (_name, path) => {
  const tones = studio(path);
  afterAll(() => tones.remove());
  const disguises: [name: string, text: string][] = [
    ['an HLS playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n'],
    ['a concat script', 'ffconcat version 1.0\nfile neighbour.mp4\n'],
    ['a concat script', "file '/etc/passwd'\n"],
    ['a DASH manifest', '<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>'],
    ['a web page', '<!doctype html><title>Sign in</title>'],
    ['a session description', 'v=0\no=- 0 0 IN IP4 127.0.0.1\n'],
    ['something else', 'RIFF....WAVEfmt '],
  ];

  test.each(disguises)('is refused by the name of what it is: %s', (name, text) => {
    const first = Buffer.from(text).subarray(0, bytesToCheck);
    expect(() => checkIsMp4('a.mp4', first)).toThrow(`FILE_NOT_AS_EXPECTED: a.mp4 is ${name}, not an MP4`);
  });

  test.each(disguises)(
    'would lead ffmpeg %s nowhere either',
    async (_what, text) => {
      const objects = new Map([['a', Buffer.from(text)]]);
      const hits: string[] = [];
      await withRangeProxy(readFrom(objects), async (proxy) => {
        const url = proxy.add('a', Buffer.byteLength(text));
        writeFileSync(join(folder, 'neighbour.mp4'), tones.tone(1));
        for (const input of [mp4Input(url), mp4ListInput(proxy.addText(mp4List([url])))]) {
          const run = runFfmpeg(
            path,
            { args: [...input, '-c', 'copy', '-f', 'mp4', 'file:out.mp4'], directory: folder, seconds: 1 },
            signal,
          );
          await expect(run).rejects.toThrow();
        }
        hits.push(...readdirSync(folder).filter((name) => name === 'out.mp4'));
      });
      expect(hits).toEqual([]);
    },
    60_000,
  );
});
