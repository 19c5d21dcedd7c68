import type { Speaker, Track } from './speakers.ts';

/** Zoom's own rate, so that nothing is lost; and what speech recognition works with, at a third of the size. */
export const mixRate = 32_000;
export const speakerRate = 16_000;

/** FLAC has no more channels than that. */
export const speakersPerFile = 8;
/** amerge takes 64 inputs; sums of sums are sums. */
const mostInputs = 32;

export type AudioGraph = {
  readonly filter: string;
  readonly mixed: string;
  /** One output for each group of speakers, in order. */
  readonly groups: readonly { readonly label: string; readonly speakers: number }[];
};

export const audioNeeds = {
  encoders: ['aac', 'flac'],
  filters: ['aresample', 'aformat', 'adelay', 'apad', 'atrim', 'amerge', 'pan', 'asplit', 'alimiter'],
  muxers: ['mp4', 'flac'],
  demuxers: ['mov'],
} as const;

/**
 * The filters that put every track at its time, on a channel of its own, and all of them into one. Options that a
 * build of 2018 has, and in an order that later ones accept too: mono first, since a delay of a stereo track delays
 * its left side alone; padded to one length, since amerge ends with its shortest input.
 */
export const audioGraph = (speakers: readonly Speaker<Track & { input: number }>[], seconds: number): AudioGraph => {
  const length = Math.ceil(seconds * mixRate);
  const lines: string[] = [];
  const add = (from: readonly string[], filters: readonly string[], to: readonly string[]): void => {
    lines.push(`${label(from)}${filters.join(',')}${label(to)}`);
  };

  const channels = speakers.map(({ pieces }, speaker) => {
    const parts = pieces.map(({ input, offsetMs }, piece) => {
      const part = `p${speaker}x${piece}`;
      const delay = Math.round(offsetMs);
      const placed = delay > 0 ? [`adelay=${delay}`] : [];
      const padded = [`apad=whole_len=${length}`, `atrim=end_sample=${length}`];
      const mono = [`aresample=${mixRate}`, 'aformat=channel_layouts=mono'];
      add([`${input}:a:0`], [...mono, ...placed, ...padded, floating], [part]);
      return part;
    });
    return sum(parts, `s${speaker}`, add);
  });
  const forMix = channels.map((channel, speaker) => {
    add([channel], ['asplit=2'], [`m${speaker}`, `a${speaker}`]);
    add([`a${speaker}`], [`aresample=${speakerRate}`, 'aformat=sample_fmts=s16:channel_layouts=mono'], [`c${speaker}`]);
    return `m${speaker}`;
  });

  // The levels are those of the tracks; only where several shout at once the peaks are held down.
  const limited = ['alimiter=limit=0.95:level=disabled', 'aformat=sample_fmts=fltp:channel_layouts=mono'];
  add([sum(forMix, 'sum', add)], limited, ['mixed']);

  const groups = Array.from({ length: Math.ceil(channels.length / speakersPerFile) }, (_, group) => {
    const first = group * speakersPerFile;
    const members = channels.slice(first, first + speakersPerFile).map((_channel, index) => `c${first + index}`);
    const [only = ''] = members;
    if (members.length === 1) return { label: only, speakers: 1 };
    add(members, [`amerge=inputs=${members.length}`], [`g${group}`]);
    return { label: `g${group}`, speakers: members.length };
  });
  return { filter: lines.join(';'), mixed: 'mixed', groups };
};

type Add = (from: readonly string[], filters: readonly string[], to: readonly string[]) => void;

const floating = 'aformat=sample_fmts=flt:channel_layouts=mono';

/** Adds up mono streams of one length. amix would make each the quieter the more there are. */
const sum = (parts: readonly string[], name: string, add: Add): string => {
  const [only = ''] = parts;
  if (parts.length === 1) return only;
  if (parts.length > mostInputs) {
    const sums = Array.from({ length: Math.ceil(parts.length / mostInputs) }, (_, group) =>
      sum(parts.slice(group * mostInputs, (group + 1) * mostInputs), `${name}x${group}`, add),
    );
    return sum(sums, name, add);
  }
  const terms = parts.map((_part, channel) => `c${channel}`).join('+');
  add(parts, [`amerge=inputs=${parts.length}`, `pan=mono|c0=${terms}`, floating], [name]);
  return name;
};

const label = (names: readonly string[]): string => names.map((name) => `[${name}]`).join('');
