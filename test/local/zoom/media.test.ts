import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Content } from '../../../local/zoom/content.ts';
import { contentOf } from '../../../local/zoom/media.ts';
import type { ContentSpec } from '../../../local/zoom/media.ts';
import { heardIn } from '../../../local/zoom/speech.ts';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';

const whole = (content: Content): Buffer => Buffer.concat([...content.read(0, content.length)]);
const part = (content: Content, start: number, end: number): Buffer => Buffer.concat([...content.read(start, end)]);

/** The top-level boxes of an MP4: type and size. */
const boxesOf = (file: Buffer): [string, number][] => {
  const boxes: [string, number][] = [];
  for (let at = 0; at < file.length;) {
    const short = file.readUInt32BE(at);
    const size = short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short;
    boxes.push([file.toString('latin1', at + 4, at + 8), size]);
    at += size;
  }
  return boxes;
};

/** The payload of a box on the way down through its parents. */
const inside = (file: Buffer, ...path: string[]): Buffer => {
  let body = file;
  for (const type of path) {
    let at = 0;
    while (body.toString('latin1', at + 4, at + 8) !== type) at += body.readUInt32BE(at);
    body = body.subarray(at + 8, at + body.readUInt32BE(at));
  }
  return body;
};

describe('Generated media', () => {
  test.each([
    ['mp4', 'isom'],
    ['m4a', 'M4A '],
  ] as const)('an %s is a chain of boxes with the index in front, exactly as long as asked for', (kind, brand) => {
    const file = whole(contentOf({ kind, seconds: 60, size: 400_001, seed: 'a' }));
    expect(file).toHaveLength(400_001);
    expect(boxesOf(file).map(([type]) => type)).toEqual(['ftyp', 'moov', 'mdat', 'free']);
    expect(boxesOf(file).reduce((sum, [, size]) => sum + size, 0)).toBe(400_001);
    expect(file.toString('latin1', 8, 12)).toBe(brand);
    expect(inside(file, 'moov', 'mvhd').readUInt32BE(16)).toBe(60_000);
  });

  test('the sample table points at the first frame', () => {
    const file = whole(contentOf({ kind: 'm4a', seconds: 60, size: 100_000, seed: 'a' }));
    const offset = inside(file, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stco').readUInt32BE(8);
    expect(file.toString('latin1', offset - 4, offset)).toBe('mdat');
    const sizes = inside(file, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz');
    expect(sizes.readUInt32BE(4) * sizes.readUInt32BE(8)).toBe((boxesOf(file)[2]?.[1] ?? 0) - 8);
  });

  test('says how many bytes a movie needs when it gets too few', () => {
    expect(() => contentOf({ kind: 'm4a', seconds: 60, size: 100, seed: 'a' })).toThrow(
      /needs at least \d+ bytes, not 100/,
    );
  });

  test('any range is the same as that part of the whole', () => {
    const specs: ContentSpec[] = [
      { kind: 'mp4', seconds: 30, size: 700_000, seed: 'x' },
      { kind: 'noise', size: 600_000, seed: 'y' },
      { kind: 'text', text: 'åäö'.repeat(99) },
      { kind: 'speech', seconds: 4, says: [[2, 1, 3]] },
    ];
    for (const spec of specs) {
      const content = contentOf(spec);
      const all = whole(content);
      fc.assert(
        fc.property(fc.nat(content.length), fc.nat(content.length), (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          return part(content, start, end).equals(all.subarray(start, end));
        }),
        { numRuns: 40 },
      );
    }
  });

  test('differs by seed and by place, and reaches far beyond memory', () => {
    const big = contentOf({ kind: 'mp4', seconds: 7200, size: 50 * 2 ** 30, seed: 'one' });
    const other = contentOf({ kind: 'mp4', seconds: 7200, size: 50 * 2 ** 30, seed: 'two' });
    const at = 40 * 2 ** 30;
    const piece = 512 * 1024;
    expect(part(big, at, at + piece).equals(part(big, at, at + piece))).toBe(true);
    expect(part(big, at, at + piece).equals(part(other, at, at + piece))).toBe(false);
    expect(part(big, at, at + piece).equals(part(big, at + piece, at + 2 * piece))).toBe(false);
  });

  test('a voice is heard when it speaks, and between is the silent frame', () => {
    const says = [
      [3, 1, 2],
      [5, 2.5, 3.5],
    ] as const;
    const file = whole(contentOf({ kind: 'speech', seconds: 4, says }));
    const table = inside(file, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz');
    const sizes = Array.from({ length: table.readUInt32BE(8) }, (_, index) => table.readUInt32BE(12 + 4 * index));
    expect(sizes).toHaveLength(125);
    expect(sizes.reduce((sum, size) => sum + size, 8)).toBe(boxesOf(file)[2]?.[1]);
    // A frame is heard in its own 32 ms and in those of the next.
    const heard = sizes.flatMap((size, index) => (size === 4 ? [] : [index]));
    for (const utterance of says) {
      const { from, to } = heardIn(utterance);
      expect(Math.abs(from - utterance[1]) + Math.abs(to - utterance[2])).toBeLessThan(0.05);
    }
    expect([heard[0], heard.at(-1)]).toEqual([31, 107]);
    expect(heard).toHaveLength(61);
  });

  test('the thumbnail is a JPEG from its first to its last marker', () => {
    const image = whole(contentOf({ kind: 'jpeg', width: 640, height: 360 }));
    expect([image.readUInt16BE(0), image.readUInt16BE(image.length - 2)]).toEqual([0xffd8, 0xffd9]);
  });
});

describe('The sample meeting', () => {
  const { files } = sampleMeeting();
  test('has a track for each speaker: one begins late, one ends early', () => {
    const tracks = files.filter(({ participant }) => participant !== undefined);
    expect(tracks.map(({ start, end }) => [start, end].map((time) => time.slice(14)))).toEqual([
      ['00:14Z', '01:51Z'],
      ['00:14Z', '01:34Z'],
      ['00:19.250Z', '01:51Z'],
    ]);
  });

  const textOf = (type: string): string =>
    whole(contentOf(files.find(({ fileType }) => fileType === type)!.content)).toString();

  test("has a transcript in Zoom's form whose cues follow each other", () => {
    const [header, ...cues] = textOf('TRANSCRIPT').trimEnd().split('\r\n\r\n');
    expect(header).toBe('WEBVTT');
    expect(cues.length).toBeGreaterThanOrEqual(60);
    let last = '';
    for (const [index, cue] of cues.entries()) {
      const [number, times = '', text] = cue.split('\r\n');
      expect(number).toBe(String(index + 1));
      const [start = '', end = ''] = times.split(' --> ');
      expect(start).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
      expect(last <= start && start < end).toBe(true);
      expect(text).toMatch(/^(Ada Lindqvist|Tomasz Wrona|Priya Raman): .+/);
      last = end;
    }
    expect(last < '00:39:51.000').toBe(true);
  });

  test('speaks without names in its captions, and names everybody in its timeline', () => {
    expect(textOf('CC')).not.toContain('Ada Lindqvist:');
    const { timeline } = JSON.parse(textOf('TIMELINE')) as { timeline: { users: { username: string }[] }[] };
    expect(new Set(timeline.flatMap(({ users }) => users.map(({ username }) => username))).size).toBe(3);
  });
});
