import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, ScanCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { dynamoDb } from '../../core/aws/dynamodb.ts';
import { jsonApi } from '../../core/aws/json-api.ts';
import { lightDynamoDb } from '../../core/aws/webhook.ts';
import type { AnnouncedFile, Announcement } from '../../core/job/announcement.ts';
import { transitions, type JobFile, type JobStatus } from '../../core/job/job.ts';
import { sealer } from '../../core/job/seal.ts';
import { jobTable, type JobTable } from '../../core/job/table.ts';
import { explain } from '../../core/step/failures.ts';
import { createDynamoDb, type DynamoDb as LocalDynamoDb } from '../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../local/gateway/gateway.ts';
import { fakeJobs } from '../fakes/jobs.ts';

type Template = { Resources: { JobTable: { Properties: Omit<CreateTableCommandInput, 'TableName'> } } };

const clock = { now: Date.parse('2026-01-12T16:00:00Z') };
const now = () => new Date(clock.now);
const seal = sealer(() => Promise.resolve('a-sealing-secret-of-more-than-32-characters'));

let folder: string;
let tables: LocalDynamoDb;
let gateway: Gateway;
let client: DynamoDBClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'job-table-'));
  tables = await createDynamoDb({ folder });
  const template = parse(await readFile('core/job/table.yml', 'utf8'), { logLevel: 'silent' }) as Template;
  const { AttributeDefinitions, KeySchema, BillingMode } = template.Resources.JobTable.Properties;
  await tables.createTable({ TableName: 'jobs', AttributeDefinitions, KeySchema, BillingMode }, 'expiresAt');
  gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  client = new DynamoDBClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await tables.close();
  await rm(folder, { recursive: true, force: true });
});

