import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldersFor, nameFiles, type NamedFile, type NamedMeeting } from '../../../core/archive-name/name-files.ts';
import { readTemplate, zipNames, type NameTemplate } from '../../../core/archive-name/template.ts';
import { insightsKeyOf, isDerivedName, mergedKeysOf, transcriptKeysOf } from '../../../core/keys.ts';

const meeting: NamedMeeting = {
  ...{ meetingId: '85746065432', meetingUuid: 'aDYlohsHRtCd4ii1uC2+hA==', startTime: '2026-01-12T15:00:14Z' },
  ...{ accountId: 'aB3dEf', topic: 'Reading room: week 2', host: 'Ada@Example.org', timezone: 'Asia/Tokyo' },
};
const template = (text: string): NameTemplate => {
  const read = readTemplate(text);
  if ('complaint' in read) throw new Error(read.complaint);
  return read.template;
};
const file = (fileId: string, about: Partial<NamedFile> = {}): NamedFile => ({
  ...{ fileId, segment: 0, view: 'gallery_view', extension: 'mp4' },
  ...about,
});
const folder = (text: string, about: Partial<NamedMeeting> = {}): string =>
  foldersFor(template(text), { ...meeting, ...about })[0] ?? '';
const names = (text: string, files: readonly NamedFile[], taken: Record<string, string> = {}): string[] => [
  ...nameFiles(template(text), meeting, files, new Map(Object.entries(taken))).values(),
];
const merged = mergedKeysOf('');
const derivedNames = [
  ...Object.values(transcriptKeysOf('')),
  ...[insightsKeyOf(''), merged.mixed, merged.speakers(0), merged.speakers(1), merged.speakerList],
  merged.joined('gallery_view', 'mp4'),
];
const end = '{segment}-{view}.{ext}';

