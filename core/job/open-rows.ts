import * as z from 'zod';
import type { DynamoDb } from './dynamo.ts';
import { folderKey, fromItem, toItem, type Item } from './items.ts';

/**
 * Jobs that run bear an attribute that others do not: by it, and by when their attempt was opened, an index holds them
 * and nothing else. It is set and taken away in the very writes that change the status.
 */
export const openJobsIndex = 'openJobs';
export const opened = { openJob: 'open' } as const;
export const closed = ['openJob'];

const openJob = z.object({
  jobId: z.string(),
  attempt: z.number(),
  attemptAt: z.string(),
  executionArn: z.string().optional(),
});
export type OpenJob = z.output<typeof openJob>;

const folderRow = z.object({ jobs: z.set(z.string()).default(() => new Set<string>()) });

type Ports = { dynamoDb: DynamoDb; tableName: string; read: (key: object) => Promise<Item | undefined> };

/** What the sweep looks at. */
export const openRows = ({ dynamoDb, tableName, read }: Ports) => ({
  /** Jobs whose running attempt was opened before this moment, as the index has them: a little late. */
  openJobs: async (before: Date): Promise<OpenJob[]> => {
    const found: OpenJob[] = [];
    for (let start: Item | undefined; ;) {
      const page = await dynamoDb.query({
        TableName: tableName,
        IndexName: openJobsIndex,
        KeyConditionExpression: 'openJob = :open AND attemptAt < :before',
        ExpressionAttributeValues: toItem({ ':open': opened.openJob, ':before': before.toISOString() }),
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      found.push(...(page.Items ?? []).map((item) => openJob.parse(fromItem(item))));
      if (!page.LastEvaluatedKey) return found;
      start = page.LastEvaluatedKey;
    }
  },

  /** Which jobs have put something into a folder of the archive. */
  jobsOfFolder: async (folder: string): Promise<string[]> => {
    const item = await read(folderKey(folder));
    return item ? [...folderRow.parse(fromItem(item)).jobs] : [];
  },
});

/** Gives the folder to this recording, unless another recording has it; each of its jobs is noted. */
export const claimFolder = async (
  dynamoDb: DynamoDb,
  tableName: string,
  { folder, meetingUuid, jobId }: { folder: string; meetingUuid: string; jobId: string },
): Promise<boolean> => {
  try {
    await dynamoDb.updateItem({
      TableName: tableName,
      Key: toItem(folderKey(folder)),
      UpdateExpression: 'SET #owner = :owner ADD jobs :jobs',
      ConditionExpression: 'attribute_not_exists(pk) OR #owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: toItem({ ':owner': meetingUuid, ':jobs': new Set([jobId]) }),
    });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};
