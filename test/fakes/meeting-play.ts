import { expect } from '@jest/globals';
import fc from 'fast-check';
import { executionNameOf, jobIdOf } from '../../core/keys.ts';
import { PermanentError } from '../../core/step/errors.ts';
import { eventAbout, recordingFlow, type MeetingFile } from './recording-flow.ts';
import { listedFile, meetingUuid } from './recordings.ts';
import { tinyMovie } from './tiny-movie.ts';

const jobId = jobIdOf('account', meetingUuid);

const speech = (words: string) =>
  Buffer.from(
    `WEBVTT\n\n1\n00:00:01.000 --> 00:00:09.000\nAda Lovelace: ${words}\n\n2\n00:00:10.000 --> 00:00:19.000\nBen Ochs: We decided to open the reading room in March.\n`,
  );
const second = { recording_start: '2026-01-12T15:40:00Z', recording_end: '2026-01-12T15:50:00Z' };

const one = (id: string, file_type: string, file_extension: string, recording_type: string, bytes: Buffer, about = {}): MeetingFile => ({
  told: listedFile(id, { file_type, file_extension, recording_type, file_size: bytes.length, ...about }),
  bytes,
}); // prettier-ignore
const files = {
  film: one('film', 'MP4', 'MP4', 'gallery_view', tinyMovie('film')),
  sound: one('sound', 'M4A', 'M4A', 'audio_only', tinyMovie('sound', 'm4a')),
  chat: one('chat', 'CHAT', 'TXT', 'chat_file', Buffer.from('15:01:00 Ada: hello\n')),
  captions: one('', 'CC', 'VTT', 'closed_caption', speech('These are captions.')),
  words: one('words', 'TRANSCRIPT', 'VTT', 'audio_transcript', speech('Please order the lamps by Friday.')),
  film2: one('film2', 'MP4', 'MP4', 'gallery_view', tinyMovie('film2'), second),
  words2: one('words2', 'TRANSCRIPT', 'VTT', 'audio_transcript', speech('I will call the architect tomorrow.'), second),
};
type Name = keyof typeof files;
const names = Object.keys(files) as Name[];

/** What Zoom may send about a meeting: all at once, one event a rendition, a transcript by itself, files not ready yet. */
export const tellings: { names: Name[]; variant: string; about?: object }[] = [
  { names: ['film', 'sound', 'chat'], variant: 'v1' },
  { names: ['film'], variant: 'v2' },
  { names: ['sound', 'captions'], variant: 'v3' },
  { names: ['words'], variant: 'v4' },
  { names: ['film', 'sound'], variant: 'v5', about: { status: 'processing' } },
  { names: ['words', 'film', 'chat'], variant: 'v6' },
];
export const laterTellings: typeof tellings = [
  { names: ['film2'], variant: 'v7' },
  { names: ['words2', 'film2'], variant: 'v8' },
];

/** Before a step's n-th call of this name to the job table; a number: before that call, whatever it is. */
export type Moment = 'first' | 'last' | number | { readonly call: string; readonly nth: number };
export type Delivery = { readonly telling: (typeof tellings)[number]; readonly when: Moment };
export type Rest = 'none' | 'all' | 'told so far';
type Play = { deliveries: readonly Delivery[]; rest: Rest; lost?: readonly number[]; broken?: number | undefined };

