import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Job, JobFile } from '../../core/job/job.ts';
import { mergedKeysOf } from '../../core/keys.ts';
import { findFfmpeg } from '../../core/media/ffmpeg/resolve.ts';
import type { SpeakerList } from '../../core/media/merge/merge-audio.ts';
import { probeMp4 } from '../../core/media/mp4/probe-mp4.ts';
import { sha256Of } from '../../local/zoom/content.ts';
import { fullMeeting, SEGMENTS, SPEAKERS_APART } from '../../local/zoom/full-meeting.ts';
import { contentOf } from '../../local/zoom/media.ts';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { heardIn as heardFrom } from '../../local/zoom/speech.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { heardIn, levelOf, studio } from '../fakes/tones.ts';

jest.setTimeout(240_000);
/** It takes a few seconds; a machine that has a lot to do is given more. */
const patience = 200_000;

/** What is told from a decoded file: a frame of the decoder is 21 to 32 ms long. */
const tolerance = 0.05;
const rate = 16_000;
/** Where the recording ends: with the second segment. The tracks of people end with the last of them. */
const lastTrackEnds = Math.max(...SPEAKERS_APART.map(({ to }) => to));

let local: LocalCloud;
let tools: ReturnType<typeof studio>;
let folder = '';
let meeting: SimulatedMeeting;
let job: Job;
let files: JobFile[];
let merged: ReturnType<typeof mergedKeysOf>;

beforeAll(async () => {
  local = await bootLocalCloud();
  tools = studio(findFfmpeg({ path: process.env.PATH }));
  folder = mkdtempSync(join(tmpdir(), 'rapporteur-every-kind-'));
  const uuid = randomBytes(16).toString('base64');
  const recorded = local.recordThis(fullMeeting({ uuid, accountId: local.cloud.zoomAccountId }));
  ({ meeting } = recorded);
  await recorded.announce('recording.transcript_completed');
  await recorded.announce('recording.completed', { duplicate: true });
  job = await local.closed(recorded.jobId, 1, patience);
  files = await local.look.files(recorded.jobId);
  merged = mergedKeysOf(job.folder ?? '');
});
afterAll(async () => {
  await local.close();
  local.remove();
  tools.remove();
  rmSync(folder, { recursive: true, force: true });
});

const bytesOf = async (key: string): Promise<Buffer> =>
  Buffer.from((await (await local.look.object(key)).Body?.transformToByteArray()) ?? []);
/** A file of the archive, on disk for ffmpeg. */
const fetched = async (key: string): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, basename(key));
  writeFileSync(path, await bytesOf(key));
  return path;
};

test('a meeting with every file type, two segments, two views, (CC) twins and three tracks is archived whole', async () => {
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  expect(files.filter(({ status }) => status !== 'archived')).toEqual([]);
  expect(files).toHaveLength(meeting.files.length);
  expect(new Set(files.map(({ key }) => key)).size).toBe(files.length);
  const types = new Set(meeting.files.map(({ fileType }) => fileType));
  expect(new Set(files.map(({ fileType }) => fileType))).toEqual(types);
  expect(types).toContain('HOLOGRAM');
});

test('every archived object is what Zoom has, byte for byte', async () => {
  const sums = await Promise.all(
    files.map(async ({ key }) =>
      createHash('sha256')
        .update(await bytesOf(key))
        .digest('hex'),
    ),
  );
  expect(sums.sort()).toEqual(meeting.files.map(({ content }) => sha256Of(contentOf(content))).sort());
});

test('names tell segments and views, and a view with captions burnt in from the one without', () => {
  const names = files.map(({ key }) => basename(key));
  for (const segment of ['000', '001'])
    expect(names).toEqual(
      expect.arrayContaining([
        `${segment}-shared_screen_with_speaker_view.mp4`,
        `${segment}-shared_screen_with_speaker_view_cc.mp4`,
        `${segment}-gallery_view.mp4`,
        `${segment}-audio_only.m4a`,
      ]),
    );
  expect(names.filter((name) => name.includes('participant'))).toHaveLength(3);
  expect(names.filter((name) => /^00[2-9]/.test(name))).toEqual([]);
});

