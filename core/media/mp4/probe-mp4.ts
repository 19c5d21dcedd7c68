import { mp4Reader, notAnMp4, type Box, type Mp4Reader, type ReadBytes } from './boxes.ts';
import { fragmentSeconds, readFragmentDefaults, type FragmentDefaults } from './fragments.ts';
import { readSampleEntry, type SampleEntry } from './sample-entry.ts';

export type Mp4Track = Partial<SampleEntry> & {
  readonly kind: 'video' | 'audio' | 'other';
  readonly codec: string;
  /** A digest of how the track is coded: two tracks with the same one can be decoded by one decoder. */
  readonly description: string;
  readonly durationSeconds: number;
  /** Units a second in which the track's times are counted. */
  readonly timescale: number;
  /** Frames of video, packets of audio; 0 in a fragmented file. */
  readonly samples: number;
};

export type Mp4Info = {
  readonly durationSeconds: number;
  readonly tracks: readonly Mp4Track[];
  /** Whether a reader has to seek to the end before it can play. */
  readonly hasIndexAtEnd: boolean;
  readonly isFragmented: boolean;
};

const mostTracks = 256;
const noDefaults: FragmentDefaults = new Map();

/**
 * Reads what an MP4 says of itself, without a decoder: a few kilobytes of its headers, never its tables or media,
 * so that a file of any size costs a few reads. Throws FILE_NOT_AS_EXPECTED for what is no whole MP4.
 */
export const probeMp4 = async (read: ReadBytes, size: number): Promise<Mp4Info> => {
  const reader = mp4Reader(read, size);
  let movie: Movie | undefined;
  let hasMedia = false;
  let hasIndexAtEnd = false;
  let isFirst = true;
  const fragments: Box[] = [];
  for await (const box of reader.boxes(0, size)) {
    if (isFirst && box.type !== 'ftyp') throw notAnMp4('it does not begin with its type');
    isFirst = false;
    if (box.type === 'mdat') hasMedia = true;
    else if (box.type === 'moof') fragments.push(box);
    else if (box.type === 'moov' && !movie) {
      hasIndexAtEnd = hasMedia;
      movie = await readMovie(reader, box);
    }
  }
  if (!movie) throw notAnMp4('it has no index (moov): its end is missing');
  if (movie.tracks.length === 0) throw notAnMp4('it has no tracks');
  if (!hasMedia) throw notAnMp4('it has no media (mdat)');
  const isFragmented = movie.fragments !== undefined || fragments.length > 0;
  const ends = await fragmentSeconds(reader, fragments, movie.fragments ?? noDefaults);
  const tracks = movie.tracks.map(({ id, ...track }) => ({
    ...track,
    durationSeconds: Math.max(track.durationSeconds, ends.get(id) ?? 0),
  }));
  const longest = Math.max(movie.seconds, ...tracks.map((track) => track.durationSeconds));
  const durationSeconds = isFragmented || movie.seconds === 0 ? longest : movie.seconds;
  return { durationSeconds, tracks, hasIndexAtEnd, isFragmented };
};

type Movie = {
  readonly seconds: number;
  readonly tracks: readonly (Mp4Track & { id: number })[];
  readonly fragments: FragmentDefaults | undefined;
};

const readMovie = async (reader: Mp4Reader, moov: Box): Promise<Movie> => {
  let seconds = 0;
  let fragments: FragmentDefaults | undefined;
  const found: Box[] = [];
  const tracks: (Mp4Track & { id: number })[] = [];
  for await (const box of reader.boxes(moov.from, moov.to)) {
    if (box.type === 'mvhd') seconds = (await readTimes(reader, box)).seconds;
    if (box.type === 'cmov') throw notAnMp4('its index is compressed');
    if (box.type === 'trak') found.push(box);
    if (box.type === 'mvex') fragments = await readFragmentDefaults(reader, box);
    if (found.length > mostTracks) throw notAnMp4(`it has more than ${mostTracks} tracks`);
  }
  for (const box of found) {
    const track = await readTrack(reader, box);
    if (track) tracks.push(track);
  }
  const timescales = new Map(tracks.map(({ id, timescale }) => [id, timescale]));
  for (const [id, about] of fragments ?? [])
    fragments?.set(id, { ...about, timescale: timescales.get(id) ?? about.timescale });
  return { seconds, tracks, fragments };
};

/** A header's timescale and duration, in its short or its long form. All ones mean "not known". */
const readTimes = async (reader: Mp4Reader, box: Box): Promise<{ timescale: number; seconds: number }> => {
  const isLong = box.to > box.from && (await reader.bytes(box.from, 1))[0] === 1;
  const length = isLong ? 32 : 20;
  if (box.to - box.from < length) throw notAnMp4(`the box "${box.type}" is too short`);
  const fields = await reader.bytes(box.from, length);
  const timescale = fields.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(fields.readBigUInt64BE(24)) : fields.readUInt32BE(16);
  const isKnown = timescale > 0 && duration < (isLong ? 2 ** 63 : 0xffff_ffff);
  return { timescale, seconds: isKnown ? duration / timescale : 0 };
};

const kinds: Record<string, Mp4Track['kind']> = { vide: 'video', soun: 'audio' };

const readTrack = async (reader: Mp4Reader, trak: Box): Promise<(Mp4Track & { id: number }) | undefined> => {
  const boxes = new Map<string, Box>();
  for await (const box of reader.boxes(trak.from, trak.to)) boxes.set(box.type, box);
  await addChildren(reader, boxes, 'mdia');
  await addChildren(reader, boxes, 'minf');
  await addChildren(reader, boxes, 'stbl');
  const [tkhd, mdhd, hdlr, stsd] = ['tkhd', 'mdhd', 'hdlr', 'stsd'].map((type) => boxes.get(type));
  if (!mdhd || !hdlr || !stsd) throw notAnMp4('a track has no description');
  if (hdlr.to - hdlr.from < 12) throw notAnMp4('the box "hdlr" is too short');
  const kind = kinds[(await reader.bytes(hdlr.from, 12)).toString('latin1', 8, 12)] ?? 'other';
  const { timescale, seconds } = await readTimes(reader, mdhd);
  const entry = readSampleEntry(await reader.bytes(stsd.from, stsd.to - stsd.from), kind);
  if (!entry && kind !== 'other') throw notAnMp4(`the description of its ${kind} cannot be read`);
  return {
    ...(entry ?? { codec: '', description: '' }),
    ...{ id: tkhd ? await readTrackId(reader, tkhd) : 0, kind, timescale, durationSeconds: seconds },
    samples: await countSamples(reader, boxes.get('stsz') ?? boxes.get('stz2')),
  };
};

const addChildren = async (reader: Mp4Reader, boxes: Map<string, Box>, parent: string): Promise<void> => {
  const box = boxes.get(parent);
  if (!box) return;
  for await (const child of reader.boxes(box.from, box.to)) if (!boxes.has(child.type)) boxes.set(child.type, child);
};

const readTrackId = async (reader: Mp4Reader, tkhd: Box): Promise<number> => {
  if (tkhd.to - tkhd.from < 24) throw notAnMp4('the box "tkhd" is too short');
  const fields = await reader.bytes(tkhd.from, 24);
  return fields.readUInt32BE(fields[0] === 1 ? 20 : 12);
};

const countSamples = async (reader: Mp4Reader, stsz: Box | undefined): Promise<number> =>
  stsz && stsz.to - stsz.from >= 12 ? (await reader.bytes(stsz.from, 12)).readUInt32BE(8) : 0;
