import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { probeMp4, type Mp4Info } from '../../../core/media/mp4/probe-mp4.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { movie, type Movie } from '../../../local/zoom/mp4.ts';
import { box, boxSaying, readerOf } from '../../fakes/boxes.ts';

const file = (change: Partial<Movie> = {}): Buffer => {
  const made = movie({ seconds: 60, size: 200_000, video: true, seed: 'a', ...change });
  return Buffer.concat([...made.read(0, made.length)]);
};
const probe = (bytes: Buffer): Promise<Mp4Info> => probeMp4(readerOf(bytes).read, bytes.length);
const refusal = async (bytes: Buffer): Promise<string> => {
  const error: unknown = await probe(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PermanentError)) throw new Error('it was not refused', { cause: error });
  return error.message;
};

const whole = file();
const ftyp = whole.subarray(0, whole.readUInt32BE(0));
const moovAt = whole.indexOf('moov') - 4;
const moov = whole.subarray(moovAt, moovAt + whole.readUInt32BE(moovAt));
const mdat = box('mdat', Buffer.alloc(100));

describe('what an MP4 says of itself', () => {
  test('is its duration and its tracks', async () => {
    const { tracks, ...info } = await probe(whole);
    expect(info).toEqual({ durationSeconds: 60, hasIndexAtEnd: false, isFragmented: false });
    expect(tracks).toEqual([
      expect.objectContaining({ kind: 'video', codec: 'avc1', durationSeconds: 60, timescale: 1000, samples: 60 }),
      expect.objectContaining({ kind: 'audio', codec: 'mp4a', timescale: 32_000, sampleRate: 32_000, channels: 1 }),
    ]);
    expect(tracks[0]).toMatchObject({ width: expect.any(Number), height: expect.any(Number) });
    expect(tracks[1]?.durationSeconds).toBeCloseTo(60, 1);
  });

  test('is one audio track where there is no picture', async () => {
    const { tracks } = await probe(file({ video: false }));
    expect(tracks.map(({ kind }) => kind)).toEqual(['audio']);
  });

  test('tells an index that comes after the media', async () => {
    expect(await probe(Buffer.concat([ftyp, mdat, moov]))).toMatchObject({ hasIndexAtEnd: true, durationSeconds: 60 });
  });

  test('describes tracks that are coded alike in the same words, whatever their length and bit rate', async () => {
    const louder = Buffer.from(file({ seconds: 90, seed: 'b' }));
    const rate = louder.indexOf(Buffer.from([0x40, 0x15])) + 5;
    louder.writeUInt32BE(64_000, rate);
    const [a, b] = [await probe(whole), await probe(louder)];
    expect(b.tracks.map(({ description }) => description)).toEqual(a.tracks.map(({ description }) => description));
  });

  test('describes tracks otherwise once their decoder is set up otherwise', async () => {
    const other = Buffer.from(whole);
    const setup = other.indexOf(Buffer.from([5, 2, 0x12, 0x88])) + 2;
    other[setup + 1] = 0x90;
    const [a, b] = [await probe(whole), await probe(other)];
    expect(b.tracks[0]?.description).toBe(a.tracks[0]?.description);
    expect(b.tracks[1]?.description).not.toBe(a.tracks[1]?.description);
    expect(b.tracks[1]?.channels).toBe(2);
  });

  test('costs a few small reads, however large the file and its tables are', async () => {
    const huge = 80 * 1024 ** 3;
    const filler = huge - ftyp.length - 16 - moov.length;
    const head = Buffer.concat([ftyp, boxSaying('mdat', BigInt(filler + 16))]);
    let bytesRead = 0;
    const info = await probeMp4(async (from, length) => {
      bytesRead += length;
      const part = Buffer.alloc(length);
      if (from < head.length) head.copy(part, 0, from);
      const index = huge - moov.length;
      if (from + length > index) moov.copy(part, Math.max(0, index - from), Math.max(0, from - index));
      return part;
    }, huge);
    expect(info).toMatchObject({ durationSeconds: 60, hasIndexAtEnd: true });
    expect(bytesRead).toBeLessThan(200_000);
  });

  test('is read past an index of 100 MB without reading it', async () => {
    const padded = box('moov', moov.subarray(8), box('free', Buffer.alloc(100_000_000)));
    const bytes = Buffer.concat([ftyp, padded, mdat]);
    const reader = readerOf(bytes);
    expect(await probeMp4(reader.read, bytes.length)).toMatchObject({ durationSeconds: 60 });
    expect(reader.asked.reduce((sum, length) => sum + length, 0)).toBeLessThan(300_000);
  });

  test('counts the fragments of a fragmented file', async () => {
    const trex = box('trex', [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0]);
    const silent = Buffer.from(moov);
    silent.writeUInt32BE(0, silent.indexOf('mvhd') + 20);
    for (let at = silent.indexOf('mdhd'); at > 0; at = silent.indexOf('mdhd', at + 1)) silent.writeUInt32BE(0, at + 20);
    const index = box('moov', silent.subarray(8), box('mvex', trex));
    const fragment = (start: number, samples: number): Buffer =>
      box(
        'moof',
        box(
          'traf',
          box('tfhd', [0, 0, 0, 0, 0, 0, 0, 1]),
          box('tfdt', [0, 0, 0, 0, 0, 0, start >> 8, start & 255]),
          box('trun', [0, 0, 0, 0, 0, 0, 0, samples]),
        ),
      );
    const bytes = Buffer.concat([ftyp, index, fragment(0, 20), mdat, fragment(2000, 15), mdat]);
    expect(await probe(bytes)).toMatchObject({ isFragmented: true, durationSeconds: 3.5 });
  });
});

