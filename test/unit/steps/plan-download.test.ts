import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnnouncedFile } from '../../../core/job/announcement.ts';
import { downloadPlan, type DownloadPlan } from '../../../core/media/plan.ts';
import { planDownload } from '../../../functions/recording/plan-download/plan-download.ts';
import { planPorts } from '../../fakes/copies.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { announcedFile, announcementOf, archive, startTime } from '../../fakes/recordings.ts';

const jobId = 'zoom-1';
const folder = '85746065432/1768230014/';
const laterStart = '2026-01-12T15:40:00Z';

const setUp = () => {
  const jobs = fakeJobs();
  const plans = new Map<string, DownloadPlan>();
  const write = (key: string, plan: DownloadPlan) => {
    // As stored: JSON that the workers parse.
    const stored = downloadPlan.parse(JSON.parse(JSON.stringify(plan)));
    if (plans.has(key)) expect(plans.get(key)).toEqual(stored);
    plans.set(key, stored);
    return Promise.resolve();
  };
  const run = planDownload({ ...planPorts(jobs), plans: { write } });
  return {
    jobs,
    plans,
    announce: (...files: AnnouncedFile[]) => jobs.announce(announcementOf(jobId, files)),
    plan: async (id = jobId) => {
      const planned = await run({ jobId: id }, new AbortController().signal);
      const files = plans.get(planned.planKey)?.files ?? [];
      expect(planned.files).toEqual(files.map(({ index }) => index));
      expect(planned.items).toEqual(planned.files.map((index) => ({ index, part: 0 })));
      expect(planned.oversized).toBe(false);
      return { ...planned, indexes: planned.files, files, keys: files.map(({ key }) => key) };
    },
  };
};

