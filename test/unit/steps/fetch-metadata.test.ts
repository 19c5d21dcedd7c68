import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { jobIdOfExecution } from '../../../core/keys.ts';
import type { Announcement } from '../../../core/job/announcement.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { explain } from '../../../core/step/failures.ts';
import { wantedConfig } from '../../../core/zoom/filters.ts';
import type { ZoomRecording } from '../../../core/zoom/recording.ts';
import { fetchMetadata, input } from '../../../functions/recording/fetch-metadata/fetch-metadata.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { announcedFile, announcementOf, listedFile, listingOf, meetingUuid } from '../../fakes/recordings.ts';

const jobId = 'zoom-1';
const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:recording:by-hand';
const handId = jobIdOfExecution(executionArn);
const start = Date.parse('2026-01-12T16:00:00Z');

type Listing = (uuid: string) => Promise<ZoomRecording | undefined>;
type Options = { listing?: Listing; minimum?: number; files?: string; hosts?: string; topics?: string } & {
  alternatives?: () => Promise<string[]>;
};
const setUp = ({ listing, minimum = 0, files = '', hosts = '', topics = '', ...more }: Options = {}) => {
  const needsAlternativeHosts = more.alternatives !== undefined;
  const alternatives = more.alternatives ?? (() => Promise.reject(new Error('nobody asks for them')));
  const clock = { now: start };
  const now = () => new Date(clock.now);
  const jobs = fakeJobs(now);
  const zoom = {
    hasCredentials: () => Promise.resolve(listing !== undefined),
    alternativeHosts: () => alternatives(),
    recording: (uuid: string) => (listing ?? (() => Promise.reject(new Error('no credentials'))))(uuid),
  };
  const patterns = { wantedFiles: files, wantedHosts: hosts, wantedTopics: topics };
  const rules = {
    ...z.object(wantedConfig).parse(patterns),
    minimumDurationMinutes: minimum,
    waitMinutes: 60,
    needsAlternativeHosts,
  };
  const run = fetchMetadata({ jobs, zoom, now, rules });
  const signal = new AbortController().signal;
  const announce = (files: Parameters<typeof announcementOf>[1], about: Partial<Announcement> = {}) =>
    jobs.announce(announcementOf(jobId, files, about));
  return {
    jobs,
    clock,
    announce,
    byJob: (id = jobId) => run({ jobId: id, executionArn }, signal),
    byHand: () => run({ meetingUuid, executionArn }, signal),
  };
};
const lists =
  (...files: object[]): Listing =>
  () =>
    Promise.resolve(listingOf(files));

describe('FetchMetadata where mails go to alternative hosts', () => {
  test('keeps whom the meeting names, and asks once', async () => {
    let asked = 0;
    const alternatives = () => Promise.resolve([`grace${(asked += 1)}@example.org`]);
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a')), alternatives });
    await announce([announcedFile('a')]);
    await byJob();
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect(await jobs.alternativeHosts(jobId)).toEqual(['grace1@example.org']);
  });

  test('goes on where Zoom does not name them, and says so', async () => {
    const alternatives = () => Promise.reject(new PermanentError('ZOOM_SCOPES_MISSING', 'meeting:read:meeting:admin'));
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a')), alternatives });
    await announce([announcedFile('a')]);
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect((await jobs.get(jobId))?.notes).toEqual([
      expect.stringMatching(/^Alternative hosts get no mail.*meeting:read:meeting:admin/),
    ]);
  });
});