describe('a file that is refused', () => {
  test.each([
    ['nothing', Buffer.alloc(0), /no index/],
    ['a web page', Buffer.from('<!doctype html><title>Sign in</title>'), /says it has|longer/],
    ['a playlist', Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:1\nhttp://10.0.0.1/a.ts\n'), /longer than/],
    ['one without its end', whole.subarray(0, 2_000), /longer than/],
    ['one without an index', Buffer.concat([ftyp, mdat]), /no index/],
    ['one without media', Buffer.concat([ftyp, moov]), /no media/],
    ['one whose type is not first', Buffer.concat([moov, ftyp, mdat]), /begin with its type/],
    ['a box shorter than its own header', Buffer.concat([ftyp, boxSaying('moov', 4)]), /says it has 4 bytes/],
    ['a long box that is shorter than its header', Buffer.concat([ftyp, boxSaying('moov', 3n)]), /says it has 3 bytes/],
    ['a box of 2^64 bytes', Buffer.concat([ftyp, boxSaying('moov', 2n ** 64n - 1n)]), /bytes longer than/],
    ['a negative size', Buffer.concat([ftyp, boxSaying('mdat', 0xffff_fff8)]), /bytes longer than/],
    ['an index that is compressed', Buffer.concat([ftyp, box('moov', box('cmov')), mdat]), /compressed/],
    ['a track without a description', Buffer.concat([ftyp, box('moov', box('trak')), mdat]), /no description/],
    [
      'a thousand tracks',
      Buffer.concat([ftyp, box('moov', ...Array<Buffer>(1000).fill(box('trak'))), mdat]),
      /256 tracks/,
    ],
    ['a hundred thousand boxes', Buffer.concat([ftyp, ...Array<Buffer>(100_001).fill(box('free'))]), /too many boxes/],
  ])('is %s', async (_what, bytes, why) => {
    expect(await refusal(bytes)).toMatch(/^FILE_NOT_AS_EXPECTED: not a readable MP4: /);
    expect(await refusal(bytes)).toMatch(why);
  });

  test('is one whose boxes lie in each other without end', async () => {
    let nested: Buffer = box('moov');
    for (let depth = 0; depth < 5_000; depth += 1) nested = boxSaying('moov', nested.length + 8, nested);
    expect(await refusal(Buffer.concat([ftyp, nested, mdat]))).toMatch(/no tracks/);
  });

  test('is not one that shrinks while it is read: that is worth another try', async () => {
    await expect(probeMp4(async () => Buffer.alloc(3), 1_000)).rejects.toMatchObject({ name: 'TransientError' });
  });
});

test('a file with any bytes changed, cut or put in is read or refused, within bounded reads', async () => {
  const edit = fc.record({
    at: fc.nat({ max: 2_500 }),
    kind: fc.constantFrom('set', 'cut', 'insert', 'swap'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
      let bytes = Buffer.from(whole.subarray(0, 4_000));
      for (const { at, kind, bytes: some } of edits) {
        if (kind === 'set') Buffer.from(some).copy(bytes, Math.min(at, bytes.length - some.length));
        if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some.length)]);
        if (kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)]);
        if (kind === 'swap') bytes = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
      }
      const reader = readerOf(bytes);
      try {
        const { durationSeconds } = await probeMp4(reader.read, bytes.length);
        expect(durationSeconds).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(PermanentError);
      }
      expect(reader.asked.length).toBeLessThan(50);
    }),
    { numRuns: 2_000, seed: 7 },
  );
});