/** The table as the webhook speaks to it: without the SDK. */
const lightTable = (): JobTable => {
  const environment = {
    AWS_ENDPOINT_URL: gateway.url,
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  };
  const surroundings = { environment, now: () => new Date(), pause: () => Promise.resolve() };
  const call = jsonApi({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' }, surroundings);
  return jobTable(lightDynamoDb(call), 'jobs', seal, now);
};

const kinds: [string, () => JobTable][] = [
  ['in memory', () => fakeJobs(now)],
  ['on DynamoDB', () => jobTable(dynamoDb(client), 'jobs', seal, now)],
  ['on DynamoDB without the SDK', lightTable],
];

const file = (fileId: string, about: Partial<AnnouncedFile> = {}): AnnouncedFile => ({
  fileId,
  zoomId: fileId,
  fileType: 'MP4',
  extension: 'mp4',
  recordingStart: '2026-01-12T15:00:14Z',
  view: 'gallery_view',
  bytes: 1_000,
  status: 'ready',
  ...about,
});
const files = (count: number, prefix = 'f') => Array.from({ length: count }, (_, index) => file(`${prefix}${index}`));

let jobId: string;
let count = 0;
beforeEach(() => {
  count += 1;
  jobId = `zoom-${count}`;
});

const announcement = (list: readonly AnnouncedFile[], about: Partial<Announcement> = {}): Announcement => ({
  jobId,
  source: 'zoom',
  origin: 'webhook',
  meetingUuid: `uuid-${jobId}`,
  meetingId: '85746065432',
  accountId: 'account',
  topic: 'Reading room',
  startTime: '2026-01-12T15:00:14Z',
  hostEmail: 'ada@example.org',
  files: list,
  reopens: true,
  ...about,
});
const accessTo = (list: readonly AnnouncedFile[], token: string, secondsLeft: number) => ({
  token,
  expiresAt: Math.floor(clock.now / 1_000) + secondsLeft,
  urls: Object.fromEntries(list.map(({ fileId }) => [fileId, `https://zoom.us/${fileId}?${token}`])),
});
const planned = (fileId: string): JobFile => ({
  ...{ jobId, fileId, fileType: 'MP4', extension: 'mp4', recordingStart: '2026-01-12T15:00:14Z' },
  ...{ segment: 0, view: 'gallery_view', key: `1/2/000-${fileId}.mp4`, status: 'planned' as const },
});

describe.each(kinds)('the job table %s', (_, open) => {
  let jobs: JobTable;
  beforeEach(() => {
    jobs = open();
  });

  test('knows nothing of a job that was never announced', async () => {
    expect([await jobs.get(jobId), await jobs.file(jobId, 'f'), await jobs.host(jobId)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([await jobs.files(jobId), await jobs.announcedFiles(jobId)]).toEqual([[], []]);
    expect([
      await jobs.see(jobId, 1),
      await jobs.close(jobId, 1, 'done'),
      await jobs.fail(jobId, 1, explain('UNEXPLAINED', '')),
      await jobs.reopenForNews(jobId, 1, 1),
      await jobs.claimMail(jobId, now()),
      await jobs.releaseMail(jobId),
      await jobs.mailSent(jobId, 'm'),
      await jobs.fileReceived(jobId, 'f', { bytes: 1, crc32: 'x' }),
      await jobs.fileArchived(jobId, 'f'),
      await jobs.fileMissing(jobId, 'f', 'gone'),
    ]).toEqual(Array(10).fill(false));
    await jobs.progress(jobId, 'PlanDownload');
    expect(await jobs.get(jobId)).toBeUndefined();
  });

  test('opens a job for what is announced first, and adds what is new', async () => {
    expect(await jobs.announce(announcement([file('a')]))).toEqual({
      jobId,
      attempt: 1,
      status: 'running',
      newFiles: 1,
    });
    expect(await jobs.get(jobId)).toMatchObject({
      ...{ status: 'running', attempt: 1, revision: 1, seenRevision: 1, topic: 'Reading room', accountId: 'account' },
      ...{ files: new Set(['a']), notes: [], attemptAt: now().toISOString(), meetingId: '85746065432' },
    });
    expect(await jobs.announce(announcement([file('a'), file('b')]))).toMatchObject({ attempt: 1, newFiles: 1 });
    expect(await jobs.get(jobId)).toMatchObject({ revision: 2, seenRevision: 1, files: new Set(['a', 'b']) });
    expect((await jobs.announcedFiles(jobId)).sort((x, y) => (x.fileId < y.fileId ? -1 : 1))).toEqual([
      file('a'),
      file('b'),
    ]);
  });

  test('takes a repeated announcement for none', async () => {
    await jobs.announce(announcement([file('a'), file('b')]));
    const before = await jobs.get(jobId);
    expect(await jobs.announce(announcement([file('b')], { topic: 'Another' }))).toMatchObject({
      newFiles: 0,
      attempt: 1,
    });
    expect(await jobs.get(jobId)).toEqual(before);
  });

  test('opens a job without files too', async () => {
    expect(await jobs.announce(announcement([]))).toMatchObject({ newFiles: 0, status: 'running' });
    expect(await jobs.get(jobId)).toMatchObject({ files: new Set(), revision: 1 });
    await jobs.announce(announcement([file('a')]));
    expect((await jobs.get(jobId))?.files).toEqual(new Set(['a']));
  });

  test('learns what an announcement lacked from a later one, but changes nothing that it knows', async () => {
    const { topic: _topic, hostEmail: _host, ...bare } = announcement([file('a')], { durationMinutes: 0 });
    await jobs.announce(bare);
    expect(await jobs.host(jobId)).toBeUndefined();
    const whole = {
      topic: 'T',
      hostEmail: 'ada@example.org',
      meetingId: '1',
      timezone: 'Europe/Zurich',
      durationMinutes: 31,
    };
    await jobs.announce(announcement([file('a')], { ...whole, reopens: false }));
    expect(await jobs.get(jobId)).toMatchObject({
      ...{ topic: 'T', meetingId: '85746065432', timezone: 'Europe/Zurich', durationMinutes: 31 },
      ...{ revision: 1, seenRevision: 1, status: 'running' },
    });
    await jobs.announce(announcement([file('b')], { hostEmail: 'eve@example.org', durationMinutes: 1 }));
    expect(await jobs.host(jobId)).toBe('ada@example.org');
    expect(await jobs.get(jobId)).toMatchObject({ durationMinutes: 31, revision: 2 });
  });

  test('opens the next attempt for new files of a closed job, and forgets how it ended', async () => {
    await jobs.announce(announcement([file('a')]));
    await jobs.close(jobId, 1, 'rejected', 'too short');
    clock.now += 1_000;
    expect(await jobs.announce(announcement([file('b')]))).toEqual({
      jobId,
      attempt: 2,
      status: 'running',
      newFiles: 1,
    });
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ attempt: 2, revision: 2, seenRevision: 2, attemptAt: now().toISOString() });
    for (const gone of ['reason', 'closedAt', 'failure']) expect(job).not.toHaveProperty(gone);
  });

  test('leaves a closed job closed for what the machine itself finds', async () => {
    await jobs.announce(announcement([file('a')]));
    await jobs.close(jobId, 1, 'done');
    expect(await jobs.announce(announcement([file('b')], { reopens: false }))).toMatchObject({
      status: 'done',
      newFiles: 0,
    });
    expect((await jobs.get(jobId))?.files).toEqual(new Set(['a']));
  });

  const reach: Record<JobStatus, () => Promise<unknown>> = {
    running: () => Promise.resolve(),
    done: () => jobs.close(jobId, 1, 'done'),
    rejected: () => jobs.close(jobId, 1, 'rejected', 'why'),
    failed: () => jobs.fail(jobId, 1, explain('UNEXPLAINED', 'x')),
  };
  const statuses = Object.keys(transitions) as JobStatus[];
  test.each(statuses.flatMap((from) => statuses.filter((to) => to !== 'running').map((to) => [from, to] as const)))(
    'takes a job from %s to %s only if the transitions allow it',
    async (from, to) => {
      await jobs.announce(announcement([file('a')]));
      await reach[from]();
      const before = await jobs.get(jobId);
      expect(before?.status).toBe(from);
      const isAllowed = (transitions[from] as readonly string[]).includes(to);
      expect(await reach[to]()).toBe(isAllowed);
      if (isAllowed) expect((await jobs.get(jobId))?.status).toBe(to);
      else expect(await jobs.get(jobId)).toEqual(before);
    },
  );

  test('lets no attempt but the present one, and no one behind the news, close the job', async () => {
    await jobs.announce(announcement([file('a')]));
    expect(await jobs.close(jobId, 2, 'done')).toBe(false);
    await jobs.announce(announcement([file('b')]));
    expect(await jobs.close(jobId, 1, 'done')).toBe(false);
    expect(await jobs.close(jobId, 1, 'rejected', 'short')).toBe(false);
    await jobs.see(jobId, 2);
    expect(await jobs.close(jobId, 1, 'done')).toBe(true);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'done', closedAt: now().toISOString() });
  });

  test('takes a failed job back to running by the progress of its redrive, and no other', async () => {
    await jobs.announce(announcement([file('a')]));
    await jobs.fail(jobId, 1, explain('ZOOM_REFUSED', 'no'));
    expect(await jobs.get(jobId)).toMatchObject({ status: 'failed', failure: { code: 'ZOOM_REFUSED', detail: 'no' } });
    await jobs.progress(jobId, 'DownloadPart');
    const job = await jobs.get(jobId);
    expect(job).toMatchObject({ status: 'running', step: 'DownloadPart', stepAt: now().toISOString(), attempt: 1 });
    for (const gone of ['failure', 'closedAt']) expect(job).not.toHaveProperty(gone);
    await jobs.close(jobId, 1, 'done');
    await jobs.progress(jobId, 'CloseJob');
    expect(await jobs.get(jobId)).toMatchObject({ status: 'done', step: 'DownloadPart' });
  });

  test('reopens a failed job once for the news that its attempt did not see', async () => {
    await jobs.announce(announcement([file('a')]));
    await jobs.announce(announcement([file('b')]));
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(false);
    await jobs.fail(jobId, 1, explain('UNEXPLAINED', ''));
    expect(await jobs.reopenForNews(jobId, 1, 1)).toBe(false);
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(true);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'running', attempt: 2, seenRevision: 2 });
    expect(await jobs.reopenForNews(jobId, 1, 2)).toBe(false);
    await jobs.fail(jobId, 2, explain('UNEXPLAINED', ''));
    expect(await jobs.reopenForNews(jobId, 2, 2)).toBe(false);
  });

  test('gives a folder to one recording, whichever of its jobs asks', async () => {
    const one = jobId;
    const other = `${jobId}-other`;
    await jobs.announce(announcement([file('a')]));
    await jobs.announce(announcement([file('a')], { jobId: other }));
    expect(await jobs.claimFolder(one, 'uuid-1', `${one}/1/`)).toBe(true);
    expect(await jobs.claimFolder(one, 'uuid-1', `${one}/1/`)).toBe(true);
    expect(await jobs.claimFolder(other, 'uuid-2', `${one}/1/`)).toBe(false);
    expect((await jobs.get(other))?.folder).toBeUndefined();
    expect(await jobs.claimFolder(other, 'uuid-1', `${one}/1/`)).toBe(true);
    expect((await jobs.get(one))?.folder).toBe(`${one}/1/`);
  });

  test('keeps what was done with a file when it is planned again', async () => {
    expect(await jobs.planFile(planned('a'))).toEqual(planned('a'));
    await jobs.fileReceived(jobId, 'a', { bytes: 9, crc32: 'AAAAAA==', contentType: 'video/mp4' });
    expect(await jobs.fileArchived(jobId, 'a')).toBe(true);
    const state = {
      status: 'archived',
      receivedBytes: 9,
      crc32: 'AAAAAA==',
      contentType: 'video/mp4',
      key: planned('a').key,
    };
    expect(await jobs.planFile({ ...planned('a'), key: 'another' })).toMatchObject(state);
    expect(await jobs.fileMissing(jobId, 'a', 'gone')).toBe(false);
    expect(await jobs.file(jobId, 'a')).toMatchObject(state);
    await jobs.planFile(planned('b'));
    expect(await jobs.fileMissing(jobId, 'b', 'gone')).toBe(true);
    expect(await jobs.file(jobId, 'b')).toMatchObject({ status: 'missing', missingBecause: 'gone' });
    expect((await jobs.files(jobId)).map(({ fileId }) => fileId)).toEqual(['a', 'b']);
  });

  test('hands out the access that lives longest, until it has expired', async () => {
    const [a, b, c] = [file('a'), file('b'), file('c')];
    await jobs.announce(announcement([a, b], { access: accessTo([a, b], 'first', 600) }));
    await jobs.announce(announcement([a, b], { access: accessTo([a, b], 'second', 1_200) }));
    await jobs.announce(announcement([a, b], { access: accessTo([a, b], 'a late repetition', 300) }));
    await jobs.announce(announcement([b, c], { access: accessTo([b, c], 'third', 1_800) }));
    expect(await jobs.access(jobId, 'a')).toEqual({ url: 'https://zoom.us/a?second', token: 'second' });
    expect((await jobs.access(jobId, 'b'))?.token).toBe('third');
    clock.now += 1_200_000;
    expect(await jobs.access(jobId, 'a')).toBeUndefined();
    expect((await jobs.access(jobId, 'c'))?.token).toBe('third');
    for (const id of ['d', 'constructor', '__proto__']) expect(await jobs.access(jobId, id)).toBeUndefined();
  });

  test('keeps a younger access for a job that failed for want of one, and none for one that is done', async () => {
    const a = file('a');
    await jobs.announce(announcement([a]));
    await jobs.fail(jobId, 1, explain('DOWNLOAD_TOKEN_EXPIRED', ''));
    await jobs.announce(announcement([a], { access: accessTo([a], 'fresh', 600) }));
    expect((await jobs.access(jobId, 'a'))?.token).toBe('fresh');
    expect((await jobs.get(jobId))?.status).toBe('failed');
    await jobs.close(jobId, 1, 'done');
    await jobs.announce(announcement([a], { access: accessTo([a], 'late', 1_200) }));
    expect((await jobs.access(jobId, 'a'))?.token).toBe('fresh');
  });

  test('grants one claim to the mail at a time, and none after it was sent', async () => {
    await jobs.announce(announcement([file('a')]));
    const aMinuteAgo = () => new Date(clock.now - 60_000);
    const claims = await Promise.all(Array.from({ length: 5 }, () => jobs.claimMail(jobId, aMinuteAgo())));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await jobs.releaseMail(jobId);
    expect(await jobs.claimMail(jobId, aMinuteAgo())).toBe(true);
    clock.now += 60_001;
    expect(await jobs.claimMail(jobId, aMinuteAgo())).toBe(true);
    expect(await jobs.mailSent(jobId, 'm1')).toBe(true);
    clock.now += 60_001;
    expect(await jobs.claimMail(jobId, aMinuteAgo())).toBe(false);
    await jobs.releaseMail(jobId);
    expect(await jobs.get(jobId)).toMatchObject({ mailId: 'm1', mailClaimedAt: expect.any(String) });
  });

  test('keeps a note once', async () => {
    await jobs.announce(announcement([file('a')]));
    for (const note of ['second', 'first', 'second']) await jobs.addNote(jobId, note);
    expect((await jobs.get(jobId))?.notes).toEqual(['first', 'second']);
  });

  test('loses none of twenty announcements at once, of the same files and of different ones', async () => {
    const lists = Array.from({ length: 20 }, (_, index) => [file('shared'), file(`own-${index % 10}`)]);
    const told = await Promise.all(
      lists.map((list) => jobs.announce(announcement(list, { access: accessTo(list, 'token', 600) }))),
    );
    expect(told.map(({ attempt, status }) => [attempt, status])).toEqual(Array(20).fill([1, 'running']));
    expect(told.reduce((sum, { newFiles }) => sum + newFiles, 0)).toBe(11);
    const job = await jobs.get(jobId);
    expect(job?.files.size).toBe(11);
    // One for each announcement that named a new file.
    expect(job?.revision).toBe(10);
    expect(await jobs.announcedFiles(jobId)).toHaveLength(11);
    for (const id of job?.files ?? []) expect(await jobs.access(jobId, id)).toBeDefined();
  });

  test('either closes a job before news or not at all', async () => {
    for (let round = 0; round < 15; round += 1) {
      jobId = `zoom-${count}-race-${round}`;
      await jobs.announce(announcement([file('a')]));
      const [told, closed] = await Promise.all([
        jobs.announce(announcement([file('b')])),
        jobs.close(jobId, 1, 'done'),
      ]);
      const job = await jobs.get(jobId);
      expect(job).toMatchObject({ status: 'running', attempt: closed ? 2 : 1, revision: 2 });
      expect(told).toMatchObject({ attempt: job?.attempt, newFiles: 1 });
      expect(job?.seenRevision === job?.revision).toBe(closed);
    }
  });

  test('holds a recording of 1,000 files', async () => {
    const list = files(1_000);
    expect(await jobs.announce(announcement(list, { access: accessTo(list, 'token', 600) }))).toMatchObject({
      newFiles: 1_000,
    });
    expect(await jobs.announce(announcement(list))).toMatchObject({ newFiles: 0 });
    expect((await jobs.get(jobId))?.files.size).toBe(1_000);
    expect(await jobs.announcedFiles(jobId)).toHaveLength(1_000);
    expect(await jobs.access(jobId, 'f999')).toEqual({ url: 'https://zoom.us/f999?token', token: 'token' });
    await Promise.all(list.slice(0, 200).map(({ fileId }) => jobs.planFile(planned(fileId))));
    expect(await jobs.files(jobId)).toHaveLength(200);
  });

  test('does the same as the table in memory, whatever happens in whatever order', async () => {
    const some = fc.subarray(['a', 'b', 'c', 'constructor'], { minLength: 1 }).map((ids) => ids.map((id) => file(id)));
    const attempt = fc.integer({ min: 1, max: 3 });
    const action = fc.oneof(
      fc
        .record({
          list: some,
          about: fc.constantFrom({}, { reopens: false }, { durationMinutes: 7 }, { hostEmail: 'b@example.org' }),
        })
        .map(
          ({ list, about }) =>
            async (table: JobTable) =>
              table.announce(announcement(list, { ...about, access: accessTo(list, 't', 600) })),
        ),
      attempt.map((ours) => async (table: JobTable) => table.close(jobId, ours, 'done')),
      attempt.map((ours) => async (table: JobTable) => table.close(jobId, ours, 'rejected', 'why')),
      attempt.map((ours) => async (table: JobTable) => table.fail(jobId, ours, explain('UNEXPLAINED', 'x'))),
      attempt.map(
        (ours) => async (table: JobTable) => table.reopenForNews(jobId, ours, (await table.get(jobId))?.revision ?? 0),
      ),
      fc.constant(async (table: JobTable) => table.see(jobId, (await table.get(jobId))?.revision ?? 0)),
      fc.constant(async (table: JobTable) => table.progress(jobId, 'PlanDownload')),
      fc.constant(async (table: JobTable) => table.claimMail(jobId, now())),
      fc.constant(async (table: JobTable) => table.releaseMail(jobId)),
      fc.constant(async (table: JobTable) => table.mailSent(jobId, 'm')),
      fc.constant(async (table: JobTable) => table.planFile(planned('a'))),
      fc.constant(async (table: JobTable) => table.fileArchived(jobId, 'a')),
      fc.constant(async (table: JobTable) => table.fileMissing(jobId, 'a', 'gone')),
    );
    const told = async (table: JobTable) => {
      const {
        sealedHost,
        updatedAt: _at,
        ...job
      } = (await table.get(jobId)) ?? { sealedHost: undefined, updatedAt: '' };
      const access = await table.access(jobId, 'constructor');
      return {
        job,
        hasHost: sealedHost !== undefined,
        host: await table.host(jobId),
        files: await table.files(jobId),
        access,
      };
    };
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 15 }), async (actions) => {
        run += 1;
        jobId = `zoom-${count}-model-${run}`;
        const model = fakeJobs(now);
        for (const act of actions) expect(await act(jobs)).toEqual(await act(model));
        expect(await told(jobs)).toEqual(await told(model));
      }),
      { numRuns: 40 },
    );
  });
});

