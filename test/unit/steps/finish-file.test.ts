import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Upload } from '../../../core/job/file-rows.ts';
import type { JobFile } from '../../../core/job/job.ts';
import { fileNameOf } from '../../../core/keys.ts';
import { wholePart } from '../../../core/media/part.ts';
import { crc32Of, crc32Text } from '../../../core/media/crc32.ts';
import type { DownloadPlan } from '../../../core/media/plan.ts';
import { finishFile } from '../../../functions/recording/finish-file/finish-file.ts';
import { fakeBucket } from '../../fakes/bucket.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { tinyMovie } from '../../fakes/tiny-movie.ts';

const jobId = 'zoom-1';
const captions = Buffer.from('WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nHello\n');
const task = { jobId, planKey: 'jobs/zoom-1/plan-1.json', index: 3 };
const about = {
  ...{ fileId: 'f1', fileType: 'TRANSCRIPT', extension: 'vtt', key: '844/1/000-audio_transcript.vtt' },
  recordingStart: '2026-01-12T15:00:14Z',
};
const plan: DownloadPlan = { jobId, revision: 1, files: [{ index: 3, ...about }] };

let bucket: ReturnType<typeof fakeBucket>;
let jobs: ReturnType<typeof fakeJobs>;
beforeEach(() => {
  bucket = fakeBucket();
  jobs = fakeJobs();
});

/** A file whose bytes were received and lie in the archive. */
const received = async (bytes: Buffer = captions, change: Partial<JobFile> = {}): Promise<void> => {
  const crc32 = crc32Text(crc32Of(bytes));
  bucket.objects.set(about.key, { bytes, crc32, about: { contentType: 'text/vtt' } });
  const state = {
    jobId,
    segment: 0,
    view: 'audio_transcript',
    status: 'planned',
    announcedBytes: bytes.length,
  } as const;
  await jobs.announce({
    ...{ jobId, source: 'zoom', origin: 'webhook', meetingUuid: 'uuid', reopens: true },
    files: [{ ...about, view: 'audio_transcript' }],
  });
  await jobs.planFile({ ...about, ...state, receivedBytes: bytes.length, crc32, ...change });
};
const run = () => finishFile({ jobs, plans: { read: async () => plan }, archive: bucket.archive })(task, signal);
const { signal } = new AbortController();
const state = () => jobs.file(jobId, 'f1');
const notes = async () => (await jobs.get(jobId))?.notes;

describe('FinishFile', () => {
  test('marks a file as archived once length, checksum and first bytes agree', async () => {
    await received();
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(await state()).toMatchObject({ status: 'archived', archivedAt: expect.any(String) });
    expect(await notes()).toEqual([]);
  });

  test('changes nothing when it runs again', async () => {
    await received();
    await run();
    const before = await state();
    bucket.objects.clear();
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(await state()).toEqual(before);
  });

  test('passes a missing file by', async () => {
    await received(captions, { status: 'missing' });
    expect(await run()).toEqual({ index: 3, outcome: 'missing' });
    expect(await state()).toMatchObject({ status: 'missing' });
  });

  test('notes, once, a size that Zoom announced otherwise', async () => {
    await received(captions, { announcedBytes: 7 });
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(await notes()).toEqual([`${fileNameOf(about.key)}: Zoom announced 7 bytes and sent ${captions.length}.`]);
  });

  test('does not mind a size that Zoom did not announce', async () => {
    await received();
    const file = await state();
    jobs = fakeJobs();
    const { announcedBytes: _bytes, ...silent } = file as JobFile;
    await jobs.planFile(silent);
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
  });

  const damage: [string, () => Promise<void>, string][] = [
    ['was never received', () => received(captions, { receivedBytes: undefined, crc32: undefined }), 'never received'],
    ['has gone from the archive', () => received().then(() => bucket.objects.clear()), 'not in the archive'],
    ['is empty', () => received(Buffer.alloc(0)), 'empty'],
    ['has another length', () => received(captions, { receivedBytes: 9 }), '9 bytes were received'],
    ['has another checksum', () => received(captions, { crc32: 'AAAAAA==' }), 'checksum'],
    ['is a web page', () => received(Buffer.from('<html><body>Error</body></html>')), 'first bytes'],
  ];

  test.each(damage)('sends back a file that %s, and calls it archived no more than it is', async (_what, arrange) => {
    await arrange();
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    const row = await state();
    expect(row).toMatchObject({ status: 'planned', rounds: 1 });
    expect(row).not.toHaveProperty('crc32');
  });

  test.each(damage)('asks a person about a file that %s, when fetching it again has not helped', async (...given) => {
    const [, arrange, complaint] = given;
    await arrange();
    await jobs.fileRound(jobId, 'f1', { rounds: 2, arrivedBytes: 0 });
    await expect(run()).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'FILE_NOT_AS_EXPECTED',
      message: expect.stringContaining(complaint),
    });
    // Whoever redrives then gets as many tries again.
    expect(await state()).toMatchObject({ status: 'planned', rounds: 0 });
  });

  test('names a file that the job does not have', async () => {
    await expect(run()).rejects.toThrow('BAD_INPUT: planKey: the job has no file f1');
  });
});

