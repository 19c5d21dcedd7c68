import { join } from 'node:path';
import { mp4Input, mp4List, mp4ListInput } from '../ffmpeg/inputs.ts';
import { withRangeProxy, type RangeProxy } from '../ffmpeg/range-proxy.ts';
import { demand, type Ffmpeg } from '../ffmpeg/resolve.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { Mp4Info } from '../mp4/probe-mp4.ts';
import { PermanentError } from '../../step/errors.ts';
import { estimateEncode, fits, tooMuch } from './estimate.ts';
import { canBeCopied, encodeNeeds, hasPicture, joinGraph, joinNeeds } from './join-plan.ts';
import type { MergePorts, Source, Workshop } from './ports.ts';
import { demandLength, isAsLong, probeFile } from './store-product.ts';

export type Segment = Source & { readonly info: Mp4Info };
export type Joined = { readonly path: string; readonly how: 'copied' | 'encoded' };

/** Of the picture that much is decoded behind each joint; a hundred joints are looked at. */
const lookSeconds = 4;
const mostJoints = 100;

/** Lays the segments of one view end to end: as they are where they are coded alike, else coded anew. */
export const joinView = async (
  { read, ffmpeg: find, limits }: Pick<MergePorts, 'read' | 'ffmpeg' | 'limits'>,
  segments: readonly Segment[],
  workshop: Workshop,
): Promise<Joined> => {
  const ffmpeg = await find();
  demand(ffmpeg, joinNeeds);
  const infos = segments.map(({ info }) => info);
  const seconds = infos.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const path = join(workshop.directory, joinedName);

  const how = await withRangeProxy(read, async (proxy): Promise<Joined['how']> => {
    const urls = segments.map(({ key, bytes }) => proxy.add(key, bytes));
    if (canBeCopied(infos) && (await copyEndToEnd(ffmpeg, proxy, urls, infos, seconds, workshop))) return 'copied';
    const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
    const estimate = estimateEncode(infos, bytes);
    // Planned as a copy, and no copy came of it: the work has become another one.
    if (!fits(estimate, limits))
      throw new PermanentError('FILE_NOT_AS_EXPECTED', `coding it anew: ${tooMuch(estimate, limits)}`);
    await encode(ffmpeg, urls, infos, seconds, workshop);
    const failure = proxy.failure();
    if (failure) throw failure;
    return 'encoded';
  });
  if (how === 'copied') return { path, how };
  demandLength('the joined file', (await probeFile(path)).durationSeconds, seconds);
  const complaints = await decode(ffmpeg, infos, workshop);
  if (complaints.length > 0)
    throw new PermanentError('FILE_NOT_AS_EXPECTED', `the joined file cannot be decoded: ${complaints[0]}`);
  return { path, how: 'encoded' };
};

const joinedName = 'joined.mp4';
const toMp4 = ['-map_metadata', '-1', '-movflags', '+faststart', '-f', 'mp4', `file:${joinedName}`];

/** Says whether it came out whole. A copy of what cannot be copied ends without an error, and is noticed by decoding it. */
const copyEndToEnd = async (
  ffmpeg: Ffmpeg,
  proxy: RangeProxy,
  urls: readonly string[],
  infos: readonly Mp4Info[],
  seconds: number,
  workshop: Workshop,
): Promise<boolean> => {
  const { directory, signal, onPercent } = workshop;
  const args = [
    ...mp4ListInput(proxy.addText(mp4List(urls))),
    '-map',
    '0:v:0?',
    '-map',
    '0:a:0?',
    '-c',
    'copy',
    ...toMp4,
  ];
  await runFfmpeg(ffmpeg.path, { args, directory, seconds, onProgress: onPercent }, signal);
  const failure = proxy.failure();
  if (failure) throw failure;
  const info = await probeFile(join(directory, joinedName));
  return isAsLong(info.durationSeconds, seconds) && (await decode(ffmpeg, infos, workshop)).length === 0;
};

const encode = async (
  ffmpeg: Ffmpeg,
  urls: readonly string[],
  infos: readonly Mp4Info[],
  seconds: number,
  { directory, signal, onPercent }: Workshop,
): Promise<void> => {
  demand(ffmpeg, encodeNeeds);
  const { filter, outputs } = joinGraph(infos);
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p'];
  const args = [
    ...urls.flatMap(mp4Input),
    ...['-filter_complex', filter, ...outputs.flatMap((output) => ['-map', output])],
    ...(hasPicture(infos) ? video : []),
    ...['-c:a', 'aac', '-b:a', '128k', ...toMp4],
  ];
  await runFfmpeg(ffmpeg.path, { args, directory, seconds, onProgress: onPercent }, signal);
};

/** What a decoder complains of: of all the sound, and of the picture from each joint on. */
const decode = async (
  ffmpeg: Ffmpeg,
  infos: readonly Mp4Info[],
  { directory, signal }: Workshop,
): Promise<readonly string[]> => {
  const { tracks } = await probeFile(join(directory, joinedName));
  const has = (kind: string): boolean => tracks.some((track) => track.kind === kind);
  const starts = infos.reduce<number[]>((all, info) => [...all, (all.at(-1) ?? 0) + info.durationSeconds], [0]);
  const looks = has('video') ? starts.slice(0, -1).slice(0, mostJoints) : [];
  const file = ['-protocol_whitelist', 'file', '-f', 'mov', '-i', `file:${joinedName}`];
  const args = [
    ...(has('audio') ? file : []),
    ...looks.flatMap((start) => ['-ss', start.toFixed(3), '-t', String(lookSeconds), ...file]),
    ...(has('audio') ? ['-map', '0:a'] : []),
    ...looks.flatMap((_, index) => ['-map', `${index + (has('audio') ? 1 : 0)}:v`]),
    ...['-f', 'null', '-'],
  ];
  try {
    return (await runFfmpeg(ffmpeg.path, { args, directory, seconds: 0 }, signal)).complaints;
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== 'FILE_NOT_AS_EXPECTED') throw error;
    return [error.message];
  }
};
