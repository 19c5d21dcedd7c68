import { DeleteItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { fromItem, jobKey, toItem } from '../../core/job/items.ts';
import { executionNameOf } from '../../core/keys.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';

jest.setTimeout(120_000);

const minute = 60_000;
/** Of rules alone: functions live in real time. */
const hand = handClock(new Date().toISOString());

let local: LocalCloud;
beforeAll(async () => {
  const settings = { RAPPORTEUR_CLEAN_UP_ZOOM: 'trash', RAPPORTEUR_CLEAN_UP_AFTER_DAYS: '1' };
  local = await bootLocalCloud({ settings, scheduleClock: hand.clock });
});
afterAll(async () => {
  await local.close();
  local.remove();
});

const ran = (key: string) => local.reports.filter((report) => report.function.endsWith(`-${key}`)).length;
const pass = async (milliseconds: number, key: string): Promise<void> => {
  const before = ran(key);
  hand.moveTo(hand.clock.now() + milliseconds);
  await until(() => ran(key) > before);
  await local.cloud.events.drain();
};

test('CleanUpZoom moves what was archived to the trash of Zoom when its time has come, and nothing cascades', async () => {
  const { dynamoDb, table: TableName } = local.look;
  const { meeting, announce, jobId } = local.record('Makes room');
  await announce('recording.completed');
  await announce('recording.transcript_completed');
  const job = await local.closed(jobId);
  await pass(60 * minute, 'cleanUpZoom');
  expect(local.asked('deleteFile')).toBe(0);

  // A day passes.
  const due = new QueryCommand({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: toItem({ ':pk': 'CLEANUP' }),
  });
  for (const item of (await dynamoDb.send(due)).Items ?? []) {
    const { pk, sk, ...row } = fromItem(item) as { pk: string; sk: string };
    expect(sk > new Date(Date.now() + 23 * 60 * minute).toISOString()).toBe(true);
    await dynamoDb.send(
      new PutItemCommand({ TableName, Item: toItem({ pk, sk: `2026-01-01T00:00:00.000Z#${jobId}`, ...row }) }),
    );
    await dynamoDb.send(new DeleteItemCommand({ TableName, Key: toItem({ pk, sk }) }));
  }
  await pass(60 * minute, 'cleanUpZoom');

  const archived = (await local.look.files(jobId)).filter(({ status }) => status === 'archived');
  expect(archived.length).toBeGreaterThan(0);
  expect(local.asked('deleteFile')).toBe(archived.filter(({ zoomId }) => zoomId).length);
  expect(local.asked('deleteRecordings')).toBe(0);
  for (const { zoomId, cleanedAt } of archived) expect(cleanedAt !== undefined).toBe(zoomId !== undefined);
  const trashed = meeting.files.filter((file) => archived.some(({ zoomId }) => zoomId === file.id));
  await until(() => local.answers().filter((answer) => answer.includes('recording.trashed')).length >= trashed.length);
  expect((await dynamoDb.send(due)).Items).toEqual([]);
  expect(await local.job(jobId)).toMatchObject({ status: 'done', attempt: job.attempt });
  expect((await local.job(jobId))?.notes).toContainEqual(expect.stringMatching(/files are in the trash of Zoom/));
  expect((await local.look.keys(job.folder ?? '')).length).toBeGreaterThanOrEqual(archived.length);
  expect(local.errors).toEqual([]);
});

test('the sweep starts the execution that a webhook never came to start, and aborts uploads that nobody waits for', async () => {
  const { dynamoDb, s3, table: TableName, bucket: Bucket } = local.look;
  const { announce, jobId } = local.record('Lost between two services');
  await announce('recording.completed');
  const { folder } = await local.closed(jobId);
  // The row of a second attempt is written, and then the webhook dies.
  await dynamoDb.send(
    new UpdateItemCommand({
      TableName,
      Key: toItem(jobKey(jobId)),
      UpdateExpression: 'SET #status = :running, attempt = :two, openJob = :open, attemptAt = :then',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: toItem({
        ':running': 'running',
        ':two': 2,
        ':open': 'open',
        ':then': '2026-01-01T00:00:00.000Z',
      }),
    }),
  );
  await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: `${folder}forgotten.mp4` }));
  await pass(5 * minute, 'sweep');
  const job = await local.closed(jobId, 2);
  expect(job).toMatchObject({ status: 'done', attempt: 2 });
  expect((await local.describe(local.arnOf(executionNameOf(jobId, 2)))).status).toBe('SUCCEEDED');
  expect(local.lines.some((line) => line.includes('"finding":"job-without-execution"'))).toBe(true);
  // Young uploads may belong to somebody who has not noted them yet.
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toHaveLength(1);
  const started = (await local.executions()).length;
  await pass(5 * minute, 'sweep');
  expect(await local.executions()).toHaveLength(started);
  expect(local.errors).toEqual([]);
});
