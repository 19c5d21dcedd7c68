import { describe, expect, test } from '@jest/globals';
import type { AnnouncedFile } from '../../../core/job/announcement.ts';
import type { Announcement } from '../../../core/job/announcement.ts';
import { executionNameOf } from '../../../core/keys.ts';
import { closeJob } from '../../../functions/recording/close-job/close-job.ts';
import { planDownload } from '../../../functions/recording/plan-download/plan-download.ts';
import { planPorts } from '../../fakes/copies.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { announcedFile, announcementOf, archive } from '../../fakes/recordings.ts';
import { settingsWith } from '../../fakes/settings.ts';

const jobId = 'zoom-1';
const film = announcedFile('film', { view: 'gallery_view' });
const chat = announcedFile('chat', { fileType: 'CHAT', view: 'chat_file', extension: 'txt' });
const transcript = announcedFile('words', { fileType: 'TRANSCRIPT', view: 'audio_transcript', extension: 'vtt' });

const setUp = (given: Parameters<typeof settingsWith>[0]) => {
  const jobs = fakeJobs();
  const run = planDownload({ ...planPorts(jobs), ...settingsWith(given) });
  const plan = (id = jobId) => run({ jobId: id }, new AbortController().signal);
  const announce = (files: AnnouncedFile[], about: Partial<Announcement> = {}, id = jobId) =>
    jobs.announce(announcementOf(id, files, about));
  const close = () => closeJob({ jobs })({ jobId, executionName: executionNameOf(jobId, 1) });
  const keys = async (id = jobId) => (await jobs.files(id)).map(({ key }) => key).sort();
  return { jobs, plan, announce, close, keys };
};

describe('a file that the settings leave out', () => {
  test('is not planned, and the job says why', async () => {
    const { jobs, announce, plan } = setUp({ wantedFiles: '!CHAT' });
    await announce([film, chat]);
    expect((await plan()).files).toHaveLength(1);
    const skippedBecause = 'chat_file (CHAT) fits "!CHAT" of wantedFiles';
    expect(await jobs.file(jobId, 'chat')).toMatchObject({ status: 'skipped', skippedBecause });
    expect((await jobs.get(jobId))?.notes).toEqual([`Not archived, because ${skippedBecause}.`]);
    expect((await plan()).files).toHaveLength(1);
    expect((await jobs.get(jobId))?.notes).toHaveLength(1);
  });

  test('does not keep the job from being closed', async () => {
    const { jobs, announce, plan, close } = setUp({ wantedFiles: 'MP4' });
    await announce([film, chat, transcript]);
    await plan();
    await archive(jobs, jobId);
    expect(await close()).toEqual({ isComplete: true });
    expect((await jobs.get(jobId))?.status).toBe('done');
  });

  test('is not one that could be had: with all others gone the recording failed', async () => {
    const { jobs, announce, plan, close } = setUp({ wantedFiles: 'MP4' });
    await announce([film, chat]);
    await plan();
    await jobs.fileMissing(jobId, 'film', 'Zoom does not list the file any more');
    await expect(close()).rejects.toThrow(/^ALL_FILES_MISSING: 1 files; the first: Zoom does not list/);
  });

  test('that comes late is left out too, and reopens nothing for long', async () => {
    const { jobs, announce, plan, close } = setUp({ wantedFiles: 'MP4' });
    await announce([film]);
    await plan();
    await archive(jobs, jobId);
    await announce([chat]);
    expect(await close()).toEqual({ isComplete: false });
    expect((await plan()).files).toEqual([]);
    expect(await close()).toEqual({ isComplete: true });
  });
});

describe('the names that a template gives', () => {
  const blog = '{account}/{host}/{topic}/{start:yyyy-MM-dd_HHmm}/{segment}-{view}.{ext}';

  test('are those of the folder, of each file, and of all that is derived from the folder', async () => {
    const { jobs, announce, plan, keys } = setUp({ archiveNames: blog });
    await announce([film, chat], { timezone: 'Europe/Berlin' });
    await plan();
    const folder = 'account/ada@example.org/Reading_room/2026-01-12_1600/';
    expect((await jobs.get(jobId))?.folder).toBe(folder);
    expect(await keys()).toEqual([`${folder}000-chat_file.txt`, `${folder}000-gallery_view.mp4`]);
  });

  test('part two recordings that would share a folder, for ever', async () => {
    const { jobs, announce, plan, keys } = setUp({ archiveNames: '{topic}/{start:yyyy-MM-dd}/{segment}-{view}.{ext}' });
    await announce([film]);
    await plan();
    await announce([film], { meetingUuid: 'the-second-that-day==', startTime: '2026-01-12T18:00:00Z' }, 'zoom-2');
    await plan('zoom-2');
    await announce([film], { meetingUuid: 'the-third-that-day===' }, 'zoom-3');
    await plan('zoom-3');
    expect(await keys()).toEqual(['Reading_room/2026-01-12/000-gallery_view.mp4']);
    expect(await keys('zoom-2')).toEqual([expect.stringMatching(/^Reading_room\/2026-01-12-[0-9a-f]{8}\/000-/)]);
    const folders = await Promise.all([jobId, 'zoom-2', 'zoom-3'].map(async (id) => (await jobs.get(id))?.folder));
    expect(new Set(folders).size).toBe(3);
  });

  test('stay when the recording is renamed, and when the template changes', async () => {
    const { jobs, announce, plan, keys } = setUp({ archiveNames: blog });
    await announce([film]);
    await plan();
    const [before = ''] = await keys();
    await announce([chat], { topic: 'Another name' });
    const other = planDownload({ ...planPorts(jobs), ...settingsWith({ archiveNames: 'x/{uuid}/{fileId}.{ext}' }) });
    await other({ jobId }, new AbortController().signal);
    expect(await keys()).toEqual([before, before.replace('000-gallery_view.mp4', 'chat.txt')].sort());
  });

  test('hold no address of the host that was not asked for', async () => {
    const { jobs, announce, plan } = setUp({});
    jobs.host = () => Promise.reject(new Error('nobody asked for the host'));
    await announce([film]);
    await plan();
  });
});
