import { notAnMp4, type Box, type Mp4Reader } from './boxes.ts';

/** What a fragmented file says of its tracks once, for all fragments. */
export type FragmentDefaults = Map<number, { readonly sampleDuration: number; readonly timescale: number }>;

export const readFragmentDefaults = async (reader: Mp4Reader, mvex: Box): Promise<FragmentDefaults> => {
  const defaults: FragmentDefaults = new Map();
  for await (const box of reader.boxes(mvex.from, mvex.to)) {
    if (box.type !== 'trex') continue;
    const fields = await fieldsOf(reader, box, 24);
    defaults.set(fields.readUInt32BE(4), { sampleDuration: fields.readUInt32BE(12), timescale: 0 });
  }
  return defaults;
};

/** Where each track ends: the latest end of any of its fragments. */
export const fragmentSeconds = async (
  reader: Mp4Reader,
  fragments: readonly Box[],
  defaults: FragmentDefaults,
): Promise<Map<number, number>> => {
  const ends = new Map<number, number>();
  for (const moof of fragments)
    for await (const box of reader.boxes(moof.from, moof.to)) {
      if (box.type !== 'traf') continue;
      const { track, start, duration } = await readTrackFragment(reader, box, defaults);
      const end = (start ?? ends.get(track) ?? 0) + duration;
      ends.set(track, Math.max(end, ends.get(track) ?? 0));
    }
  return new Map(
    [...ends].map(([track, end]) => {
      const timescale = defaults.get(track)?.timescale ?? 0;
      return [track, timescale > 0 && Number.isSafeInteger(end) ? end / timescale : 0];
    }),
  );
};

type TrackFragment = { readonly track: number; readonly start: number | undefined; readonly duration: number };

const hasBaseOffset = 0x1;
const hasDescriptionIndex = 0x2;
const hasDefaultDuration = 0x8;

const readTrackFragment = async (reader: Mp4Reader, traf: Box, defaults: FragmentDefaults): Promise<TrackFragment> => {
  let [track, duration, sampleDuration] = [0, 0, 0];
  let start: number | undefined;
  for await (const box of reader.boxes(traf.from, traf.to)) {
    if (box.type === 'tfhd') {
      const fields = await fieldsOf(reader, box, 8);
      const flags = fields.readUInt32BE(0) & 0xff_ffff;
      track = fields.readUInt32BE(4);
      sampleDuration = defaults.get(track)?.sampleDuration ?? 0;
      const at = 8 + (flags & hasBaseOffset ? 8 : 0) + (flags & hasDescriptionIndex ? 4 : 0);
      if (flags & hasDefaultDuration) sampleDuration = (await fieldsOf(reader, box, at + 4)).readUInt32BE(at);
    } else if (box.type === 'tfdt') {
      const isLong = (await fieldsOf(reader, box, 8))[0] === 1;
      start = isLong
        ? Number((await fieldsOf(reader, box, 12)).readBigUInt64BE(4))
        : (await fieldsOf(reader, box, 8)).readUInt32BE(4);
    } else if (box.type === 'trun') duration += await readRun(reader, box, sampleDuration);
  }
  return { track, start, duration };
};

const hasDataOffset = 0x1;
const hasFirstFlags = 0x4;
const hasDurations = 0x100;
const perSample = [0x100, 0x200, 0x400, 0x800];

/** The length of one run of samples. */
const readRun = async (reader: Mp4Reader, trun: Box, sampleDuration: number): Promise<number> => {
  const head = await fieldsOf(reader, trun, 8);
  const flags = head.readUInt32BE(0) & 0xff_ffff;
  const count = head.readUInt32BE(4);
  if (!(flags & hasDurations)) return count * sampleDuration;
  const from = 8 + (flags & hasDataOffset ? 4 : 0) + (flags & hasFirstFlags ? 4 : 0);
  const width = 4 * perSample.filter((flag) => flags & flag).length;
  const table = (await fieldsOf(reader, trun, from + count * width)).subarray(from);
  let duration = 0;
  for (let sample = 0; sample < count; sample += 1) duration += table.readUInt32BE(sample * width);
  return duration;
};

const fieldsOf = (reader: Mp4Reader, box: Box, length: number): Promise<Buffer> => {
  if (box.to - box.from < length) throw notAnMp4(`the box "${box.type}" is too short`);
  return reader.bytes(box.from, length);
};
