import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executionNameOf } from '../../../core/keys.ts';
import type { JobFile } from '../../../core/job/job.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { cleanUpZoom } from '../../../functions/events/clean-up-zoom/clean-up-zoom.ts';
import { closeJob } from '../../../functions/recording/close-job/close-job.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { announcedFile, announcementOf, meetingUuid } from '../../fakes/recordings.ts';

const jobId = 'zoom-1';
const day = 86_400_000;
const signal = new AbortController().signal;

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

const setUp = () => {
  const clock = { now: Date.parse('2026-01-12T16:00:00Z') };
  const jobs = fakeJobs(() => new Date(clock.now));
  const objects = new Map<string, { bytes: number; crc32: string }>();
  const asked: string[] = [];
  const zoom = { trash: async (): Promise<'trashed' | 'gone'> => 'trashed' };
  let pauses = 0;
  const run = cleanUpZoom({
    jobs,
    archive: { head: (key) => Promise.resolve(objects.get(key)) },
    zoom: {
      trash: (uuid, zoomId) => {
        asked.push(`${uuid} ${zoomId}`);
        return zoom.trash();
      },
    },
    pause: async () => void (pauses += 1),
  });
  const archive = async (id: string, fileId: string, about: Partial<JobFile> = {}): Promise<void> => {
    const key = `1/2/000-${fileId}.mp4`;
    const file = { fileType: 'MP4', extension: 'mp4', recordingStart: '2026-01-12T15:00:14Z', segment: 0, view: 'v' };
    await jobs.planFile({ jobId: id, fileId, zoomId: fileId, key, status: 'planned', ...file, ...about });
    await jobs.fileReceived(id, fileId, { bytes: 9, crc32: 'AAAAAA==' });
    await jobs.fileArchived(id, fileId);
    objects.set(key, { bytes: 9, crc32: 'AAAAAA==' });
  };
  return {
    ...{ clock, jobs, objects, asked, zoom, archive },
    pauses: () => pauses,
    run: () => run({}, signal),
    announce: (ids: string[], id = jobId, about: object = {}) =>
      jobs.announce(
        announcementOf(
          id,
          ids.map((fileId) => announcedFile(fileId)),
          { jobId: id, ...about },
        ),
      ),
    close: (attempt = 1, id = jobId) =>
      closeJob({ jobs, cleanUpAfterDays: 30 })({ jobId: id, executionName: executionNameOf(id, attempt) }),
    cleaned: async (id = jobId) => (await jobs.files(id)).flatMap((file) => (file.cleanedAt ? [file.fileId] : [])),
    notes: async (id = jobId) => (await jobs.get(id))?.notes,
  };
};

const closedJob = async (...ids: string[]) => {
  const set = setUp();
  await set.announce(ids);
  for (const id of ids) await set.archive(jobId, id);
  await set.close();
  return set;
};

