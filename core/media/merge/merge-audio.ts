import { join } from 'node:path';
import { mp4Input } from '../ffmpeg/inputs.ts';
import { withRangeProxy } from '../ffmpeg/range-proxy.ts';
import { demand } from '../ffmpeg/resolve.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { audioGraph, audioNeeds, speakerRate, speakersPerFile, type AudioGraph } from './audio-graph.ts';
import type { MergePorts, Source, Workshop } from './ports.ts';
import { speakersOf, type Speaker, type Track } from './speakers.ts';
import { demandLength, probeFile, probeFlac } from './store-product.ts';

export type AudioSource = Source & Track;

/** Which channel of which file is who; times are those of the whole recording. */
export type SpeakerList = {
  readonly durationSeconds: number;
  readonly sampleRate: number;
  readonly files: readonly {
    readonly file: string;
    readonly channels: readonly {
      readonly channel: number;
      readonly speaker: string;
      readonly tracks: readonly {
        readonly fileId: string;
        readonly startSeconds: number;
        readonly endSeconds: number;
      }[];
    }[];
  }[];
};

export type AudioMerge = {
  readonly mixed: string;
  readonly groups: readonly string[];
  readonly list: (fileOf: (group: number) => string) => SpeakerList;
};

const endOf = ({ offsetMs, durationSeconds }: Track): number => offsetMs / 1_000 + durationSeconds;

export const audioSeconds = (tracks: readonly Track[]): number => Math.max(0, ...tracks.map(endOf));

/**
 * Puts the tracks of single people together, in one pass over them: a mixed mono M4A to listen to, and FLAC files with
 * a channel for each person. Every track keeps its time; nobody is cut off and nobody is made quieter.
 */
export const mergeAudio = async (
  { read, ffmpeg: find }: Pick<MergePorts, 'read' | 'ffmpeg'>,
  sources: readonly AudioSource[],
  { directory, signal, onPercent }: Workshop,
): Promise<AudioMerge> => {
  const ffmpeg = await find();
  demand(ffmpeg, audioNeeds);
  const seconds = audioSeconds(sources);
  const speakers = speakersOf(sources.map((source, input) => ({ ...source, input })));
  const graph = audioGraph(speakers, seconds);

  await withRangeProxy(read, async (proxy) => {
    const inputs = sources.flatMap(({ key, bytes }) => mp4Input(proxy.add(key, bytes)));
    const args = [...inputs, '-filter_complex', graph.filter, ...outputsOf(graph)];
    await runFfmpeg(ffmpeg.path, { args, directory, seconds, onProgress: onPercent }, signal);
    // An input that broke off was filled up with silence.
    const failure = proxy.failure();
    if (failure) throw failure;
  });

  const mixed = join(directory, mixedName);
  demandLength('the mixed sound', (await probeFile(mixed)).durationSeconds, seconds);
  const groups = graph.groups.map((_, group) => join(directory, groupName(group)));
  for (const [group, path] of groups.entries()) {
    const info = await probeFlac(path);
    const isComplete = info?.channels === graph.groups[group]?.speakers;
    demandLength('the sound with a channel a speaker', isComplete ? info?.durationSeconds : undefined, seconds);
  }
  return { mixed, groups, list: (fileOf) => listOf(speakers, seconds, fileOf) };
};

const mixedName = 'mixed.m4a';
const groupName = (group: number): string => `speakers-${group}.flac`;

const outputsOf = ({ mixed, groups }: AudioGraph): string[] => [
  ...['-map', `[${mixed}]`, '-c:a', 'aac', '-b:a', '64k', '-map_metadata', '-1'],
  ...['-movflags', '+faststart', '-f', 'mp4', `file:${mixedName}`],
  ...groups.flatMap(({ label }, group) => [
    ...['-map', `[${label}]`, '-c:a', 'flac', '-sample_fmt', 's16', '-map_metadata', '-1'],
    ...['-f', 'flac', `file:${groupName(group)}`],
  ]),
];

const listOf = (
  speakers: readonly Speaker[],
  durationSeconds: number,
  fileOf: (group: number) => string,
): SpeakerList => ({
  durationSeconds,
  sampleRate: speakerRate,
  files: Array.from({ length: Math.ceil(speakers.length / speakersPerFile) }, (_, group) => ({
    file: fileOf(group),
    channels: speakers
      .slice(group * speakersPerFile, (group + 1) * speakersPerFile)
      .map(({ name, pieces }, channel) => ({
        channel,
        speaker: name,
        tracks: pieces.map((piece) => ({
          fileId: piece.fileId,
          startSeconds: piece.offsetMs / 1_000,
          endSeconds: endOf(piece),
        })),
      })),
  })),
});
