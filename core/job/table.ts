import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { access, announcedFile, type Access, type AnnouncedFile } from './announcement.ts';
import { announce } from './announce.ts';
import { cleanUpItem, cleanUpRows } from './clean-up-rows.ts';
import type { DynamoDb } from './dynamo.ts';
import { fileRows } from './file-rows.ts';
import { expiry, fromItem, jobKey, parkedKey, readFile, readJob, toItem, type Item } from './items.ts';
import { mailRows } from './mail-rows.ts';
import { mergeRows } from './merge-rows.ts';
import { claimFolder, closed, openRows, opened } from './open-rows.ts';
import { allowedBefore, type Job, type JobFile, type JobStatus } from './job.ts';
import type { Run } from './run.ts';
import type { Sealer } from './seal.ts';
import type { Failure } from '../step/failures.ts';

/** Sealed it grows by a third; an item holds 400 KB. */
const mostParkedBytes = 262_144;

/** The condition does not hold; of a transaction the reasons stand in the message, one for each item. */
const isRefusal = ({ name, message }: Error): boolean =>
  name === 'ConditionalCheckFailedException' ||
  (name === 'TransactionCanceledException' && /\[ConditionalCheckFailed\b/.test(message));

export type JobTable = ReturnType<typeof jobTable>;

/** Reads and writes the job table. Every write of a status carries the transition table as its condition. */
export const jobTable = (dynamoDb: DynamoDb, tableName: string, sealer: Sealer, now: () => Date = () => new Date()) => {
  const read = async (key: object): Promise<Item | undefined> => {
    const { Item } = await dynamoDb.getItem({ TableName: tableName, Key: toItem(key), ConsistentRead: true });
    return Item;
  };

  const rows = async (jobId: string, kind: string): Promise<Item[]> => {
    const found: Item[] = [];
    for (let start: Item | undefined; ;) {
      const page = await dynamoDb.query({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
        ExpressionAttributeValues: toItem({ ':pk': jobKey(jobId).pk, ':kind': `${kind}#` }),
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      found.push(...(page.Items ?? []));
      if (!page.LastEvaluatedKey) return found;
      start = page.LastEvaluatedKey;
    }
  };

  const updateOf = (key: object, set: object, condition: string, values: object, remove: string[]) => {
    const names = Object.keys(set).filter((name) => (set as Record<string, unknown>)[name] !== undefined);
    return {
      TableName: tableName,
      Key: toItem(key),
      UpdateExpression: [
        ...(names.length > 0 ? [`SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`] : []),
        ...(remove.length > 0 ? [`REMOVE ${remove.map((name) => `#${name}`).join(', ')}`] : []),
      ].join(' '),
      ConditionExpression: condition,
      ExpressionAttributeNames: Object.fromEntries(
        [...names, ...remove, ...(condition.includes('#status') ? ['status'] : [])].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: toItem({
        ...values,
        ...Object.fromEntries(names.map((name) => [`:${name}`, (set as Record<string, unknown>)[name]])),
      }),
    };
  };

  /** Sets attributes if the condition holds; says whether it did. What is written beside it is written with it, or not at all. */
  const update = async (
    key: object,
    set: object,
    condition: string,
    values: object = {},
    remove: string[] = [],
    beside: TransactWriteItem[] = [],
  ): Promise<boolean> => {
    try {
      const Update = updateOf(key, set, condition, values, remove);
      if (beside.length === 0) await dynamoDb.updateItem(Update);
      else await dynamoDb.transactWriteItems({ TransactItems: [{ Update }, ...beside] });
      return true;
    } catch (error) {
      if (error instanceof Error && isRefusal(error)) return false;
      throw error;
    }
  };

  const before = (next: JobStatus): { condition: string; values: Record<string, string> } => {
    const from = allowedBefore(next);
    return {
      condition: `#status IN (${from.map((_, index) => `:from${index}`).join(', ')})`,
      values: Object.fromEntries(from.map((status, index) => [`:from${index}`, status])),
    };
  };

  const get = async (jobId: string): Promise<Job | undefined> => {
    const item = await read(jobKey(jobId));
    return item && readJob(item);
  };

  const at = (): string => now().toISOString();

  return {
    announce: announce({ dynamoDb, tableName, sealer, now }),
    ...cleanUpRows({ dynamoDb, tableName, update, now }),
    ...fileRows({ dynamoDb, tableName, read, update, now }),
    ...openRows({ dynamoDb, tableName, read }),
    ...mailRows({ rows, get, update, sealer, now }),
    ...mergeRows({ dynamoDb, tableName, rows, update, now }),
    get,
    files: async (jobId: string): Promise<JobFile[]> => (await rows(jobId, 'FILE')).map(readFile),

    /** Every file that was ever announced, in one list, with what the events told of the meeting. */
    announcedFiles: async (jobId: string): Promise<AnnouncedFile[]> => {
      const events = (await rows(jobId, 'EVENT')).map(fromItem);
      const files = events.flatMap((event) => announcedFile.array().parse(event.files));
      return [...new Map(files.map((one) => [one.fileId, one])).values()];
    },

    /** The unexpired webhook access to one file, or nothing. TTL deletes late, so the time is checked here. */
    access: async (jobId: string, fileId: string): Promise<{ url: string; token: string } | undefined> => {
      const usable: Access[] = [];
      for (const { sealed, expiresAt } of (await rows(jobId, 'ACCESS')).map(fromItem)) {
        if (Number(expiresAt) * 1_000 <= now().getTime()) continue;
        const one = access.parse(JSON.parse(await sealer.unseal(jobId, String(sealed))));
        if (Object.hasOwn(one.urls, fileId)) usable.push(one);
      }
      const [best] = usable.sort((a, b) => b.expiresAt - a.expiresAt);
      return best && { url: best.urls[fileId] as string, token: best.token };
    },

    /** The host's address, for the one step that writes to the host. */
    host: async (jobId: string): Promise<string | undefined> => {
      const job = await get(jobId);
      return job?.sealedHost && sealer.unseal(jobId, job.sealedHost);
    },

    /** Marks all announcements up to this revision as known to the running attempt. */
    see: (jobId: string, revision: number) => update(jobKey(jobId), { seenRevision: revision }, 'attribute_exists(pk)'),

    /**
     * The state that runs now. A redriven execution thereby takes its failed job back to running. A function that was
     * overtaken by the end of its execution does not, nor does an attempt that another one has followed.
     */
    progress: async (jobId: string, step: string, run?: Run): Promise<void> => {
      const mine = run
        ? 'attempt = :ours AND (attribute_not_exists(redrives) OR redrives < :redrives OR (#status = :running AND redrives = :redrives))'
        : 'attribute_exists(pk)';
      await update(
        jobKey(jobId),
        { step, stepAt: at(), updatedAt: at(), status: 'running', redrives: run?.redrives, ...opened },
        `#status IN (:running, :failed) AND ${mine}`,
        { ':running': 'running', ':failed': 'failed', ...(run ? { ':ours': run.attempt } : {}) },
        ['failure', 'closedAt', 'percent'],
      );
    },

    /** How far the state that runs has come with what takes long. */
    percent: (jobId: string, percent: number) =>
      update(jobKey(jobId), { percent, updatedAt: at() }, 'attribute_exists(pk)'),

    /** Gives the folder to this recording, unless another recording has it. */
    claimFolder: async (jobId: string, meetingUuid: string, folder: string): Promise<boolean> => {
      const claimed = await claimFolder(dynamoDb, tableName, { folder, meetingUuid, jobId });
      return claimed && (await update(jobKey(jobId), { folder }, 'attribute_exists(pk)'));
    },

    /** A sentence for the person who looks at the job. The same sentence twice is one. */
    addNote: async (jobId: string, note: string): Promise<void> => {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(jobKey(jobId)),
        UpdateExpression: 'ADD notes :note',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: toItem({ ':note': new Set([note]) }),
      });
    },

    /** Takes sentences back that are true no more. */
    dropNotes: async (jobId: string, notes: readonly string[]): Promise<void> => {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(jobKey(jobId)),
        UpdateExpression: 'DELETE notes :notes',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: toItem({ ':notes': new Set(notes) }),
      });
    },

    /**
     * Closes the job if nothing was announced since it was planned and no later attempt took over. Where CleanUpZoom is
     * on, the files that are archived by now become due with it.
     */
    close: (
      jobId: string,
      attempt: number,
      status: 'done' | 'rejected',
      reason?: string,
      { cleanUpAfterDays }: { cleanUpAfterDays?: number | undefined } = {},
    ) => {
      const { condition, values } = before(status);
      return update(
        jobKey(jobId),
        { status, reason, closedAt: at(), updatedAt: at() },
        `${condition} AND revision = seenRevision AND attempt = :ours`,
        { ...values, ':ours': attempt },
        ['failure', ...closed],
        cleanUpAfterDays === undefined ? [] : [cleanUpItem(tableName, jobId, now(), cleanUpAfterDays)],
      );
    },

    /** Writes the failure of an execution to the job that it left open; told late, after a redrive began, it is old news. */
    fail: (jobId: string, attempt: number, failure: Failure, redrives?: number) => {
      const { condition, values } = before('failed');
      return update(
        jobKey(jobId),
        { status: 'failed', failure, closedAt: at(), updatedAt: at(), redrives },
        `${condition} AND attempt = :ours${redrives === undefined ? '' : ' AND (attribute_not_exists(redrives) OR redrives <= :redrives)'}`,
        { ...values, ':ours': attempt },
        closed,
      );
    },

    /**
     * Opens the next attempt for files that were announced to an attempt that failed before it saw them. They count
     * as seen from here on, so that an attempt that cannot even start is not followed by another and another.
     */
    reopenForNews: (jobId: string, attempt: number, revision: number) =>
      update(
        jobKey(jobId),
        {
          status: 'running',
          attempt: attempt + 1,
          attemptAt: at(),
          seenRevision: revision,
          updatedAt: at(),
          ...opened,
        },
        '#status = :failed AND attempt = :ours AND revision = :revision AND #seenRevision < :revision',
        { ':failed': 'failed', ':ours': attempt, ':revision': revision },
        ['failure', 'closedAt', 'redrives'],
      ),

    /** Keeps a signed event that we cannot read, sealed, so that a person can look at it: as much as an item holds. */
    park: async (eventId: string, reason: string, body: string): Promise<void> => {
      const sealedBody = await sealer.seal(eventId, Buffer.from(body).subarray(0, mostParkedBytes).toString('utf8'));
      const item = {
        ...parkedKey(at().slice(0, 10), eventId),
        reason,
        sealedBody,
        parkedAt: at(),
        expiresAt: expiry(now(), 30),
      };
      await dynamoDb.putItem({ TableName: tableName, Item: toItem(item) });
    },
  };
};
