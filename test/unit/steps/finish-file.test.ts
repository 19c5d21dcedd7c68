import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { crc32Of, crc32Text } from '../../../core/media/crc32.ts';
import type { DownloadPlan } from '../../../core/media/plan.ts';
import { finishFile } from '../../../functions/recording/finish-file/finish-file.ts';
import { fakeBucket } from '../../fakes/bucket.ts';
import { fakeJobs } from '../../fakes/jobs.ts';

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
const received = async (bytes = captions, change: Partial<JobFile> = {}): Promise<void> => {
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
const run = () => finishFile({ jobs, plans: { read: async () => plan }, archive: bucket.archive })(task);
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
    expect(await notes()).toEqual([`${about.key}: Zoom announced 7 bytes and sent ${captions.length}.`]);
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

  test.each(damage)('does not call a file archived that %s', async (_what, arrange, complaint) => {
    await arrange();
    await expect(run()).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'FILE_NOT_AS_EXPECTED',
      message: expect.stringContaining(complaint),
    });
    expect(await state()).toMatchObject({ status: 'planned' });
  });

  test('names a file that the job does not have', async () => {
    await expect(run()).rejects.toThrow('BAD_INPUT: planKey: the job has no file f1');
  });
});
