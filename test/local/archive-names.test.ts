import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';

jest.setTimeout(120_000);

let local: LocalCloud;
beforeAll(async () => {
  const settings = {
    RAPPORTEUR_ARCHIVE_NAMES: '{account}/{host}/{topic}/{start:yyyy-MM-dd_HHmm}/{segment}-{view}.{ext}',
    RAPPORTEUR_WANTED_FILES: '!TIMELINE, !participant_audio',
    RAPPORTEUR_WANTED_TOPICS: '!*(private)',
  };
  local = await bootLocalCloud({ settings });
});
afterAll(async () => {
  await local.close();
  local.remove();
});

test('a recording lies in folders of account, host and topic, and each object says by its tags what it is', async () => {
  const { meeting, announce, jobId } = local.record('Übung 3: 量子力学 🎉 / ../etc "x"');
  await announce('recording.transcript_completed');
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', notes: expect.any(Array) });
  expect(job.folder).toMatch(/^[\w-]+\/[\w.@+-]+@[\w.-]+\/Übung_3_量子力学_🎉_\._etc_x\/\d{4}-\d\d-\d\d_\d{4}\/$/);

  const files = await local.look.files(jobId);
  const left = files.filter(({ status }) => status !== 'archived');
  expect(left.length).toBeGreaterThan(0);
  for (const file of left) expect([file.fileType, file.status]).toEqual([file.fileType, 'skipped']);
  expect(job.notes.join()).toContain('fits "!TIMELINE" of wantedFiles');
  const skipped = new Set(left.map(({ fileId }) => fileId));
  expect(local.downloads(meeting).filter((id) => skipped.has(id))).toEqual([]);

  const made = ['transcript.json', 'captions.vtt', 'captions.srt', 'transcript.txt', 'insights.json'];
  const keys = await local.look.keys(job.folder ?? '');
  expect(keys).toEqual(expect.arrayContaining(made.map((name) => `${job.folder}${name}`)));
  const { s3, bucket: Bucket } = local.look;
  for (const Key of keys) {
    const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
    const tags = Object.fromEntries(TagSet.map(({ Key: name = '', Value: value = '' }) => [name, value]));
    expect([Key, tags]).toEqual([
      Key,
      expect.objectContaining({
        'rapporteur:class': expect.stringMatching(/^(media|transcript|text|summary|image|other)$/),
        'rapporteur:meeting-uuid': meeting.uuid,
      }),
    ]);
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect([Key, Metadata]).toEqual([
      Key,
      expect.objectContaining({ 'job-id': jobId, class: tags['rapporteur:class'] }),
    ]);
  }
  expect(local.errors).toEqual([]);
});

test('a recording that the settings leave out is rejected with the rule, before any byte of it is fetched', async () => {
  const { meeting, announce, jobId } = local.record('Salaries (private)');
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({
    status: 'rejected',
    reason: 'Skipped, because its topic fits "!*(private)" of wantedTopics.',
  });
  expect(local.downloads(meeting)).toEqual([]);
  expect(await local.files(jobId)).toEqual([]);
});