describe('FetchMetadata of a job that a webhook made', () => {
  test('adds what Zoom lists beyond the event, and goes on', async () => {
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a'), listedFile('b')) });
    await announce([announcedFile('a')]);
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect(await jobs.get(jobId)).toMatchObject({
      files: new Set(['a', 'b']),
      attempt: 1,
      revision: 2,
      seenRevision: 2,
    });
  });

  test('learns host, topic and times from the listing, though it names no new file', async () => {
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a')) });
    await announce([announcedFile('a')], { hostEmail: undefined, topic: undefined, durationMinutes: 0 });
    await byJob();
    expect(await jobs.host(jobId)).toBe('ada@example.org');
    expect(await jobs.get(jobId)).toMatchObject({ topic: 'Reading room', durationMinutes: 31, revision: 1 });
  });

  test('of an app without REST credentials says what that means, and goes on with what was announced', async () => {
    const { announce, byJob, jobs } = setUp();
    await announce([announcedFile('a')]);
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect((await jobs.get(jobId))?.notes).toEqual([expect.stringMatching(/^Without REST credentials .*24 hours/)]);
  });

  test('counts as seen what it has read, and not what comes after', async () => {
    const { announce, byJob, jobs } = setUp();
    await announce([announcedFile('a')]);
    await announce([announcedFile('b')]);
    await byJob();
    await announce([announcedFile('c')]);
    expect(await jobs.get(jobId)).toMatchObject({ revision: 3, seenRevision: 2 });
  });

  test.each([
    ['an event ahead of its media', [], [listedFile('t', { file_type: 'TRANSCRIPT' })]],
    ['a recording that Zoom does not list yet', [], []],
    [
      'a file on which Zoom still works',
      [announcedFile('a')],
      [listedFile('a'), listedFile('b', { status: 'processing' })],
    ],
  ])('waits for %s, at growing intervals and for a bounded time', async (_, announced, listed) => {
    const { announce, byJob, clock } = setUp({ listing: lists(...listed) });
    await announce(announced);
    const waits: number[] = [];
    for (;;) {
      const decided = await byJob().catch((error: Error) => error.message);
      if (typeof decided === 'string' || decided.decision !== 'wait') break;
      waits.push(decided.waitSeconds);
      clock.now += decided.waitSeconds * 1_000;
    }
    expect(waits.slice(0, 4)).toEqual([30, 30, 30, 45]);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(Math.max(...waits)).toBe(600);
    expect((clock.now - start) / 60_000).toBeGreaterThanOrEqual(60);
    expect((clock.now - start) / 60_000).toBeLessThan(70);
  });

  test('goes on without the file on which Zoom worked too long, and says so', async () => {
    const listing = lists(listedFile('a'), listedFile('b', { status: 'processing' }));
    const { announce, byJob, clock, jobs } = setUp({ listing });
    await announce([announcedFile('a')]);
    clock.now += 3_600_000;
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect(await jobs.get(jobId)).toMatchObject({
      files: new Set(['a']),
      notes: ['Zoom still worked on some files when the wait for them ended.'],
    });
  });

  test('counts the wait of a later attempt from its own beginning', async () => {
    const { announce, byJob, clock, jobs } = setUp({ listing: lists(listedFile('a', { status: 'processing' })) });
    await announce([announcedFile('a')]);
    await jobs.close(jobId, 1, 'done');
    clock.now += 86_400_000;
    await announce([announcedFile('b')]);
    expect(await byJob()).toEqual({ jobId, decision: 'wait', waitSeconds: 30 });
  });

  test('fails for good when there is nothing after the wait', async () => {
    const { announce, byJob, clock } = setUp({ listing: () => Promise.resolve(undefined) });
    await announce([]);
    clock.now += 3_600_000;
    await expect(byJob()).rejects.toThrow(/^RECORDING_NOT_FOUND: /);
  });

  test('that has no row is refused', async () => {
    await expect(setUp().byJob('zoom-unknown')).rejects.toThrow(/^BAD_INPUT: jobId: there is no job zoom-unknown/);
  });

  test.each(['done', 'rejected'] as const)('has nothing to do for a job that is %s', async (status) => {
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a'), listedFile('b')) });
    await announce([announcedFile('a')]);
    await jobs.close(jobId, 1, status, status === 'rejected' ? 'Skipped.' : undefined);
    const reason = status === 'rejected' ? 'Skipped.' : 'A later attempt has closed this job.';
    expect(await byJob()).toEqual({ jobId, decision: 'reject', reason });
    expect(await jobs.get(jobId)).toMatchObject({ status, files: new Set(['a']) });
  });

  test('adds files to a failed job, which only the progress of a redrive opens', async () => {
    const { announce, byJob, jobs } = setUp({ listing: lists(listedFile('a'), listedFile('b')) });
    await announce([announcedFile('a')]);
    await jobs.fail(jobId, 1, explain('ZOOM_REFUSED', ''));
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', attempt: 1, files: new Set(['a', 'b']) });
  });
});

