import { createHash } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Announcement } from './announcement.ts';
import type { DynamoDb } from './dynamo.ts';
import { accessKey, eventKey, expiry, jobKey, readJob, toItem } from './items.ts';
import type { Job, JobStatus } from './job.ts';
import type { Sealer } from './seal.ts';
import { TransientError } from '../step/errors.ts';

export type Announced = {
  readonly jobId: string;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly newFiles: number;
};

type Ports = { dynamoDb: DynamoDb; tableName: string; sealer: Sealer; now: () => Date };

/** Files per item: keeps every item far below DynamoDB's 400 KB, and 1,000 files below 100 items a transaction. */
const filesPerItem = 100;
const mostCollisions = 10;

const chunks = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / filesPerItem) }, (_, index) =>
    list.slice(index * filesPerItem, (index + 1) * filesPerItem),
  );

const nameOf = (fileIds: readonly string[]): string =>
  createHash('sha256')
    .update([...fileIds].sort().join('\n'))
    .digest('hex')
    .slice(0, 24);

/**
 * Adds what is new to the job, and opens it (again) if it has to run: one transaction over the job's row and the
 * announced files, conditioned on the row as it was read. Whatever runs at the same time, a file is either in the
 * revision that CloseJob closes or it reopens the job.
 */
export const announce =
  ({ dynamoDb, tableName, sealer, now }: Ports) =>
  async (announcement: Announcement): Promise<Announced> => {
    for (let collision = 0; collision < mostCollisions; collision += 1) {
      const job = await readConsistently(dynamoDb, tableName, announcement.jobId);
      const fresh = announcement.files.filter((file) => !job?.files.has(file.fileId));
      if (job && fresh.length === 0) {
        // A repeated event brings a younger token: of use to a job that is still at work, or failed for want of one.
        if (announcement.access && job.status !== 'done') {
          for (const write of await accessWrites(tableName, sealer, announcement, announcement.files))
            await dynamoDb.putItem(write);
        }
        return { jobId: job.jobId, attempt: job.attempt, status: job.status, newFiles: 0 };
      }

      const isClosed = job !== undefined && job.status !== 'running';
      if (isClosed && !announcement.reopens)
        return { jobId: job.jobId, attempt: job.attempt, status: job.status, newFiles: 0 };
      const attempt = job === undefined ? 1 : isClosed ? job.attempt + 1 : job.attempt;
      const sealedHost = announcement.hostEmail
        ? await sealer.seal(announcement.jobId, announcement.hostEmail)
        : undefined;
      const writes: TransactWriteItem[] = [
        job === undefined
          ? createJob(tableName, announcement, sealedHost, now())
          : addToJob(tableName, job, announcement, fresh, attempt, sealedHost, now()),
      ];
      for (const files of chunks(fresh)) {
        const name = nameOf(files.map((file) => file.fileId));
        const about = { ...meetingOf(announcement), files, announcedAt: now().toISOString(), expiresAt: expiry(now()) };
        writes.push({
          Put: { TableName: tableName, Item: toItem({ ...eventKey(announcement.jobId, name), ...about }) },
        });
      }
      for (const write of await accessWrites(tableName, sealer, announcement, fresh)) writes.push({ Put: write });
      try {
        await dynamoDb.transactWriteItems({ TransactItems: writes });
        return { jobId: announcement.jobId, attempt, status: 'running', newFiles: fresh.length };
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') throw error;
        // Somebody else wrote the row in between (another event, a close): read it again.
      }
    }
    throw new TransientError('the job row is written by too many at once');
  };

/** Token and URLs, sealed, in items that DynamoDB deletes when the token has expired. */
const accessWrites = async (
  tableName: string,
  sealer: Sealer,
  { jobId, access }: Announcement,
  list: Announcement['files'],
) => {
  if (!access) return [];
  return Promise.all(
    chunks(list).map(async (files) => {
      const name = nameOf(files.map((file) => file.fileId));
      const urls = Object.fromEntries(
        files.flatMap(({ fileId }) => (access.urls[fileId] ? [[fileId, access.urls[fileId]]] : [])),
      );
      const sealed = await sealer.seal(jobId, JSON.stringify({ ...access, urls }));
      return { TableName: tableName, Item: toItem({ ...accessKey(jobId, name), sealed, expiresAt: access.expiresAt }) };
    }),
  );
};

const readConsistently = async (dynamoDb: DynamoDb, tableName: string, jobId: string): Promise<Job | undefined> => {
  const { Item } = await dynamoDb.getItem({ TableName: tableName, Key: toItem(jobKey(jobId)), ConsistentRead: true });
  return Item && readJob(Item);
};

const meetingOf = ({ topic, startTime, timezone, durationMinutes, meetingId }: Announcement) => ({
  topic,
  startTime,
  timezone,
  durationMinutes,
  meetingId,
});

const createJob = (
  tableName: string,
  announcement: Announcement,
  sealedHost: string | undefined,
  now: Date,
): TransactWriteItem => {
  const { jobId, source, origin, meetingUuid, accountId, files } = announcement;
  const at = now.toISOString();
  const row = {
    ...jobKey(jobId),
    ...meetingOf(announcement),
    ...{ jobId, source, origin, meetingUuid, accountId, sealedHost },
    ...{
      status: 'running',
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
  const known = Object.entries({ ...meetingOf(announcement), sealedHost }).filter(([, value]) => value !== undefined);
  return {
    Update: {
      TableName: tableName,
      Key: toItem(jobKey(job.jobId)),
      ConditionExpression: 'revision = :seen AND #status = :was AND attempt = :wasAttempt',
      UpdateExpression: [
        `SET revision = revision + :one, #status = :running, attempt = :attempt, updatedAt = :at, expiresAt = :expiresAt, attemptAt = :attemptAt`,
        ...(attempt === job.attempt ? [] : ['seenRevision = revision + :one']),
        ...known.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`),
      ]
        .join(', ')
        .concat(' ADD files :files REMOVE closedAt, reason, failure'),
      ExpressionAttributeNames: {
        '#status': 'status',
        ...Object.fromEntries(known.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: toItem({
        ':seen': job.revision,
        ':was': job.status,
        ':wasAttempt': job.attempt,
        ':one': 1,
        ':running': 'running',
        ':attempt': attempt,
        ':at': now.toISOString(),
        ':attemptAt': attempt === job.attempt ? job.attemptAt : now.toISOString(),
        ':expiresAt': expiry(now),
        ':files': new Set(fresh.map((file) => file.fileId)),
        ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
      }),
    },
  };
};
