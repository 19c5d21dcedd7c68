import { access, announcedFile, type Access, type AnnouncedFile } from './announcement.ts';
import { announce } from './announce.ts';
import type { DynamoDb } from './dynamo.ts';
import {
  expiry,
  fileKey,
  folderKey,
  fromItem,
  jobKey,
  parkedKey,
  readFile,
  readJob,
  toItem,
  type Item,
} from './items.ts';
import { allowedBefore, type Job, type JobFile, type JobStatus } from './job.ts';
import type { Run } from './run.ts';
import type { Sealer } from './seal.ts';
import type { Failure } from '../step/failures.ts';

/** Sealed it grows by a third; an item holds 400 KB. */
const mostParkedBytes = 262_144;

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

  /** Sets attributes if the condition holds; says whether it did. */
  const update = async (
    key: object,
    set: object,
    condition: string,
    values: object = {},
    remove: string[] = [],
  ): Promise<boolean> => {
    const names = Object.keys(set).filter((name) => (set as Record<string, unknown>)[name] !== undefined);
    try {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(key),
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
        ConditionExpression: condition,
        ExpressionAttributeNames: Object.fromEntries(
          [...names, ...(condition.includes('#status') ? ['status'] : [])].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: toItem({
          ...values,
          ...Object.fromEntries(names.map((name) => [`:${name}`, (set as Record<string, unknown>)[name]])),
        }),
      });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
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

  const file = async (jobId: string, fileId: string): Promise<JobFile | undefined> => {
    const item = await read(fileKey(jobId, fileId));
    return item && readFile(item);
  };

  const at = (): string => now().toISOString();
  const changeFile = (jobId: string, fileId: string, set: object, condition = 'attribute_exists(pk)') =>
    update(fileKey(jobId, fileId), set, condition);

  return {
    announce: announce({ dynamoDb, tableName, sealer, now }),
    get,
    file,
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
        { step, stepAt: at(), updatedAt: at(), status: 'running', redrives: run?.redrives },
        `#status IN (:running, :failed) AND ${mine}`,
        { ':running': 'running', ':failed': 'failed', ...(run ? { ':ours': run.attempt } : {}) },
        ['failure', 'closedAt'],
      );
    },

    /** Gives the folder to this recording, unless another recording has it. */
    claimFolder: async (jobId: string, meetingUuid: string, folder: string): Promise<boolean> => {
      const claimed = await update(
        folderKey(folder),
        { owner: meetingUuid },
        'attribute_not_exists(pk) OR #owner = :owner',
      );
      return claimed && (await update(jobKey(jobId), { folder }, 'attribute_exists(pk)'));
    },

    /** Adds the file's item; one that is there already keeps what was done. */
    planFile: async (planned: JobFile): Promise<JobFile> => {
      try {
        const item = { ...fileKey(planned.jobId, planned.fileId), ...planned, expiresAt: expiry(now()) };
        await dynamoDb.putItem({
          TableName: tableName,
          Item: toItem(item),
          ConditionExpression: 'attribute_not_exists(pk)',
        });
        return planned;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
        return (await file(planned.jobId, planned.fileId)) as JobFile;
      }
    },

    fileUpload: (jobId: string, fileId: string, uploadId: string) => changeFile(jobId, fileId, { uploadId }),
    fileReceived: (
      jobId: string,
      fileId: string,
      received: { bytes: number; crc32: string; contentType?: string | undefined },
    ) =>
      changeFile(jobId, fileId, {
        receivedBytes: received.bytes,
        crc32: received.crc32,
        contentType: received.contentType,
      }),
    fileArchived: (jobId: string, fileId: string) =>
      changeFile(jobId, fileId, { status: 'archived', archivedAt: at() }),
    /** An archived file never becomes missing: Zoom may have deleted it after it was copied. */
    fileMissing: (jobId: string, fileId: string, because: string) =>
      update(
        fileKey(jobId, fileId),
        { status: 'missing', missingBecause: because },
        'attribute_exists(pk) AND #status <> :archived',
        { ':archived': 'archived' },
      ),

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

    /** Takes the right to send the job's one mail; `staleBefore` frees a claim whose holder is surely dead. */
    claimMail: (jobId: string, staleBefore: Date) =>
      update(
        jobKey(jobId),
        { mailClaimedAt: at() },
        'attribute_exists(pk) AND attribute_not_exists(mailSentAt) AND (attribute_not_exists(mailClaimedAt) OR mailClaimedAt < :stale)',
        { ':stale': staleBefore.toISOString() },
      ),
    releaseMail: (jobId: string) =>
      update(jobKey(jobId), { updatedAt: at() }, 'attribute_exists(pk) AND attribute_not_exists(mailSentAt)', {}, [
        'mailClaimedAt',
      ]),
    mailSent: (jobId: string, mailId: string) =>
      update(jobKey(jobId), { mailSentAt: at(), mailId }, 'attribute_exists(pk)'),

    /** Closes the job if nothing was announced since it was planned and no later attempt took over. */
    close: (jobId: string, attempt: number, status: 'done' | 'rejected', reason?: string) => {
      const { condition, values } = before(status);
      return update(
        jobKey(jobId),
        { status, reason, closedAt: at(), updatedAt: at() },
        `${condition} AND revision = seenRevision AND attempt = :ours`,
        { ...values, ':ours': attempt },
        ['failure'],
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
      );
    },

    /**
     * Opens the next attempt for files that were announced to an attempt that failed before it saw them. They count
     * as seen from here on, so that an attempt that cannot even start is not followed by another and another.
     */
    reopenForNews: (jobId: string, attempt: number, revision: number) =>
      update(
        jobKey(jobId),
        { status: 'running', attempt: attempt + 1, attemptAt: at(), seenRevision: revision, updatedAt: at() },
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