describe('a recording that is too short', () => {
  const reason = 'Skipped, because the recording lasts 3 min and the minimum is 5 min.';

  test('is rejected with a reason', async () => {
    const { announce, byJob, jobs } = setUp({ minimum: 5 });
    await announce([announcedFile('a')], { durationMinutes: 3 });
    expect(await byJob()).toEqual({ jobId, decision: 'reject', reason });
    expect(await jobs.get(jobId)).toMatchObject({ status: 'rejected', reason });
    // The answer was lost, and the step runs again.
    expect(await byJob()).toEqual({ jobId, decision: 'reject', reason });
  });

  test('is measured by its files where Zoom tells no duration, or one of 0', async () => {
    const short = { recordingEnd: '2026-01-12T15:03:14Z' };
    for (const durationMinutes of [undefined, 0]) {
      const { announce, byJob } = setUp({ minimum: 5 });
      await announce([announcedFile('a', short), announcedFile('b', short)], { durationMinutes });
      expect(await byJob()).toEqual({ jobId, decision: 'reject', reason });
      const second = { recordingStart: '2026-01-12T15:10:00Z', recordingEnd: '2026-01-12T15:12:00Z' };
      await announce([announcedFile('c', second)], { durationMinutes });
      expect(await byJob()).toEqual({ jobId, decision: 'download' });
    }
  });

  test('is kept where nothing tells its length', async () => {
    const { announce, byJob } = setUp({ minimum: 5 });
    await announce([announcedFile('a', { recordingEnd: undefined })], { durationMinutes: undefined });
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
  });

  test('is not short any more when later events tell of more', async () => {
    const { announce, byJob } = setUp({ minimum: 5 });
    await announce([announcedFile('a')], { durationMinutes: 3 });
    await byJob();
    await announce([announcedFile('b')], { durationMinutes: 31 });
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
  });

  test('is looked at again when files are announced in that very moment', async () => {
    const { announce, byJob, jobs } = setUp({ minimum: 5 });
    await announce([announcedFile('a')], { durationMinutes: 3 });
    const { announcedFiles } = jobs;
    jobs.announcedFiles = async (id) => {
      jobs.announcedFiles = announcedFiles;
      const files = await announcedFiles(id);
      await announce([announcedFile('b')], { durationMinutes: 31 });
      return files;
    };
    expect(await byJob()).toEqual({ jobId, decision: 'wait', waitSeconds: 30 });
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
  });
});

describe('a recording that is not wanted', () => {
  const chat = { fileType: 'CHAT', extension: 'txt', view: 'chat_file' };
  const sentence = async ({ announce, byJob, jobs }: ReturnType<typeof setUp>, about: Partial<Announcement> = {}) => {
    await announce([announcedFile('a'), announcedFile('b', chat)], about);
    const decision = await byJob();
    const row = await jobs.get(jobId);
    if (decision.decision === 'reject') expect(row).toMatchObject({ status: 'rejected', reason: decision.reason });
    else expect(row?.status).toBe('running');
    expect(await jobs.files(jobId)).toEqual([]);
    return row?.reason ?? decision.decision;
  };

  test.each([
    [{ topics: '!Reading*' }, 'Skipped, because its topic fits "!Reading*" of wantedTopics.'],
    [{ topics: 'Lecture*' }, 'Skipped, because its topic fits no pattern that wantedTopics includes.'],
    [{ topics: 'Lecture*, reading room' }, 'download'],
    [{ hosts: '!example.org' }, 'Skipped, because its host fits "!example.org" of wantedHosts.'],
    [{ hosts: '!ada@example.org' }, 'Skipped, because its host fits pattern 1 of wantedHosts.'],
    [{ hosts: 'university.edu' }, 'Skipped, because its host fits no pattern that wantedHosts includes.'],
    [{ hosts: 'university.edu, ADA@*' }, 'download'],
    [{ files: '!chat_file' }, 'download'],
    [
      { files: 'TRANSCRIPT, !mp4' },
      'Skipped, because none of its files is wanted: view_a (MP4) fits "!mp4" of wantedFiles; ' +
        'chat_file (CHAT) fits no pattern that wantedFiles includes.',
    ],
  ])('by %j: %s', async (patterns, expected) => {
    expect(await sentence(setUp(patterns))).toBe(expected);
  });

  test('is refused at once, not after a wait for files that Zoom still works on', async () => {
    const processing = lists(listedFile('a', { status: 'processing' }));
    expect(await sentence(setUp({ topics: '!Reading*', listing: processing }))).toMatch(/^Skipped/);
  });

  test('is told from what Zoom lists, where the event did not tell', async () => {
    const listing = lists(listedFile('a'));
    const about = { topic: undefined, hostEmail: undefined };
    expect(await sentence(setUp({ topics: '!Reading*', listing }), about)).toMatch(/^Skipped.*wantedTopics/);
    expect(await sentence(setUp({ hosts: '!example.org', listing }), about)).toMatch(/^Skipped.*wantedHosts/);
  });

  test('leaves no address of a host in its row', async () => {
    const set = setUp({ hosts: 'university.edu, !ada@example.org' });
    await sentence(set);
    expect(JSON.stringify(await set.jobs.get(jobId))).not.toMatch(/ada|example/i);
  });

  test('does not wait for files that nobody wants', async () => {
    const listing = lists(listedFile('a'), listedFile('b', { file_type: 'CHAT', status: 'processing' }));
    expect(await sentence(setUp({ files: '!chat', listing }))).toBe('download');
    expect(await sentence(setUp({ files: 'MP4', listing: lists(listedFile('a'), { ...listedFile('b'), file_type: '', status: 'processing' }) }))).toBe('wait'); // prettier-ignore
  });

  test('is looked at again when a wanted file is announced later', async () => {
    const set = setUp({ files: 'TRANSCRIPT' });
    expect(await sentence(set)).toMatch(/^Skipped/);
    await set.announce([announcedFile('t', { fileType: 'TRANSCRIPT', extension: 'vtt', view: 'audio_transcript' })]);
    expect(await set.byJob()).toEqual({ jobId, decision: 'download' });
  });

  test('may be one that a person named', async () => {
    const { byHand, jobs } = setUp({ topics: '!Reading*', listing: lists(listedFile('a')) });
    expect(await byHand()).toMatchObject({ jobId: handId, decision: 'reject' });
    expect(await jobs.get(handId)).toMatchObject({ status: 'rejected' });
  });
});