describe('what lies in the table', () => {
  const jobsOf = () => jobTable(dynamoDb(client), 'jobs', seal, now);
  const everything = async (): Promise<string> => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: 'jobs' }));
    return JSON.stringify(
      Items.map((item) => unmarshall(item)).filter(({ pk }) => String(pk).includes(jobId)),
      (_, value: unknown) => (value instanceof Set ? [...(value as Set<unknown>)] : value),
    );
  };

  test('shows neither token nor address nor host nor a parked event, and all of it expires', async () => {
    const a = file('a');
    const access = { ...accessTo([a], 'canary-token', 600), urls: { a: 'https://zoom.us/canary-url' } };
    await jobsOf().announce(announcement([a], { access, hostEmail: 'canary@example.org' }));
    await jobsOf().park(jobId, 'a reason', '{"event":"canary-event"}');
    const text = await everything();
    expect(text).toContain('sealed');
    expect(text).not.toContain('canary');
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'jobs', Key: marshall({ pk: 'PARKED#2026-01-12', sk: `EVENT#${jobId}` }) }),
    );
    const parked = unmarshall(Item ?? {}) as { sealedBody: string; expiresAt: number; reason: string };
    expect(parked.reason).toBe('a reason');
    expect(parked.expiresAt).toBe(Math.floor(clock.now / 1_000) + 30 * 86_400);
    expect(await seal.unseal(jobId, parked.sealedBody)).toBe('{"event":"canary-event"}');
  });

  test('is a parked event of any size, as far as an item can hold it', async () => {
    for (const [id, body] of [
      ['ascii', 'a'.repeat(1_048_000)],
      ['wide', '会'.repeat(349_000)],
    ] as const)
      await jobsOf().park(`${jobId}-${id}`, 'too large', body);
  });

  test('cannot be unsealed for another job, with another key, or after a change', async () => {
    const sealed = await seal.seal('zoom-1', 'a secret');
    expect(await seal.seal('zoom-1', 'a secret')).not.toBe(sealed);
    expect(await seal.unseal('zoom-1', sealed)).toBe('a secret');
    await expect(seal.unseal('zoom-2', sealed)).rejects.toThrow();
    await expect(sealer(() => Promise.resolve('x'.repeat(40))).unseal('zoom-1', sealed)).rejects.toThrow();
    await expect(seal.unseal('zoom-1', sealed.replace('v1.', 'v2.'))).rejects.toThrow(/version/);
    await expect(seal.unseal('zoom-1', '')).rejects.toThrow();
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8((forged[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
      await expect(seal.unseal('zoom-1', `v1.${forged.toString('base64url')}`)).rejects.toThrow();
    }
    for (let length = 0; length < bytes.length; length += 1)
      await expect(seal.unseal('zoom-1', `v1.${bytes.subarray(0, length).toString('base64url')}`)).rejects.toThrow();
  });
});

test('an announcement that DynamoDB refuses for good is not tried again and again', async () => {
  const jobs = jobTable(dynamoDb(client), 'jobs', seal, now);
  const tooLong = file('x'.repeat(2_000), { fileName: 'y'.repeat(500_000) });
  await expect(jobs.announce(announcement([tooLong]))).rejects.not.toThrow(/too many/);
});