describe('the folder of a recording', () => {
  test.each([
    [zipNames, '85746065432/1768230014/'],
    [
      `{account}/{host}/{topic}/{start:yyyy-MM-dd_HHmm}/${end}`,
      'aB3dEf/ada@example.org/Reading_room_week_2/2026-01-13_0000/',
    ],
    [`{start:yyyy}/{start:MM}/{start:dd}-{topic}/${end}`, '2026/01/13-Reading_room_week_2/'],
    [`zoom/{uuid}/${end}`, 'zoom/683625a21b0746d09de228b5b82dbe84/'],
  ])('%s is %s', (text, expected) => {
    expect(folder(text)).toBe(expected);
  });

  test.each([
    ['Europe/Berlin', '2026-01-12T16:00:14'],
    ['America/Los_Angeles', '2026-01-12T07:00:14'],
    ['Asia/Kolkata', '2026-01-12T20:30:14'],
    ['', '2026-01-12T15:00:14'],
    [undefined, '2026-01-12T15:00:14'],
    ['Mars/Olympus', '2026-01-12T15:00:14'],
  ])('has its dates in the time zone %j', (timezone, expected) => {
    expect(folder(`{topic}/{start:yyyy-MM-ddTHH.mm.ss}/${end}`, { timezone })).toBe(
      `Reading_room_week_2/${expected.replaceAll(':', '.')}/`,
    );
  });

  test('shows midnight as 00, and a clock that was turned back twice the same', () => {
    const at = (startTime: string) =>
      folder(`{topic}/{start:yyyyMMddHHmm}/${end}`, { startTime, timezone: 'Europe/Berlin' });
    expect(at('2026-06-30T22:00:00Z')).toMatch(/\/202607010000\/$/);
    expect(at('2026-10-25T00:30:00Z')).toBe(at('2026-10-25T01:30:00Z'));
  });

  test('shows the address of the host only where the template asks for it', () => {
    expect(folder(zipNames) + names(zipNames, [file('a')]).join()).not.toMatch(/ada|example/i);
    expect(folder(`{host}/{uuid}/${end}`, { host: undefined })).toMatch(/^unnamed\//);
  });

  test('has others to choose from, as another recording may have its name', () => {
    expect(foldersFor(template(zipNames), meeting)).toEqual([
      '85746065432/1768230014/',
      expect.stringMatching(/^85746065432\/1768230014-[0-9a-f]{8}\/$/),
      expect.stringMatching(/^85746065432\/1768230014-[0-9a-f]{24}\/$/),
    ]);
  });

  test('is never one that Rapporteur keeps its own things in', () => {
    expect(folder(`{topic}/{uuid}/${end}`, { topic: 'jobs' })).toMatch(/^jobs_\//);
  });

  test('shortens a long topic and keeps the date behind it', () => {
    const long = folder(`{topic}-{start:yyyy-MM-dd}/${end}`, { topic: '会議'.repeat(500) });
    expect(long).toMatch(/^(会議)+会?-2026-01-13\/$/);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(256);
  });
});

describe('the names of files', () => {
  test('are as ZIP writes them', () => {
    expect(names(zipNames, [file('a', { segment: 2 })])).toEqual(['002-gallery_view.mp4']);
  });

  test('carry the id of the file where several share a view', () => {
    const track = { view: 'participant_audio', extension: 'm4a' };
    expect(names(zipNames, [file('a', track)])).toEqual([
      expect.stringMatching(/^000-participant_audio-[0-9a-f]{12}\.m4a$/),
    ]);
    expect(new Set(names(zipNames, [file('a'), file('b'), file('c', { segment: 1 })])).size).toBe(3);
    expect(names(zipNames, [file('a'), file('b')], { a: '000-gallery_view.mp4' })).toEqual([
      '000-gallery_view.mp4',
      expect.stringMatching(/^000-gallery_view-[0-9a-f]{12}\.mp4$/),
    ]);
  });

  test('hold the id that Zoom gives where the template asks for it, and part two that read the same', () => {
    expect(names('{uuid}/{fileId}.{ext}', [file('CC@2026-01-12T15:00:14Z')])).toEqual(['CC@2026-01-12T15_00_14Z.mp4']);
    const [one, other] = names('{uuid}/{fileId}.{ext}', [file('a/b'), file('A_b')]);
    expect([one, other]).toEqual([
      expect.stringMatching(/^a_b-\w{12}\.mp4$/),
      expect.stringMatching(/^A_b-\w{12}\.mp4$/),
    ]);
  });

  test('are never those of transcript, captions, summary or merged media', () => {
    for (const name of derivedNames) {
      expect([name, isDerivedName(name)]).toEqual([name, true]);
      const [, stem = '', extension = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
      expect(names('{uuid}/{fileId}.{ext}', [file(stem.toUpperCase(), { extension })])[0]).toMatch(
        /-[0-9a-f]{12}\.\w+$/,
      );
    }
  });

  test('of 80 participants, all in one view and one segment, are 80', () => {
    const tracks = Array.from({ length: 80 }, (_, index) =>
      file(`p${index}`, { view: 'participant_audio', extension: 'm4a' }),
    );
    expect(new Set(names(zipNames, tracks)).size).toBe(80);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '../../x',
    'a/../b',
    '\0',
    '\ud800',
    'jobs',
    '"',
    '\u202e',
    '👩‍💻'.repeat(100),
    '会'.repeat(400),
  ),
);
const placeholders = ['{account}', '{host}', '{topic}', '{meetingId}', '{start:yyyy-MM-dd}', 'x', '日'];
const anyTemplate = fc
  .tuple(
    fc.array(fc.array(fc.constantFrom(...placeholders), { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
    fc.array(fc.constantFrom(...placeholders, '{uuid}', '{segment}', '{view}'), { maxLength: 3 }),
    fc.constantFrom('{fileId}', '{segment}{view}', '{view}_{segment}'),
  )
  .map(([folders, name, last]) =>
    [...folders.map((parts) => parts.join('-')), '{uuid}', `${[...name, last].join('-')}.{ext}`].join('/'),
  )
  .filter((text) => !('complaint' in readTemplate(text)));
const anyMeeting: fc.Arbitrary<NamedMeeting> = fc.record({
  ...{ meetingId: anyText, meetingUuid: anyText, accountId: anyText, topic: anyText, host: anyText },
  startTime: fc
    .date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  timezone: fc.constantFrom('Asia/Tokyo', 'no/where', ''),
});
const anyFiles = fc.uniqueArray(
  fc.record({
    fileId: anyText.map((text) => text.slice(0, 200)).filter((text) => text !== ''),
    ...{
      segment: fc.nat({ max: 3_000 }),
      view: anyText,
      extension: fc.constantFrom('mp4', 'json', 'vtt', 'x'.repeat(90)),
    },
  }),
  { selector: ({ fileId }) => Buffer.from(fileId, 'utf8').toString('utf8'), maxLength: 12 },
);

describe('the key of a file, whatever the template and whatever Zoom sends,', () => {
  test('is safe, readable and at most 1,024 bytes, and so is what is derived from its folder', () => {
    fc.assert(
      fc.property(anyTemplate, anyMeeting, anyFiles, (text, about, files) => {
        const given = [...nameFiles(template(text), about, files, new Map()).values(), ...derivedNames];
        for (const place of foldersFor(template(text), about)) {
          for (const name of given) {
            const key = place + name;
            expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1_024);
            expect(key).not.toMatch(/[\p{C}\p{Z}\\"'`<>|:*?#%&;$]|\.\.|\/\/|^\/|^jobs\/|(^|\/)[.-]|\.(\/|$)/u);
            expect(key.normalize('NFC')).toBe(key);
            expect(key.split('/')).toHaveLength(text.split('/').length);
            for (const segment of key.split('/')) expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is its own, in whatever portions the files are announced, and stays', () => {
    const portions = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyTemplate, anyMeeting, anyFiles, portions, (text, about, files, sizes) => {
        let taken = new Map<string, string>();
        for (let known = 0, round = 0; known < files.length; round += 1) {
          known += sizes[round % sizes.length] ?? 1;
          const next = nameFiles(template(text), about, files.slice(0, known), taken);
          for (const [fileId, name] of taken) expect(next.get(fileId)).toBe(name);
          taken = next;
        }
        const all = [...taken.values()].map((name) => name.toLowerCase());
        expect(new Set([...all, ...derivedNames]).size).toBe(files.length + derivedNames.length);
      }),
      { numRuns: 300 },
    );
  });
});