test('each speaker has a channel, heard when that person spoke and silent else, to 50 ms', async () => {
  const list = JSON.parse((await bytesOf(merged.speakerList)).toString()) as SpeakerList;
  expect(list.files).toHaveLength(1);
  const channels = list.files[0]?.channels ?? [];
  const decoded = tools.decode(await fetched(merged.speakers(0)), channels.length, rate);
  expect(channels).toHaveLength(SPEAKERS_APART.length);
  for (const { name, from, says } of SPEAKERS_APART) {
    const { channel = -1 } = channels.find(({ speaker }) => speaker === name) ?? {};
    const heard = heardIn(decoded[channel] ?? new Float32Array(), rate);
    const spoken = says.map(heardFrom).map((one) => [one.from + from, one.to + from] as const);
    expect(heard).toHaveLength(spoken.length);
    for (const [index, [start, end]] of spoken.entries()) {
      expect(Math.abs((heard[index]?.[0] ?? NaN) - start)).toBeLessThan(tolerance);
      expect(Math.abs((heard[index]?.[1] ?? NaN) - end)).toBeLessThan(tolerance);
    }
  }
  for (const samples of decoded) expect(samples.length / rate).toBeCloseTo(lastTrackEnds, 0);
});

test('in the mixed sound nobody becomes louder when another falls silent or leaves', async () => {
  const [mixed = new Float32Array()] = tools.decode(await fetched(merged.mixed), 1, rate);
  expect(mixed.length / rate).toBeCloseTo(lastTrackEnds, 0);
  const between = (from: number, to: number): number => levelOf(mixed.subarray(from * rate, to * rate));
  // Each alone: before the second comes, then the third, then the second after the third has left. All are equally
  // loud in their own tracks; a swell of a voice lasts 0.256 s.
  const levels = [between(0.6, 0.6 + 7 * 0.256), between(3.1, 3.1 + 9 * 0.256), between(8.5, 8.5 + 10 * 0.256)];
  expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(1);
});

test('the segments of each view are joined into one film as long as both', async () => {
  const seconds = SEGMENTS.reduce((sum, { from, to }) => sum + to - from, 0);
  for (const view of ['shared_screen_with_speaker_view', 'shared_screen_with_speaker_view(CC)', 'gallery_view']) {
    const film = await bytesOf(merged.joined(view, 'mp4'));
    const info = await probeMp4(async (from, length) => film.subarray(from, from + length), film.length);
    expect(Math.abs(info.durationSeconds - seconds)).toBeLessThan(0.2);
    expect(info.tracks.map(({ kind }) => kind).sort()).toEqual(['audio', 'video']);
    expect(info.hasIndexAtEnd).toBe(false);
  }
  const sound = await bytesOf(merged.joined('audio_only', 'm4a'));
  const info = await probeMp4(async (from, length) => sound.subarray(from, from + length), sound.length);
  expect(Math.abs(info.durationSeconds - seconds)).toBeLessThan(0.2);
});

test('the tone of the second segment follows the first in the joined view', async () => {
  const key = merged.joined('shared_screen_with_speaker_view', 'mp4');
  const [sound = new Float32Array()] = tools.decode(await fetched(key), 1, rate);
  const crossings = (from: number, to: number): number => {
    let count = 0;
    for (let at = from * rate + 1; at < to * rate; at += 1)
      if ((sound[at - 1] ?? 0) < 0 && (sound[at] ?? 0) >= 0) count += 1;
    return count / (to - from);
  };
  expect(Math.abs(crossings(4, 8) - 300)).toBeLessThan(3);
  expect(Math.abs(crossings(14, 18) - 350)).toBeLessThan(3);
});
