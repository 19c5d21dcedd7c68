import type { Mp4Info, Mp4Track } from '../mp4/probe-mp4.ts';

export const joinNeeds = { filters: [], muxers: ['mp4', 'null'], demuxers: ['mov', 'concat'], encoders: [] } as const;
export const encodeNeeds = {
  encoders: ['libx264', 'aac'],
  filters: [
    'scale',
    'pad',
    'setsar',
    'fps',
    'format',
    'aresample',
    'aformat',
    'concat',
    'anullsrc',
    'color',
    'atrim',
    'trim',
  ],
  muxers: ['mp4', 'null'],
  demuxers: ['mov'],
} as const;

/** What two tracks must have in common for one decoder to go from the one to the other. */
const codingOf = ({ kind, codec, description, timescale, width, height, sampleRate, channels }: Mp4Track): string =>
  JSON.stringify([kind, codec, description, timescale, width, height, sampleRate, channels]);

const mediaTracks = ({ tracks }: Mp4Info): Mp4Track[] => tracks.filter(({ kind }) => kind !== 'other');

/** Whether the segments can be laid end to end as they are. Where they differ, ffmpeg would do it all the same, silently. */
export const canBeCopied = (segments: readonly Mp4Info[]): boolean => {
  const [first, ...rest] = segments.map((info) => mediaTracks(info).map(codingOf).join('\n'));
  const kinds = segments.flatMap((info) => [mediaTracks(info).map(({ kind }) => kind)]);
  const isPlain = kinds.every((list) => new Set(list).size === list.length && list.length > 0);
  return isPlain && rest.every((coding) => coding === first) && !segments.some(({ isFragmented }) => isFragmented);
};

export const hasPicture = (segments: readonly Mp4Info[]): boolean =>
  segments.some(({ tracks }) => tracks.some(({ kind }) => kind === 'video'));
const hasSound = (segments: readonly Mp4Info[]): boolean =>
  segments.some(({ tracks }) => tracks.some(({ kind }) => kind === 'audio'));

/** The largest picture of all segments; the encoder wants even numbers. */
export const pictureOf = (segments: readonly Mp4Info[]): { width: number; height: number } => {
  const pictures = segments.flatMap(({ tracks }) => tracks.filter(({ kind }) => kind === 'video'));
  const largest = (of: (track: Mp4Track) => number | undefined): number =>
    2 * Math.ceil(Math.max(2, ...pictures.map((track) => of(track) ?? 0)) / 2);
  return { width: largest((track) => track.width), height: largest((track) => track.height) };
};

const frameRate = 25;
const joinedRate = 48_000;

/**
 * Filters that bring all segments to one picture size, frame rate and sound, and lay them end to end. A segment
 * without a picture is black, one without sound silent, as long as it is.
 */
export const joinGraph = (segments: readonly Mp4Info[]): { filter: string; outputs: string[] } => {
  const { width, height } = pictureOf(segments);
  const [picture, sound] = [hasPicture(segments), hasSound(segments)];
  const even = [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
    ...['setsar=1', `fps=${frameRate}`, 'format=yuv420p'],
  ].join(',');
  const stereo = `aresample=${joinedRate},aformat=channel_layouts=stereo`;
  const lines = segments.flatMap(({ tracks, durationSeconds }, index) => {
    const has = (kind: Mp4Track['kind']): boolean => tracks.some((track) => track.kind === kind);
    const seconds = durationSeconds.toFixed(3);
    const black = `color=c=black:s=${width}x${height}:r=${frameRate}:d=${seconds},setsar=1,format=yuv420p[v${index}]`;
    const silence = `anullsrc=r=${joinedRate}:cl=stereo,atrim=duration=${seconds}[a${index}]`;
    return [
      ...(picture ? [has('video') ? `[${index}:v:0]${even}[v${index}]` : black] : []),
      ...(sound ? [has('audio') ? `[${index}:a:0]${stereo}[a${index}]` : silence] : []),
    ];
  });
  const outputs = [...(picture ? ['[v]'] : []), ...(sound ? ['[a]'] : [])];
  const streams = segments.map((_, index) => `${picture ? `[v${index}]` : ''}${sound ? `[a${index}]` : ''}`).join('');
  const joined = `${streams}concat=n=${segments.length}:v=${Number(picture)}:a=${Number(sound)}${outputs.join('')}`;
  return { filter: [...lines, joined].join(';'), outputs };
};