describe('CleanUpZoom', () => {
  test('leaves everything at Zoom until the days have passed, and then moves each archived file to the trash', async () => {
    const { clock, run, asked, cleaned, notes, pauses } = await closedJob('a', 'b');
    clock.now += 30 * day;
    await run();
    expect(asked).toEqual([]);
    clock.now += 1;
    await run();
    expect(asked).toEqual([`${meetingUuid} a`, `${meetingUuid} b`]);
    expect(await cleaned()).toEqual(['a', 'b']);
    expect(await notes()).toEqual(['2 files are in the trash of Zoom, for 30 days.']);
    expect(pauses()).toBe(2);
    await run();
    expect(asked).toHaveLength(2);
  });

  test('counts as done what was gone from Zoom already, also by an earlier go that was killed before it noted it', async () => {
    const { clock, run, zoom, cleaned, notes } = await closedJob('a');
    zoom.trash = async () => 'gone';
    clock.now += 31 * day;
    await run();
    expect(await cleaned()).toEqual(['a']);
    expect(await notes()).toEqual(['1 file is gone from Zoom already.']);
  });

  test.each<[string, { bytes: number; crc32: string } | undefined]>([
    ['is not there any more', undefined],
    ['has another checksum', { bytes: 9, crc32: 'BBBBBB==' }],
    ['has another length', { bytes: 8, crc32: 'AAAAAA==' }],
  ])('leaves a file at Zoom whose object %s, and says so', async (_what, object) => {
    const { clock, run, asked, objects, cleaned, notes } = await closedJob('a', 'b');
    if (object) objects.set('1/2/000-a.mp4', object);
    else objects.delete('1/2/000-a.mp4');
    clock.now += 31 * day;
    await run();
    expect(asked).toEqual([`${meetingUuid} b`]);
    expect(await cleaned()).toEqual(['b']);
    expect(await notes()).toContain('1 file is not in the archive as noted, and left at Zoom. Look at the archive.');
    expect(captured.text()).toContain('an archived file is not as it was noted');
  });

  test('touches no file that is missing, planned or without an id of its own', async () => {
    const { announce, archive, close, clock, jobs, run, asked, notes } = setUp();
    await announce(['a', 'b', 'c']);
    await archive(jobId, 'a');
    await archive(jobId, 'c', { zoomId: undefined });
    await jobs.planFile({ ...((await jobs.file(jobId, 'a')) as JobFile), fileId: 'b', zoomId: 'b', status: 'planned' });
    await jobs.fileMissing(jobId, 'b', 'gone');
    await close();
    clock.now += 31 * day;
    await run();
    expect(asked).toEqual([`${meetingUuid} a`]);
    expect(await notes()).toContain('Left at Zoom by CleanUpZoom, because Zoom gave no id: 1.');
  });

  test('gives files that were announced later their own time', async () => {
    const { announce, archive, close, clock, run, asked } = await closedJob('a');
    clock.now += 20 * day;
    await announce(['a', 'late']);
    clock.now += 11 * day;
    await run();
    expect(asked).toEqual([]);
    await archive(jobId, 'late');
    await close(2);
    await run();
    expect(asked).toEqual([`${meetingUuid} a`]);
    clock.now += 31 * day;
    await run();
    expect(asked).toEqual([`${meetingUuid} a`, `${meetingUuid} late`]);
  });

  test('comes again when Zoom has no time for it, and does nothing twice', async () => {
    const { clock, run, asked, zoom, cleaned } = await closedJob('a', 'b');
    clock.now += 31 * day;
    zoom.trash = async () => {
      if (asked.length === 2) throw new TransientError('Zoom answered 429, code 429');
      return 'trashed';
    };
    await run();
    expect(await cleaned()).toEqual(['a']);
    clock.now += day / 24;
    await run();
    expect(asked.map((one) => one.slice(-1))).toEqual(['a', 'b', 'b']);
    expect(await cleaned()).toEqual(['a', 'b']);
  });

  test.each([
    [
      'ZOOM_SCOPES_MISSING',
      'cloud_recording:delete:recording_file:admin',
      /lacks a scope.*cloud_recording:delete.*Marketplace/,
    ],
    ['ZOOM_REFUSED', 'asked for a token, Zoom answered 400', /refused our credentials/],
  ] as const)('with %s says so in one note, asks no further, fails, and tries again', async (code, detail, note) => {
    const { announce, archive, close, clock, run, asked, zoom, notes } = await closedJob('a', 'b');
    await announce(['c'], 'zoom-2');
    await archive('zoom-2', 'c');
    await close(1, 'zoom-2');
    clock.now += 31 * day;
    zoom.trash = () => Promise.reject(new PermanentError(code, detail));
    for (let hour = 0; hour < 3; hour += 1) {
      await expect(run()).rejects.toThrow(code);
      clock.now += day / 24;
    }
    expect(asked).toHaveLength(3);
    expect(await notes()).toEqual([expect.stringMatching(note)]);
    zoom.trash = async () => 'trashed';
    await run();
    expect(new Set(asked).size).toBe(3);
  });

  test('that is refused for one host goes on with others, and tries again every day for a week', async () => {
    const { announce, archive, close, clock, jobs, run, asked, zoom, cleaned, notes } = await closedJob('a', 'b');
    await announce(['c'], 'zoom-2', { meetingUuid: 'other' });
    await archive('zoom-2', 'c');
    await close(1, 'zoom-2');
    clock.now += 31 * day;
    zoom.trash = async () => {
      if (asked.at(-1)?.startsWith('other')) return 'trashed';
      throw new PermanentError('TRASH_REFUSED', 'Zoom answered 400, code 200: No permission.');
    };
    await expect(run()).rejects.toThrow('TRASH_REFUSED');
    expect(await cleaned('zoom-2')).toEqual(['c']);
    expect(await notes()).toEqual([expect.stringContaining('CleanUpZoom: Zoom does not let the app')]);
    await run();
    expect(asked).toHaveLength(2);
    for (let tries = 1; tries <= 7; tries += 1) {
      clock.now += day + 1;
      await expect(run()).rejects.toThrow('TRASH_REFUSED');
    }
    clock.now += 10 * day;
    expect(await jobs.dueCleanUps(10)).toEqual([]);
    expect(await cleaned()).toEqual([]);
  });

  test('does so much at once, and the rest an hour later', async () => {
    const ids = Array.from({ length: 450 }, (_, index) => `f${String(index).padStart(3, '0')}`);
    const { clock, run, asked, cleaned } = await closedJob(...ids);
    clock.now += 31 * day;
    await run();
    expect(asked).toHaveLength(400);
    await run();
    expect(await cleaned()).toHaveLength(450);
  });

  test('forgets a job whose row is gone', async () => {
    const { clock, jobs, run } = await closedJob('a');
    clock.now += 31 * day;
    const [due] = await jobs.dueCleanUps(1);
    expect(due).toBeDefined();
    jobs.get = () => Promise.resolve(undefined);
    await run();
  });

  test('has nothing to do where it is off, or for what did not come from Zoom', async () => {
    const { announce, archive, clock, jobs } = setUp();
    await announce(['a']);
    await archive(jobId, 'a');
    await closeJob({ jobs })({ jobId, executionName: executionNameOf(jobId, 1) });
    await announce(['b'], 'bot-1', { source: 'bot' });
    await archive('bot-1', 'b');
    await closeJob({ jobs, cleanUpAfterDays: 30 })({ jobId: 'bot-1', executionName: executionNameOf('bot-1', 1) });
    clock.now += 400 * day;
    expect(await jobs.dueCleanUps(10)).toEqual([]);
  });
});