describe('PlanDownload', () => {
  test('gives each file its place, and writes what a worker needs to S3', async () => {
    const { announce, plan, jobs, plans } = setUp();
    await announce(
      announcedFile('a', { view: 'gallery_view' }),
      announcedFile('b', { view: 'chat_file', extension: 'txt' }),
    );
    const { planKey, indexes, files } = await plan();
    expect(planKey).toMatch(/^jobs\/zoom-1\/plan-1-[0-9a-f]{12}\.json$/);
    expect(indexes).toEqual([0, 1]);
    expect(files.map(({ fileId, key }) => [fileId, key])).toEqual([
      ['b', `${folder}000-chat_file.txt`],
      ['a', `${folder}000-gallery_view.mp4`],
    ]);
    expect(plans.get(planKey)).toMatchObject({ jobId, revision: 1 });
    expect(await jobs.file(jobId, 'a')).toMatchObject({ status: 'planned', segment: 0, announcedBytes: 1_000 });
    expect(await jobs.get(jobId)).toMatchObject({ folder, seenRevision: 1 });
  });

  test('numbers segments by their start, in whatever order they are announced', async () => {
    const { announce, plan } = setUp();
    await announce(
      announcedFile('late', { recordingStart: laterStart, view: 'v' }),
      announcedFile('early', { view: 'v' }),
    );
    expect((await plan()).keys).toEqual([`${folder}000-v.mp4`, `${folder}001-v.mp4`]);
  });

  test('counts the track of somebody who comes late to the segment that runs then', async () => {
    const { announce, plan, jobs } = setUp();
    const track = { view: 'participant_audio', extension: 'm4a' };
    await announce(
      announcedFile('first', { view: 'v' }),
      announcedFile('second', { recordingStart: laterStart, view: 'v' }),
      announcedFile('late', { ...track, recordingStart: '2026-01-12T15:00:19.250Z' }),
      announcedFile('rejoined', { ...track, recordingStart: laterStart }),
    );
    await plan();
    const segments = (await jobs.files(jobId)).map(({ fileId, segment }) => `${fileId} ${segment}`);
    expect(segments.sort()).toEqual(['first 0', 'late 0', 'rejoined 1', 'second 1']);
  });

  test('keeps numbers and keys that are given when an earlier segment comes later', async () => {
    const { announce, plan, jobs } = setUp();
    await announce(announcedFile('late', { recordingStart: laterStart, view: 'v' }));
    await plan();
    await announce(
      announcedFile('early', { view: 'v' }),
      announcedFile('more', { recordingStart: laterStart, view: 'w' }),
    );
    expect((await plan()).keys).toEqual([`${folder}000-v.mp4`, `${folder}000-w.mp4`, `${folder}001-v.mp4`]);
    expect((await jobs.file(jobId, 'early'))?.segment).toBe(1);
  });

  test('parts files of one segment that share a view, at once or one after the other', async () => {
    const { announce, plan } = setUp();
    const captions = { view: 'closed_caption', extension: 'vtt' };
    await announce(announcedFile('a', captions));
    await plan();
    await announce(announcedFile('b', captions), announcedFile('c', { view: 'participant_audio', extension: 'm4a' }));
    const { keys } = await plan();
    expect(keys).toEqual([
      expect.stringMatching(/000-closed_caption-[0-9a-f]{12}\.vtt$/),
      `${folder}000-closed_caption.vtt`,
      expect.stringMatching(/000-participant_audio-[0-9a-f]{12}\.m4a$/),
    ]);
  });

  test('plans again only what is still to be fetched', async () => {
    const { announce, plan, jobs } = setUp();
    await announce(announcedFile('a'), announcedFile('b'), announcedFile('c'));
    await plan();
    await archive(jobs, jobId, ['a']);
    await jobs.fileMissing(jobId, 'b', 'gone');
    await announce(announcedFile('d'));
    const { files, indexes } = await plan();
    expect(files.map(({ fileId }) => fileId)).toEqual(['c', 'd']);
    expect(indexes).toEqual([0, 1]);
    await archive(jobs, jobId);
    expect((await plan()).indexes).toEqual([]);
  });

  test('does the same when it runs again, and never writes one plan over another', async () => {
    const { announce, plan, jobs, plans } = setUp();
    await announce(announcedFile('a'), announcedFile('b'));
    const first = await plan();
    expect(await plan()).toEqual(first);
    // A worker of the first plan still reads it by index while a second is made of the same revision.
    await archive(jobs, jobId, ['a']);
    const second = await plan();
    expect(second.planKey).not.toBe(first.planKey);
    expect(plans.get(first.planKey)?.files).toHaveLength(2);
  });

  test('sees what it planned, and not what is announced meanwhile', async () => {
    const { announce, plan, jobs } = setUp();
    await announce(announcedFile('a'));
    const { files } = jobs;
    jobs.files = async (id) => {
      jobs.files = files;
      await announce(announcedFile('b'));
      return files(id);
    };
    await plan();
    expect(await jobs.get(jobId)).toMatchObject({ revision: 2, seenRevision: 1 });
    expect((await plan()).files).toHaveLength(2);
    expect(await jobs.get(jobId)).toMatchObject({ revision: 2, seenRevision: 2 });
  });

  test('parts another occurrence with the same number and start into a folder of its own', async () => {
    const { announce, plan, jobs } = setUp();
    await announce(announcedFile('a'));
    await plan();
    await jobs.announce(announcementOf('zoom-2', [announcedFile('a')], { meetingUuid: 'another-occurrence==' }));
    const { keys } = await plan('zoom-2');
    expect(keys[0]).toMatch(/^85746065432\/1768230014-[0-9a-f]{8}\/000-view_a\.mp4$/);
    expect((await jobs.get('zoom-2'))?.folder).toBe(keys[0]?.replace(/[^/]*$/, ''));
    expect((await plan('zoom-2')).keys).toEqual(keys);
  });

  test('uses the folder of its own recording, whichever job had it first', async () => {
    const { announce, plan, jobs } = setUp();
    await announce(announcedFile('a'));
    const { keys } = await plan();
    await jobs.announce(announcementOf('hand-1', [announcedFile('a')], { origin: 'hand' }));
    expect((await plan('hand-1')).keys).toEqual(keys);
  });

  test.each([{ meetingId: undefined }, { startTime: undefined }, { startTime: 'yesterday' }])(
    'cannot place a recording with %j',
    async (about) => {
      const { jobs, plan } = setUp();
      await jobs.announce(announcementOf(jobId, [announcedFile('a')], about));
      await expect(plan()).rejects.toThrow(/^ZOOM_CHANGED: /);
    },
  );

  test('refuses a job that has no row', async () => {
    await expect(setUp().plan()).rejects.toThrow(/^BAD_INPUT: jobId: there is no job/);
  });

  test('plans 500 files in an answer far below what a state may hold', async () => {
    const { announce, plan } = setUp();
    await announce(
      ...Array.from({ length: 500 }, (_, index) => announcedFile(`f${index}`, { view: 'participant_audio' })),
    );
    const { planKey, items, indexes, oversized, keys } = await plan();
    expect(new Set(keys).size).toBe(500);
    expect(JSON.stringify({ planKey, items, files: indexes, oversized }).length).toBeLessThan(32_000);
  });

  test('gives every file a key of its own, however files, views and announcements are mixed', async () => {
    const someFile = fc.record({
      fileId: fc.string({ minLength: 1, maxLength: 8 }),
      view: fc.constantFrom('gallery_view', 'closed_caption', 'participant_audio', 'unnamed'),
      extension: fc.constantFrom('mp4', 'vtt'),
      recordingStart: fc.constantFrom(startTime, laterStart, '1970-01-01T00:00:00Z'),
    });
    const all = fc.uniqueArray(someFile, { selector: ({ fileId }) => fileId, minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(all, fc.array(fc.nat({ max: 4 })), async (files, batches) => {
        const { announce, plan, jobs } = setUp();
        const given = new Map<string, string>();
        for (let at = 0, batch = 0; at < files.length; batch += 1) {
          const size = 1 + (batches[batch] ?? 2);
          await announce(...files.slice(at, at + size).map((file) => announcedFile(file.fileId, file)));
          at += size;
          await plan();
          for (const { fileId, key } of await jobs.files(jobId)) {
            expect(given.get(fileId) ?? key).toBe(key);
            given.set(fileId, key);
          }
        }
        expect(new Set(given.values()).size).toBe(files.length);
      }),
    );
  });
});
