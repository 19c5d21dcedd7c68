import { probeMp4 } from '../../core/media/mp4/probe-mp4.ts';

/** What of S3 is needed; the unmodified client behind it asks as anybody would. */
export type MediaStore = {
  /** Undefined where there is no such object. */
  size(bucket: string, key: string): Promise<number | undefined>;
  read(bucket: string, key: string, from: number, length: number): Promise<Buffer>;
  hasBucket(bucket: string): Promise<boolean>;
  write(bucket: string, key: string, text: string, contentType: string): Promise<void>;
};

export type Sound = { readonly format: string; readonly channels?: number; readonly seconds?: number };

const mostBytes = 2 * 1_024 ** 3;
const mostSeconds = 4 * 3_600;
const mostChannels = 2;
const headBytes = 65_536;

const signatures: [format: string, isIt: (head: Buffer) => boolean][] = [
  ['flac', (head) => head.toString('latin1', 0, 4) === 'fLaC'],
  ['wav', (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WAVE'],
  ['mp4', (head) => head.toString('latin1', 4, 8) === 'ftyp'],
  ['ogg', (head) => head.toString('latin1', 0, 4) === 'OggS'],
  ['webm', (head) => head.toString('hex', 0, 4) === '1a45dfa3'],
  ['amr', (head) => head.toString('latin1', 0, 5) === '#!AMR'],
  ['mp3', (head) => head.toString('latin1', 0, 3) === 'ID3' || (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0)],
];

/** The reason for which a job fails, in the words of the API, or what the sound is. */
export const inspectMedia = async (
  store: MediaStore,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  wanted: string | undefined,
): Promise<Sound | { readonly reason: string }> => {
  const size = await store.size(bucket, key);
  if (size === undefined) return { reason: 'The media file could not be read.' };
  if (size > mostBytes) return { reason: 'Invalid file size: file size too large' };
  const head = await store.read(bucket, key, 0, Math.min(size, headBytes));
  const format = signatures.find(([, isIt]) => isIt(head))?.[0];
  if (format === undefined) return { reason: 'Unsupported media format' };
  // One container under two names.
  if (wanted !== undefined && (wanted === 'm4a' ? 'mp4' : wanted) !== format)
    return { reason: 'The media format provided does not match the detected media format' };
  const sound = { format, ...(await measures[format]?.(head, size, (from, length) => store.read(bucket, key, from, length))) }; // prettier-ignore
  if ((sound.channels ?? 1) > mostChannels)
    return { reason: 'Invalid number of channels: number of channels too large' };
  if ((sound.seconds ?? 0) > mostSeconds)
    return { reason: 'Invalid file size: file size too large. Maximum audio duration is 4.000000 hours.' };
  return sound;
};

type Measure = (
  head: Buffer,
  size: number,
  read: (from: number, length: number) => Promise<Buffer>,
) => Promise<Omit<Sound, 'format'>>;

/** Formats whose head tells how much they hold; of others only the size is looked at. */
const measures: Record<string, Measure> = {
  flac: async (head) => {
    if (head.length < 26) return {};
    const rate = head.readUIntBE(18, 3) >> 4;
    const samples = ((head[21] ?? 0) & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
    return { channels: (((head[20] ?? 0) >> 1) & 0x07) + 1, ...(rate > 0 && { seconds: samples / rate }) };
  },
  wav: async (head, size) => {
    for (let at = 12; at + 24 <= head.length; at += 8 + head.readUInt32LE(at + 4)) {
      if (head.toString('latin1', at, at + 4) !== 'fmt ') continue;
      const bytesPerSecond = head.readUInt32LE(at + 16);
      return { channels: head.readUInt16LE(at + 10), ...(bytesPerSecond > 0 && { seconds: size / bytesPerSecond }) };
    }
    return {};
  },
  mp4: async (_head, size, read) => {
    const info = await probeMp4(read, size).catch(() => undefined);
    const track = info?.tracks.find(({ kind }) => kind === 'audio');
    return {
      ...(track?.channels !== undefined && { channels: track.channels }),
      ...(info && { seconds: info.durationSeconds }),
    };
  },
};
