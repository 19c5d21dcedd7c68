import { bytes, noise, repeated, sequence } from './content.ts';
import type { Content } from './content.ts';
import { PICTURE, greyFrame, pictureParameters, sequenceParameters } from './still-picture.ts';

/**
 * A playable MP4 or M4A of any size: a silent AAC track and, if wanted, one grey H.264 frame a second. All samples of
 * a track have one size, so its tables stay tiny whatever the duration. What is missing to the wanted size is noise
 * in a closing `free` box, which players skip.
 */
export type Movie = { readonly seconds: number; readonly size: number; readonly video: boolean; readonly seed: string };

const SAMPLE_RATE = 32_000;
const SAMPLES_PER_FRAME = 1024;
/** Of an AAC frame. */
export const FRAME_SECONDS = SAMPLES_PER_FRAME / SAMPLE_RATE;
/** One mono channel with gain 0 and no spectral data, then the end marker. */
export const SILENT_AAC_FRAME = Buffer.from([0, 0, 0, 7]);
/** AAC-LC, 32 kHz, mono. */
const AAC_CONFIG = [0x12, 0x88];

type Part = Buffer | readonly number[];
type Track = {
  readonly handler: 'soun' | 'vide';
  readonly timescale: number;
  readonly sampleDuration: number;
  readonly samples: number;
  /** One for all samples, or one for each. */
  readonly sampleSize: number | readonly number[];
  readonly mediaHeader: Buffer;
  readonly entry: Buffer;
  readonly data: Content;
};

const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const zeros = (count: number): number[] => Array<number>(count).fill(0);

const box = (type: string, ...parts: readonly Part[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from([...part]))));
  return Buffer.concat([Buffer.from(u32(body.length + 8)), Buffer.from(type, 'latin1'), body]);
};
/** A box with a version and flags. */
const fullBox = (type: string, flags: number, ...parts: readonly Part[]): Buffer => box(type, u32(flags), ...parts);

/** Identity, as nine fixed-point numbers; the last one has 30 fractional bits. */
const UNITY_MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap(u32);

const silence = (seconds: number): Track => {
  const samples = Math.ceil((seconds * SAMPLE_RATE) / SAMPLES_PER_FRAME);
  return audioTrack(samples, SILENT_AAC_FRAME.length, repeated(SILENT_AAC_FRAME, samples));
};

const audioTrack = (samples: number, sampleSize: Track['sampleSize'], data: Content): Track => {
  const decoderSpecific = [5, AAC_CONFIG.length, ...AAC_CONFIG];
  const decoder = [0x40, 0x15, ...zeros(3), ...u32(128_000), ...u32(128_000), ...decoderSpecific];
  const elementary = [...u16(1), 0, 4, decoder.length, ...decoder, 6, 1, 2];
  return {
    handler: 'soun',
    timescale: SAMPLE_RATE,
    sampleDuration: SAMPLES_PER_FRAME,
    samples,
    sampleSize,
    mediaHeader: fullBox('smhd', 0, zeros(4)),
    entry: box(
      'mp4a',
      [...zeros(6), ...u16(1), ...zeros(8), ...u16(1), ...u16(16), ...zeros(4), ...u16(SAMPLE_RATE), 0, 0],
      fullBox('esds', 0, [3, elementary.length, ...elementary]),
    ),
    data,
  };
};

const videoTrack = (seconds: number): Track => {
  const [set, picture] = [sequenceParameters(), pictureParameters()];
  const frames = ([1, 2] as const).map((id) => {
    const unit = greyFrame(id);
    return Buffer.concat([Buffer.from(u32(unit.length)), unit]);
  });
  const pair = Buffer.concat(frames);
  const samples = 2 * Math.ceil(seconds / 2);
  return {
    handler: 'vide',
    timescale: 1000,
    sampleDuration: 1000,
    samples,
    sampleSize: pair.length / 2,
    mediaHeader: fullBox('vmhd', 1, zeros(8)),
    entry: box(
      'avc1',
      [...zeros(6), ...u16(1), ...zeros(16), ...u16(PICTURE.width), ...u16(PICTURE.height)],
      [...u32(0x480000), ...u32(0x480000), ...zeros(4), ...u16(1), ...zeros(32), ...u16(24), 0xff, 0xff],
      box('avcC', [1, 66, 0xc0, 13, 0xff, 0xe1, ...u16(set.length)], set, [1, ...u16(picture.length)], picture),
    ),
    data: repeated(pair, samples / 2),
  };
};

