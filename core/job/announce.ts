import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Announcement } from './announcement.ts';
import type { DynamoDb } from './dynamo.ts';
import { accessKey, eventKey, expiry, jobKey, readJob, toItem } from './items.ts';
import type { Job, JobStatus } from './job.ts';
import { opened } from './open-rows.ts';
import type { Sealer } from './seal.ts';
import { TransientError } from '../step/errors.ts';

export type Announced = {
  readonly jobId: string;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly newFiles: number;
};

type Ports = { dynamoDb: DynamoDb; tableName: string; sealer: Sealer; now: () => Date };

/** Files per item: keeps every item far below DynamoDB's 400 KB, and 4,000 files below 100 items a transaction. */
const filesPerItem = 100;

/** Twenty events at once lose to each other nineteen times at most; the pauses make it a few. */
const mostCollisions = 25;
const longestPauseMillis = 50;

const chunks = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / filesPerItem) }, (_, index) =>
    list.slice(index * filesPerItem, (index + 1) * filesPerItem),
  );

const nameOf = (fileIds: readonly string[]): string =>
  createHash('sha256')
    .update([...fileIds].sort().join('\n'))
    .digest('hex')
    .slice(0, 24);

/** Somebody else wrote the row since it was read, or does so at this moment. */
const isCollision = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'TransactionCanceledException' &&
  /ConditionalCheckFailed|TransactionConflict/.test(error.message);

/**
 * Adds what is new to the job, and opens it (again) if it has to run: one transaction over the job's row and the
 * announced files, conditioned on the row as it was read. Whatever runs at the same time, a file is either in the
 * revision that CloseJob closes or it reopens the job.
 */
export const announce =
  ({ dynamoDb, tableName, sealer, now }: Ports) =>
  async (announcement: Announcement): Promise<Announced> => {
    const { jobId } = announcement;
    for (let collision = 0; collision < mostCollisions; collision += 1) {
      const job = await readConsistently(dynamoDb, tableName, jobId);
      const fresh = announcement.files.filter((file) => !job?.files.has(file.fileId));
      // The machine's own look at Zoom adds to a failed job what a redrive will need; it does not open it.
      const isClosed =
        job !== undefined && job.status !== 'running' && (job.status !== 'failed' || announcement.reopens);
      if (job && (fresh.length === 0 || (isClosed && !announcement.reopens))) {
        // A repeated event brings another token: of use to a job that is still at work, or failed for want of one.
        if (job.status !== 'done') await keepAccess(dynamoDb, await accessItems(sealer, announcement), tableName);
        if (isClosed || !tellsMore(job, announcement))
          return { jobId, attempt: job.attempt, status: job.status, newFiles: 0 };
      }

      const attempt = job === undefined ? 1 : isClosed ? job.attempt + 1 : job.attempt;
      const sealedHost = announcement.hostEmail ? await sealer.seal(jobId, announcement.hostEmail) : undefined;
      const writes: TransactWriteItem[] = [
        job === undefined
          ? createJob(tableName, announcement, sealedHost, now())
          : addToJob(tableName, job, announcement, fresh, attempt, sealedHost, now()),
      ];
      const put = (item: object): void => void writes.push({ Put: { TableName: tableName, Item: toItem(item) } });
      for (const files of chunks(fresh)) {
        const key = eventKey(jobId, nameOf(files.map((file) => file.fileId)));
        put({ ...key, ...meetingOf(announcement), files, announcedAt: now().toISOString(), expiresAt: expiry(now()) });
      }
      if (fresh.length > 0) (await accessItems(sealer, announcement)).forEach(put);
      try {
        await dynamoDb.transactWriteItems({ TransactItems: writes });
        const status = !job || announcement.reopens ? 'running' : job.status;
        return { jobId, attempt, status, newFiles: fresh.length };
      } catch (error) {
        if (!isCollision(error)) throw error;
        await pause(Math.random() * longestPauseMillis);
      }
    }
    throw new TransientError('the job row is written by too many at once');
  };

/** Whether the row of a running job lacks something that is told here. */
const tellsMore = (job: Job, announcement: Announcement): boolean =>
  (announcement.hostEmail !== undefined && job.sealedHost === undefined) ||
  (announcement.durationMinutes ?? 0) > (job.durationMinutes ?? 0) ||
  Object.entries(meetingOf(announcement)).some(
    ([name, value]) => value !== undefined && job[name as keyof Job] === undefined,
  );

/** Events come in any order: a token that lives longer is not given up for one that dies sooner. */
const keepAccess = async (dynamoDb: DynamoDb, items: object[], tableName: string): Promise<void> => {
  for (const item of items) {
    try {
      await dynamoDb.putItem({
        TableName: tableName,
        Item: toItem(item),
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :expiresAt',
        ExpressionAttributeValues: toItem({ ':expiresAt': (item as { expiresAt: number }).expiresAt }),
      });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    }
  }
};

