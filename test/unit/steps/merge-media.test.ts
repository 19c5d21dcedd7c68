import { mkdtempSync, readdirSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { crc32Of, crc32Text } from '../../../core/media/crc32.ts';
import { findFfmpeg, inspectFfmpeg } from '../../../core/media/ffmpeg/resolve.ts';
import { functionLimits } from '../../../core/media/merge/estimate.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { mergeMedia, type Ports } from '../../../functions/recording/merge-media/merge-media.ts';
import { planMerge } from '../../../functions/recording/plan-merge/plan-merge.ts';
import { fakeBucket } from '../../fakes/bucket.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { readFrom, studio } from '../../fakes/tones.ts';

const jobId = 'zoom-1';
const folder = '844/1768230000/';
const ffmpeg = findFfmpeg({ path: process.env.PATH });
const tones = studio(ffmpeg);
const scratch = mkdtempSync(join(tmpdir(), 'rapporteur-scratch-'));
afterAll(() => {
  tones.remove();
  rmSync(scratch, { recursive: true });
});

let jobs: ReturnType<typeof fakeJobs>;
let bucket: ReturnType<typeof fakeBucket>;
let ports: Ports;
beforeEach(async () => {
  jobs = fakeJobs();
  bucket = fakeBucket();
  await jobs.announce({ jobId, source: 'zoom', origin: 'webhook', meetingUuid: 'u', files: [], reopens: true });
  await jobs.claimFolder(jobId, 'u', folder);
  const read = readFrom({ get: (key) => bucket.objects.get(key)?.bytes });
  ports = {
    jobs,
    media: { archive: bucket.archive, read, ffmpeg: () => inspectFfmpeg(ffmpeg), scratch, limits: functionLimits },
    objects: {
      write: async (key, text, contentType) =>
        void bucket.objects.set(key, { bytes: Buffer.from(text), about: { contentType }, crc32: '' }),
    },
    now: () => new Date(),
  };
});

const add = async (fileId: string, bytes: Buffer, at: number, change: Partial<JobFile> = {}): Promise<void> => {
  const extension = change.extension ?? 'm4a';
  const key = `${folder}${fileId}.${extension}`;
  bucket.objects.set(key, { bytes, crc32: crc32Text(crc32Of(bytes)), about: { contentType: 'audio/mp4' } });
  const recordingStart = new Date(Date.parse('2026-01-12T15:00:00Z') + at * 1_000).toISOString();
  await jobs.planFile({
    ...{ jobId, fileId, key, recordingStart, extension, view: 'participant_audio', fileType: 'M4A', segment: 0 },
    ...{ status: 'archived', receivedBytes: bytes.length, ...change },
  });
};
const run = async (signal = new AbortController().signal) => {
  const { indexes } = await planMerge({ jobs, read: ports.media.read, hasMediaTask: false })({ jobId }, signal);
  const outcomes = [];
  for (const index of indexes) outcomes.push(await mergeMedia(ports)({ jobId, index }, signal));
  return outcomes.map(({ outcome }) => outcome);
};
const notes = async () => (await jobs.get(jobId))?.notes;
const stored = (name: string) => bucket.objects.get(folder + name);

describe('MergeMedia', () => {
  test('archives the mixed sound, the channels and the list of who is on which', async () => {
    await add('a', tones.tone(3, 300), 0, { fileName: 'Audio only - Ada Lindqvist.m4a' });
    await add('b', tones.tone(2, 500), 1.5, { fileName: 'Audio only - Grace' });
    expect(await run()).toEqual(['done']);
    const about = { 'job-id': jobId, 'merged-from': '2', merge: 'participants' };
    expect(stored('mixed.m4a')?.about).toMatchObject({ contentType: 'audio/mp4', metadata: about });
    expect(stored('speakers.flac')?.about).toMatchObject({ contentType: 'audio/flac', metadata: about });
    const list = JSON.parse(stored('speakers.json')?.bytes.toString() ?? '') as unknown;
    expect(list).toMatchObject({
      sampleRate: 16_000,
      files: [
        {
          file: 'speakers.flac',
          channels: [
            { channel: 0, speaker: 'Ada Lindqvist', tracks: [{ fileId: 'a', startSeconds: 0 }] },
            { channel: 1, speaker: 'Grace', tracks: [{ fileId: 'b', startSeconds: 1.5 }] },
          ],
        },
      ],
    });
    expect(await jobs.merges(jobId)).toMatchObject([
      {
        status: 'done',
        percent: 100,
        outputs: ['mixed.m4a', 'speakers.flac', 'speakers.json'].map((name) => folder + name),
      },
    ]);
    expect(readdirSync(scratch)).toEqual([]);
  }, 60_000);

  test('archives the joined view', async () => {
    const view = { view: 'gallery_view', extension: 'mp4', fileType: 'MP4' };
    await add('a', tones.view(2), 0, view);
    await add('b', tones.view(2), 100, view);
    expect(await run()).toEqual(['done']);
    expect(stored('joined-gallery_view.mp4')?.about).toMatchObject({ contentType: 'video/mp4' });
  }, 60_000);

  test('does nothing for what is done', async () => {
    await add('a', tones.tone(3, 300), 0);
    await run();
    bucket.calls.length = 0;
    expect(await mergeMedia(ports)({ jobId, index: 0 }, new AbortController().signal)).toEqual({
      index: 0,
      outcome: 'done',
    });
    expect(bucket.calls).toEqual([]);
  }, 60_000);

  test('leaves a track out that cannot be read, and says so', async () => {
    await add('a', tones.tone(3, 300), 0);
    await add('b', Buffer.from('ffconcat version 1.0\nfile neighbour.m4a\n'), 0);
    expect(await run()).toEqual(['done']);
    const list = JSON.parse(stored('speakers.json')?.bytes.toString() ?? '') as { files: { channels: unknown[] }[] };
    expect(list.files[0]?.channels).toHaveLength(1);
    expect(await notes()).toEqual([
      expect.stringMatching(/not in the merged sound.* is a concat script, not an MP4\.$/),
    ]);
  }, 60_000);

  test('lets the recording go on where nothing can be read', async () => {
    await add('a', Buffer.from('<html>gone</html>'), 0);
    expect(await run()).toEqual(['failed']);
    expect(await jobs.merges(jobId)).toMatchObject([
      { status: 'failed', because: expect.stringContaining('a web page') },
    ]);
  });

  test('notes sound that no decoder takes', async () => {
    const broken = Buffer.from(tones.tone(3, 300));
    const media = broken.indexOf('mdat') + 4;
    broken.fill(0xff, media, Math.max(media, broken.indexOf('moov') - 4));
    await add('a', broken, 0);
    await expect(run()).resolves.toHaveLength(1);
    expect(['done', 'failed']).toContain((await jobs.merges(jobId))[0]?.status);
    expect(readdirSync(scratch)).toEqual([]);
  }, 60_000);

  test('throws what may pass: an object that cannot be read at the moment', async () => {
    await add('a', tones.tone(3, 300), 0);
    const { read } = ports.media;
    let reads = 0;
    const failing: Ports['media']['read'] = (key, from, to, signal) => {
      reads += 1;
      if (reads > 3) throw new TransientError('SlowDown');
      return read(key, from, to, signal);
    };
    ports = { ...ports, media: { ...ports.media, read: failing } };
    await jobs.planMerge({ ...{ jobId, name: 'participants', kind: 'audio', index: 0, status: 'planned' }, ...{ inputs: [{ fileId: 'a', key: `${folder}a.m4a` }], outputs: [] } }); // prettier-ignore
    await expect(mergeMedia(ports)({ jobId, index: 0 }, new AbortController().signal)).rejects.toThrow('SlowDown');
    expect(await jobs.merges(jobId)).toMatchObject([{ status: 'planned' }]);
    expect(readdirSync(scratch)).toEqual([]);
  }, 60_000);

  test('throws what an operator has to see to: no ffmpeg', async () => {
    await add('a', tones.tone(3, 300), 0);
    const missing = () => Promise.reject(new PermanentError('FFMPEG_MISSING', 'there is none'));
    ports = { ...ports, media: { ...ports.media, ffmpeg: missing } };
    await expect(run()).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  }, 60_000);

  test('leaves nothing behind when it is stopped in the middle', async () => {
    await add('a', tones.tone(3, 300), 0);
    const stop = new AbortController();
    const { read } = ports.media;
    let reads = 0;
    const stopping: Ports['media']['read'] = (key, from, to, signal) => {
      reads += 1;
      if (reads === 4) stop.abort();
      return read(key, from, to, signal);
    };
    ports = { ...ports, media: { ...ports.media, read: stopping } };
    await expect(run(stop.signal)).rejects.toMatchObject({ name: 'TransientError' });
    expect(readdirSync(scratch)).toEqual([]);
    expect(await jobs.merges(jobId)).toMatchObject([{ status: 'planned' }]);
    expect(bucket.openUploads()).toBe(0);
  }, 60_000);

  test('clears away what a killed process left, and nothing of one that lives', async () => {
    mkdirSync(join(scratch, 'rapporteur-merge-2147483646-abcdef'));
    mkdirSync(join(scratch, `rapporteur-merge-${process.ppid}-abcdef`));
    await add('a', tones.tone(3, 300), 0);
    await run();
    expect(readdirSync(scratch)).toEqual([`rapporteur-merge-${process.ppid}-abcdef`]);
    rmSync(join(scratch, `rapporteur-merge-${process.ppid}-abcdef`), { recursive: true });
  }, 60_000);

  test('refuses an index that no merge has', async () => {
    const nothing = mergeMedia(ports)({ jobId, index: 7 }, new AbortController().signal);
    await expect(nothing).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