/** Plays one meeting to its end, and an operator who redrives what failed; tells what came of it. */
export const play = async ({ deliveries, rest, lost = [], broken }: Play) => {
  let waiting = deliveries;
  const told = new Set<Name>();
  const expected = names.filter((name) => deliveries.some(({ telling }) => telling.names.includes(name)));
  const counts = new Map<string, number>();
  let all = 0;
  let answers = 0;
  const deliver = async (due: (when: Moment) => boolean): Promise<void> => {
    // Taken before the first is under way: files are copied side by side, and each of them comes by here.
    const taken = waiting.filter(({ when }) => due(when));
    waiting = waiting.filter((one) => !taken.includes(one));
    for (const { telling } of taken) {
      const { names: given, variant, about } = telling;
      if (!about) given.forEach((name) => told.add(name));
      await flow.deliver(eventAbout(files, given, variant, about));
    }
  };
  const flow = recordingFlow({
    files,
    listed: () => (rest === 'none' ? undefined : rest === 'all' ? expected : [...told]),
    between: async (call) => {
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      all += 1;
      await deliver((when) =>
        typeof when === 'object' ? when.call === call && when.nth < count : typeof when === 'number' && when <= all,
      );
    },
    after: () => {
      answers += 1;
      if (answers === broken) throw new PermanentError('ZOOM_REFUSED', 'for a while');
      if (lost.includes(answers)) throw new Error('socket hang up');
    },
  });
  const first = waiting.find(({ when }) => when === 'first') ?? waiting[0];
  await deliver((when) => when === 'first' || when === first?.when);
  await flow.quiet();
  while (waiting[0]) {
    const [{ when: next }] = waiting as [Delivery];
    await deliver((when) => when === next);
    await flow.quiet();
  }
  const before = await flow.table.get(jobId);
  if (before?.status === 'failed') {
    await flow.redrive(executionNameOf(jobId, before.attempt));
    await flow.quiet();
  }
  const job = await flow.table.get(jobId);
  const items = await flow.table.files(jobId);
  const keys = [...flow.bucket.objects.keys()].sort();
  const objects = Object.fromEntries(keys.map((key) => [key, flow.bucket.hashOf(key)] as const));
  await flow.close();
  return { job, items, objects, expected, flow, calls: all, called: [...counts.keys()] };
};
export type Played = Awaited<ReturnType<typeof play>>;

/** What holds of every meeting, however it was told. */
export const expectWhole = ({ job, items, flow, expected }: Played): void => {
  expect(job).toMatchObject({ status: 'done' });
  expect(job?.revision).toBe(job?.seenRevision);
  expect(items.map(({ status }) => status)).toEqual(expected.map(() => 'archived'));
  for (const name of expected) {
    const { zoomId, key } = items.find((item) => (item.zoomId ?? 'captions') === name) ?? {};
    expect([zoomId ?? 'captions', flow.bucket.hashOf(key ?? '')]).toEqual([
      name,
      flow.bucket.sha256(files[name].bytes),
    ]);
  }
  expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
  expect(flow.mails.map(({ to }) => to)).toEqual(['ada@example.org']);
  expect(flow.bucket.openUploads()).toBe(0);
};

/** The same objects. Without insights a recording goes on, so they may be absent where the last look for them failed. */
export const expectSameObjects = ({ objects, flow }: Played, reference: Played): void => {
  const isSpared = (key: string): boolean =>
    key.endsWith('/insights.json') && !(key in objects) && flow.failing.has('findInsights');
  expect(objects).toEqual(Object.fromEntries(Object.entries(reference.objects).filter(([key]) => !isSpared(key))));
};

const momentOf = (calls: readonly string[]): fc.Arbitrary<Moment> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('first' as const, 'last' as const) },
    { weight: 4, arbitrary: fc.record({ call: fc.constantFrom(...calls), nth: fc.constantFrom(0, 0, 0, 1, 1, 2, 3) }) },
  );

/** Every telling at least once, in any order, some of them again, before, between and after calls of these names. */
export const scheduleOf = (
  list: readonly (typeof tellings)[number][],
  calls: readonly string[],
): fc.Arbitrary<Delivery[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...list], { minLength: list.length }),
      fc.array(fc.constantFrom(...list), { maxLength: 4 }),
      fc.infiniteStream(momentOf(calls)),
    )
    .map(([all, again, moments]) =>
      [...all, ...again].map((telling) => ({ telling, when: moments.next().value as Moment })),
    );