/** Token and URLs, sealed, in items that DynamoDB deletes when the token has expired. */
const accessItems = async (sealer: Sealer, { jobId, access, files: all }: Announcement) => {
  if (!access) return [];
  return Promise.all(
    chunks(all).map(async (files) => {
      const ids = files.map((file) => file.fileId);
      const urls = Object.fromEntries(
        ids.filter((id) => Object.hasOwn(access.urls, id)).map((id) => [id, access.urls[id]]),
      );
      const sealed = await sealer.seal(jobId, JSON.stringify({ ...access, urls }));
      return { ...accessKey(jobId, nameOf(ids)), sealed, expiresAt: access.expiresAt };
    }),
  );
};

const readConsistently = async (dynamoDb: DynamoDb, tableName: string, jobId: string): Promise<Job | undefined> => {
  const { Item } = await dynamoDb.getItem({ TableName: tableName, Key: toItem(jobKey(jobId)), ConsistentRead: true });
  return Item && readJob(Item);
};

const meetingOf = ({ topic, startTime, timezone, durationMinutes, meetingId, accountId }: Announcement) => ({
  topic,
  startTime,
  timezone,
  durationMinutes,
  meetingId,
  accountId,
});

const createJob = (
  tableName: string,
  announcement: Announcement,
  sealedHost: string | undefined,
  now: Date,
): TransactWriteItem => {
  const { jobId, source, origin, executionArn, meetingUuid, files } = announcement;
  const at = now.toISOString();
  const row = {
    ...jobKey(jobId),
    ...meetingOf(announcement),
    ...{ jobId, source, origin, executionArn, meetingUuid, sealedHost },
    ...{
      status: 'running',
      ...opened,
      attempt: 1,
      revision: 1,
      // The attempt that an announcement opens comes after it, and so has seen it.
      seenRevision: 1,
      createdAt: at,
      updatedAt: at,
      attemptAt: at,
      expiresAt: expiry(now),
    },
    ...(files.length > 0 ? { files: new Set(files.map((file) => file.fileId)) } : {}),
  };
  return { Put: { TableName: tableName, Item: toItem(row), ConditionExpression: 'attribute_not_exists(pk)' } };
};

const addToJob = (
  tableName: string,
  job: Job,
  announcement: Announcement,
  fresh: Announcement['files'],
  attempt: number,
  sealedHost: string | undefined,
  now: Date,
): TransactWriteItem => {
  const { durationMinutes, ...meeting } = meetingOf(announcement);
  const isOpen = announcement.reopens || job.status === 'running';
  const known = Object.entries({ ...meeting, sealedHost }).filter(([, value]) => value !== undefined);
  // Zoom tells the duration of what it has so far, or 0: the longest is the recording's.
  const minutes = Math.max(durationMinutes ?? 0, job.durationMinutes ?? 0);
  const set = [
    '#status = :status, attempt = :attempt, updatedAt = :at, expiresAt = :expiresAt, attemptAt = :attemptAt',
    ...(fresh.length > 0 ? ['revision = revision + :one'] : []),
    ...(attempt === job.attempt ? [] : ['seenRevision = revision + :one']),
    ...(minutes > 0 ? ['durationMinutes = :minutes'] : []),
    ...(isOpen ? ['openJob = :openJob'] : []),
    ...known.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`),
  ];
  return {
    Update: {
      TableName: tableName,
      Key: toItem(jobKey(job.jobId)),
      ConditionExpression: 'revision = :seen AND #status = :was AND attempt = :wasAttempt',
      UpdateExpression: `SET ${set.join(', ')}${fresh.length > 0 ? ' ADD files :files' : ''}${isOpen ? ' REMOVE closedAt, reason, failure' : ''}${attempt === job.attempt ? '' : ', redrives'}`,
      ExpressionAttributeNames: {
        '#status': 'status',
        ...Object.fromEntries(known.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: toItem({
        ...{ ':seen': job.revision, ':was': job.status, ':wasAttempt': job.attempt },
        ...{
          ':status': isOpen ? 'running' : job.status,
          ...(isOpen ? { ':openJob': opened.openJob } : {}),
          ':attempt': attempt,
          ':at': now.toISOString(),
          ':expiresAt': expiry(now),
        },
        ':attemptAt': attempt === job.attempt ? job.attemptAt : now.toISOString(),
        ...(fresh.length > 0 ? { ':one': 1, ':files': new Set(fresh.map((file) => file.fileId)) } : {}),
        ...(minutes > 0 ? { ':minutes': minutes } : {}),
        ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
      }),
    },
  };
};