describe('FinishFile, of parts', () => {
  const bytes = Buffer.concat([captions, Buffer.alloc(25, ' ')]);
  const partBytes = 20;
  const never = new AbortController().signal;
  const cut = (number: number) => bytes.subarray((number - 1) * partBytes, number * partBytes);

  /** A file of which these S3 parts have been sent. */
  const sent = async (numbers: readonly number[], change: Partial<Upload> = {}): Promise<string> => {
    await received(bytes, { receivedBytes: undefined, crc32: undefined, status: 'planned' });
    bucket.objects.clear();
    const uploadId = await bucket.archive.createUpload(about.key, { contentType: 'text/vtt' }, never);
    await jobs.fileUpload(jobId, 'f1', { uploadId, partBytes, expectedBytes: bytes.length, etag: '"e"', workers: 2, ...change }); // prettier-ignore
    for (const number of numbers) {
      const part = cut(number);
      await bucket.archive.uploadPart(about.key, uploadId, wholePart(number, part), never);
    }
    return uploadId;
  };
  const all = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) => index + 1);

  test('makes one object of what several workers have sent', async () => {
    await sent([...all].reverse());
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(bucket.hashOf(about.key)).toBe(bucket.sha256(bytes));
    expect(await state()).toMatchObject({
      status: 'archived',
      receivedBytes: bytes.length,
      crc32: crc32Text(crc32Of(bytes)),
      contentType: 'text/vtt; charset=utf-8',
    });
    expect(bucket.openUploads()).toBe(0);
  });

  test('goes on where it died: before, and after S3 has made the object', async () => {
    await sent(all);
    const completeUpload = bucket.archive.completeUpload.bind(bucket.archive);
    bucket.archive.completeUpload = () => Promise.reject(new Error('killed before'));
    await expect(run()).rejects.toThrow('killed before');
    bucket.archive.completeUpload = async (...given) => {
      await completeUpload(...given);
      throw new Error('killed after');
    };
    await expect(run()).rejects.toThrow('killed after');
    expect(await state()).toMatchObject({ status: 'planned' });
    bucket.archive.completeUpload = completeUpload;
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(bucket.hashOf(about.key)).toBe(bucket.sha256(bytes));
  });

  test('closes its upload where another job of the recording has brought the same bytes', async () => {
    const uploadId = await sent(all);
    const crc32 = crc32Text(crc32Of(bytes));
    await jobs.fileReceived(jobId, 'f1', { bytes: bytes.length, crc32, contentType: 'text/vtt' }, uploadId);
    bucket.objects.set(about.key, { bytes, crc32, about: { contentType: 'text/vtt' } });
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(bucket.openUploads()).toBe(0);
  });

  test('sends back a file with a hole, keeps what is there, and does so as long as it grows', async () => {
    const uploadId = await sent([1]);
    for (const next of all.slice(2)) {
      expect(await run()).toEqual({ index: 3, outcome: 'again' });
      expect(await state()).toMatchObject({ uploadId, rounds: 0 });
      const part = cut(next);
      await bucket.archive.uploadPart(about.key, uploadId, wholePart(next, part), never);
    }
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(bucket.openUploads()).toBe(1);
    await expect(run()).rejects.toThrow(/^FILE_NOT_AS_EXPECTED: f1: \d+ of \d+ bytes have arrived/);
    expect(bucket.openUploads()).toBe(0);
    expect(await state()).not.toHaveProperty('uploadId');
  });

  test('does not make an object of parts that have other sizes than they should', async () => {
    await sent(all, { partBytes: 10 });
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(bucket.objects.size).toBe(0);
  });

  test('sends back a file whose upload is gone', async () => {
    const uploadId = await sent(all);
    await bucket.archive.abortUpload(about.key, uploadId);
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(await state()).not.toHaveProperty('uploadId');
  });

  test('closes what a file that turned out to be missing has left open', async () => {
    await sent([1, 2]);
    await jobs.fileMissing(jobId, 'f1', 'gone');
    expect(await run()).toEqual({ index: 3, outcome: 'missing' });
    expect(bucket.openUploads()).toBe(0);
  });
});

describe('FinishFile, of media', () => {
  const span = { recordingStart: '2026-01-12T15:00:00Z', recordingEnd: '2026-01-12T15:00:03Z' };
  const media = (extension: string, bytes: Buffer, times: object = span) =>
    received(bytes, { extension, fileType: extension.toUpperCase(), ...times });

  test.each([
    ['mp4', 'mp4'],
    ['m4a', 'm4a'],
  ] as const)('records how long a whole %s lasts', async (extension, kind) => {
    await media(extension, tinyMovie('x', kind, 20_000, 3));
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    const { durationSeconds } = (await state()) ?? {};
    expect(durationSeconds).toBeCloseTo(3, 0);
    expect(await notes()).toEqual([]);
  });

  test('notes a duration that the times of its recording do not explain', async () => {
    await media('mp4', tinyMovie('x', 'mp4', 20_000, 3), { ...span, recordingEnd: '2026-01-12T15:30:00Z' });
    expect(await run()).toEqual({ index: 3, outcome: 'archived' });
    expect(await notes()).toEqual([`${fileNameOf(about.key)}: it lasts 3 s, its recording 1800 s.`]);
  });

  test.each([
    ['a film that has no picture', () => media('mp4', tinyMovie('x', 'm4a'))],
    ['a film that ends before its index', () => media('mp4', tinyMovie('x').subarray(0, 600))],
    ['what begins as a film and goes on as noise', () => media('mp4', Buffer.concat([tinyMovie('x').subarray(0, 32), Buffer.alloc(9_000, 7)]))],
  ])('does not archive %s', async (_what: string, arrange: () => Promise<void>) => {
    await arrange();
    expect(await run()).toEqual({ index: 3, outcome: 'again' });
    expect(await state()).toMatchObject({ status: 'planned' });
  }); // prettier-ignore
});
