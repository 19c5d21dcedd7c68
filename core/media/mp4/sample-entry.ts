import { createHash } from 'node:crypto';

/** What the first sample entry of a track says, and a digest by which two tracks can be told to be coded alike. */
export type SampleEntry = {
  readonly codec: string;
  readonly description: string;
  readonly width?: number;
  readonly height?: number;
  readonly sampleRate?: number;
  readonly channels?: number;
};

type Kind = 'video' | 'audio' | 'other';

const entryHead = 16;
const videoFields = 70;
const audioFields = 20;

/** The payload of an `stsd` box. Whatever it holds, this neither throws nor reads beyond it. */
export const readSampleEntry = (payload: Buffer, kind: Kind): SampleEntry | undefined => {
  if (payload.length < 8 + entryHead) return undefined;
  const count = payload.readUInt32BE(4);
  const size = payload.readUInt32BE(8);
  const codec = payload.toString('latin1', 12, 16);
  if (count === 0 || size < entryHead || 8 + size > payload.length) return undefined;
  const entry = payload.subarray(8, 8 + size);
  // Several entries mean parameters that change on the way: no two such tracks count as alike unless byte for byte.
  const digest = createHash('sha256');
  if (count > 1) digest.update(payload.subarray(8 + size));

  if (kind === 'video' && entry.length >= entryHead + videoFields) {
    digest.update(codec).update(entry.subarray(entryHead, entryHead + videoFields));
    for (const box of childrenOf(entry, entryHead + videoFields))
      if (box.type !== 'btrt') digest.update(box.type).update(box.payload);
    const [width, height] = [entry.readUInt16BE(32), entry.readUInt16BE(34)];
    return { codec, description: digest.digest('hex'), width, height };
  }
  if (kind === 'audio' && entry.length >= entryHead + audioFields) {
    const version = entry.readUInt16BE(entryHead);
    const children = childrenOf(entry, entryHead + audioFields + (version === 1 ? 16 : 0));
    const esds = children.find((box) => box.type === 'esds');
    const decoder = esds && readDecoder(esds.payload);
    digest.update(codec).update(entry.subarray(entryHead, entryHead + audioFields));
    for (const box of children)
      if (box.type !== 'btrt') digest.update(box.type).update(box === esds && decoder ? decoder : box.payload);
    const told = { sampleRate: entry.readUInt16BE(entryHead + 16), channels: entry.readUInt16BE(entryHead + 8) };
    return { codec, description: digest.digest('hex'), ...told, ...(decoder && readAudioConfig(decoder.subarray(1))) };
  }
  return { codec, description: digest.update(entry).digest('hex') };
};

type Child = { readonly type: string; readonly payload: Buffer };

const childrenOf = (entry: Buffer, from: number): Child[] => {
  const children: Child[] = [];
  for (let at = from; at + 8 <= entry.length;) {
    const size = entry.readUInt32BE(at);
    if (size < 8 || at + size > entry.length) break;
    children.push({ type: entry.toString('latin1', at + 4, at + 8), payload: entry.subarray(at + 8, at + size) });
    at += size;
  }
  return children;
};

/** Tags of MPEG-4 descriptors. */
const elementary = 3;
const decoderConfig = 4;
const decoderSpecific = 5;

/** The kind of decoder and what it is set up with. Bit rates, which differ from file to file, are left out. */
const readDecoder = (esds: Buffer): Buffer | undefined => {
  const stream = descriptor(esds, 4);
  if (stream?.tag !== elementary || stream.payload.length < 3) return undefined;
  const flags = stream.payload[2] as number;
  const skipped =
    3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + (stream.payload[3] ?? 0) : 0) + (flags & 0x20 ? 2 : 0);
  const config = descriptor(stream.payload, skipped);
  if (config?.tag !== decoderConfig || config.payload.length < 13) return undefined;
  const specific = descriptor(config.payload, 13);
  const setup = specific?.tag === decoderSpecific ? specific.payload : Buffer.alloc(0);
  return Buffer.concat([config.payload.subarray(0, 1), setup]);
};

/** A tag, a length of up to four times seven bits, and that many bytes. */
const descriptor = (bytes: Buffer, from: number): { tag: number; payload: Buffer } | undefined => {
  let length = 0;
  for (let at = from + 1; at < Math.min(from + 5, bytes.length); at += 1) {
    const byte = bytes[at] as number;
    length = length * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (at + 1 + length > bytes.length) return undefined;
    return { tag: bytes[from] as number, payload: bytes.subarray(at + 1, at + 1 + length) };
  }
  return undefined;
};

const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/** MPEG-4's own setup of AAC is right where the sample entry, which many writers fill with defaults, is not. */
const readAudioConfig = (setup: Buffer): { sampleRate?: number; channels?: number } => {
  if (setup.length < 2) return {};
  const bits = setup.readUInt16BE(0);
  const rate = aacRates[(bits >> 7) & 15];
  const config = (bits >> 3) & 15;
  return {
    ...(rate !== undefined && { sampleRate: rate }),
    ...(rate !== undefined && config > 0 && config < 8 && { channels: config === 7 ? 8 : config }),
  };
};