describe('a recording of 30 hours', () => {
  test('is as wanted as any other', async () => {
    const { announce, byJob } = setUp({ minimum: 5 });
    const recordingEnd = new Date(Date.parse('2026-01-12T15:00:14Z') + 30 * 3_600_000).toISOString();
    await announce([announcedFile('a', { recordingEnd })], { durationMinutes: 0 });
    expect(await byJob()).toEqual({ jobId, decision: 'download' });
  });
});

describe('a job that a person starts with the uuid of a meeting', () => {
  test('is made from what Zoom lists', async () => {
    const { byHand, jobs } = setUp({ listing: lists(listedFile('a')) });
    expect(await byHand()).toEqual({ jobId: handId, decision: 'download' });
    expect(await jobs.get(handId)).toMatchObject({
      ...{ origin: 'hand', meetingUuid, topic: 'Reading room', meetingId: '85746065432', files: new Set(['a']) },
      ...{ status: 'running', step: 'FetchMetadata', attempt: 1 },
    });
    expect(await jobs.host(handId)).toBe('ada@example.org');
  });

  test('is one job however often the step runs, and after a wait goes by its own id', async () => {
    const { byHand, byJob, jobs } = setUp({ listing: lists(listedFile('a', { status: 'processing' })) });
    expect(await byHand()).toEqual({ jobId: handId, decision: 'wait', waitSeconds: 30 });
    expect(await byHand()).toEqual({ jobId: handId, decision: 'wait', waitSeconds: 30 });
    expect(await byJob(handId)).toMatchObject({ jobId: handId, decision: 'wait' });
    expect(await jobs.get(handId)).toMatchObject({ revision: 1, attempt: 1 });
  });

  test('goes on when it failed and is redriven', async () => {
    const answers: (ZoomRecording | undefined)[] = [undefined, listingOf([listedFile('a')])];
    const { byHand, jobs } = setUp({ listing: () => Promise.resolve(answers.shift()) });
    await expect(byHand()).rejects.toThrow(/^RECORDING_NOT_FOUND: /);
    await jobs.fail(handId, 1, explain('RECORDING_NOT_FOUND', ''));
    expect(await byHand()).toEqual({ jobId: handId, decision: 'download' });
    expect(await jobs.get(handId)).toMatchObject({ status: 'running', files: new Set(['a']) });
    expect(await jobs.get(handId)).not.toHaveProperty('failure');
  });

  test('needs REST credentials', async () => {
    await expect(setUp().byHand()).rejects.toThrow(/^BAD_CONFIG: .*accountId, clientId and clientSecret/);
  });

  test.each([
    [{ jobId: 'zoom-1', executionArn }, true],
    [{ meetingUuid, executionArn }, true],
    [{ meetingUuid: '../../x', executionArn }, false],
    [{ meetingUuid: '', executionArn }, false],
    [{ jobId: 'zoom-1' }, false],
    [{ executionArn }, false],
  ])('takes the input %j: %p', (given, isTaken) => {
    expect(input.safeParse(given).success).toBe(isTaken);
  });
});
