import * as z from 'zod';
import type { DynamoDb } from './dynamo.ts';
import { expiry, fileKey, fromItem, toItem } from './items.ts';

/**
 * Jobs whose files may go to Zoom's trash, by the time from which on. One partition: a thousand jobs may close in it
 * each second.
 */
const partition = 'CLEANUP';

export const cleanUpDue = z.object({
  sk: z.string(),
  jobId: z.string(),
  /** Files that were archived later are due by a later row. */
  archivedUntil: z.string(),
  /** How often some of its files could not be put into the trash, for a reason that only a person can mend. */
  tries: z.number(),
});
export type CleanUpDue = z.output<typeof cleanUpDue>;

const dayMillis = 86_400_000;
/** A row that nobody could finish goes by itself; by then its notes have told why. */
const keptDays = 60;

const rowOf = (dueAt: Date, due: Omit<CleanUpDue, 'sk'>) => ({
  ...{ pk: partition, sk: `${dueAt.toISOString()}#${due.jobId}`, expiresAt: expiry(dueAt, keptDays) },
  ...due,
});

/** The row that is written together with the close of a job. */
export const cleanUpItem = (tableName: string, jobId: string, closedAt: Date, afterDays: number) => ({
  Put: {
    TableName: tableName,
    Item: toItem(
      rowOf(new Date(closedAt.getTime() + afterDays * dayMillis), {
        ...{ jobId, archivedUntil: closedAt.toISOString(), tries: 0 },
      }),
    ),
  },
});

type Ports = {
  dynamoDb: DynamoDb;
  tableName: string;
  update: (key: object, set: object, condition: string, values?: object) => Promise<boolean>;
  now: () => Date;
};

export const cleanUpRows = ({ dynamoDb, tableName, update, now }: Ports) => {
  const remove = async ({ sk }: CleanUpDue): Promise<void> => {
    await dynamoDb.deleteItem({ TableName: tableName, Key: toItem({ pk: partition, sk }) });
  };
  return {
    /** What is due, the oldest first, as many at most. */
    dueCleanUps: async (most: number): Promise<CleanUpDue[]> => {
      const { Items } = await dynamoDb.query({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk < :now',
        ExpressionAttributeValues: toItem({ ':pk': partition, ':now': now().toISOString() }),
        Limit: most,
      });
      return (Items ?? []).map((item) => cleanUpDue.parse(fromItem(item)));
    },

    /** Comes again later. Written before the old row goes, since twice does no harm. */
    postponeCleanUp: async (due: CleanUpDue, days: number): Promise<void> => {
      const { jobId, archivedUntil, tries } = due;
      const dueAt = new Date(now().getTime() + days * dayMillis);
      await dynamoDb.putItem({
        TableName: tableName,
        Item: toItem(rowOf(dueAt, { jobId, archivedUntil, tries: tries + 1 })),
      });
      await remove(due);
    },

    finishCleanUp: remove,

    /** In Zoom's trash, or gone from Zoom before. */
    fileCleaned: (jobId: string, fileId: string): Promise<boolean> =>
      update(fileKey(jobId, fileId), { cleanedAt: now().toISOString() }, '#status = :archived', {
        ':archived': 'archived',
      }),
  };
};