const sizeTable = ({ sampleSize, samples }: Track): Buffer => {
  if (typeof sampleSize === 'number') return fullBox('stsz', 0, u32(sampleSize), u32(samples));
  const sizes = Buffer.alloc(4 * samples);
  sampleSize.forEach((size, index) => sizes.writeUInt32BE(size, 4 * index));
  return fullBox('stsz', 0, u32(0), u32(samples), sizes);
};

const trackBox = (track: Track, id: number, seconds: number, offset: number): Buffer => {
  const [width, height] = track.handler === 'vide' ? [PICTURE.width, PICTURE.height] : [0, 0];
  return box(
    'trak',
    fullBox(
      'tkhd',
      7, // enabled, in movie, in preview
      [...zeros(8), ...u32(id), ...zeros(4), ...u32(Math.round(seconds * 1000)), ...zeros(12)],
      [...u16(track.handler === 'soun' ? 0x100 : 0), 0, 0, ...UNITY_MATRIX, ...u16(width), 0, 0, ...u16(height), 0, 0],
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, [
        ...zeros(8),
        ...u32(track.timescale),
        ...u32(track.samples * track.sampleDuration),
        0x55,
        0xc4,
        0,
        0,
      ]),
      fullBox('hdlr', 0, zeros(4), Buffer.from(track.handler), zeros(13)),
      box(
        'minf',
        track.mediaHeader,
        box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1))),
        box(
          'stbl',
          fullBox('stsd', 0, u32(1), track.entry),
          fullBox('stts', 0, u32(1), u32(track.samples), u32(track.sampleDuration)),
          fullBox('stsc', 0, u32(1), u32(1), u32(track.samples), u32(1)),
          sizeTable(track),
          fullBox('stco', 0, u32(1), u32(offset)),
        ),
      ),
    ),
  );
};

const movieBox = (tracks: readonly Track[], seconds: number, firstByte: number): Buffer => {
  let offset = firstByte;
  const boxes = tracks.map((track, index) => {
    const made = trackBox(track, index + 1, seconds, offset);
    offset += track.data.length;
    return made;
  });
  const header = fullBox(
    'mvhd',
    0,
    [...zeros(8), ...u32(1000), ...u32(Math.round(seconds * 1000)), ...u32(0x10000), ...u16(0x100), ...zeros(10)],
    [...UNITY_MATRIX, ...zeros(24), ...u32(tracks.length + 1)],
  );
  return box('moov', header, ...boxes);
};

/** `free` with a 64-bit size, so that it may exceed 4 GiB. */
const FREE_HEADER = 16;
const freeHeader = (size: number): Buffer => {
  const header = Buffer.alloc(FREE_HEADER);
  header.writeUInt32BE(1, 0);
  header.write('free', 4, 'latin1');
  header.writeBigUInt64BE(BigInt(size), 8);
  return header;
};

const MOVIE_TYPE = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41'));
const SOUND_TYPE = box('ftyp', Buffer.from('M4A \0\0\x02\0M4A isomiso2mp41'));

/** Everything up to the first sample: type, index and the header of the media. */
const headOf = (fileType: Buffer, tracks: readonly Track[], seconds: number): Buffer => {
  const mediaSize = tracks.reduce((sum, track) => sum + track.data.length, 0);
  const mediaHeader = Buffer.from([...u32(mediaSize + 8), ...Buffer.from('mdat')]);
  // The movie box has the same length whatever the offsets in it are.
  const length = fileType.length + movieBox(tracks, seconds, 0).length + mediaHeader.length;
  return Buffer.concat([fileType, movieBox(tracks, seconds, length), mediaHeader]);
};

export const movie = ({ seconds, size, video, seed }: Movie): Content => {
  const tracks = video ? [videoTrack(seconds), silence(seconds)] : [silence(seconds)];
  const head = headOf(video ? MOVIE_TYPE : SOUND_TYPE, tracks, seconds);
  const needed = tracks.reduce((sum, track) => sum + track.data.length, head.length);
  const filler = size - needed;
  if (filler < FREE_HEADER) {
    throw new Error(`A movie of ${seconds} s needs at least ${needed + FREE_HEADER} bytes, not ${size}.`);
  }
  return sequence(
    bytes(head),
    ...tracks.map((track) => track.data),
    bytes(freeHeader(filler)),
    noise(seed, filler - FREE_HEADER),
  );
};

/** An M4A of these AAC frames (LC, 32 kHz, mono), as long as they last. */
export const sound = (frames: readonly Buffer[]): Content => {
  const data = bytes(Buffer.concat(frames));
  const track = audioTrack(
    frames.length,
    frames.map(({ length }) => length),
    data,
  );
  return sequence(bytes(headOf(SOUND_TYPE, [track], frames.length * FRAME_SECONDS)), data);
};
