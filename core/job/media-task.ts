import * as z from 'zod';
import { TransientError } from '../step/errors.ts';
import type { DynamoDb } from './dynamo.ts';
import { expiry, fromItem, jobKey, toItem } from './items.ts';

export const mediaTaskKey = (jobId: string) => ({ pk: jobKey(jobId).pk, sk: 'TASK' });

/** The media task of a job: what it answers to, and which of all that were started it is. */
export const mediaTask = z.object({
  /** Grows with every launch: a task of an earlier round has nothing to say. */
  round: z.number(),
  /** Of the state that waits. Known to nobody but this row: whoever has it could answer in the task's place. */
  token: z.string(),
  /** The execution, as ECS knows it: tasks are found by it when their ARN was lost. */
  startedBy: z.string(),
  /** How often this go of the execution has launched one. */
  launches: z.number(),
  planKey: z.string(),
  taskArn: z.string().optional(),
});
export type MediaTask = z.output<typeof mediaTask>;

export const mediaTaskRows = (dynamoDb: DynamoDb, tableName: string, now: () => Date = () => new Date()) => {
  const get = async (jobId: string): Promise<MediaTask | undefined> => {
    const { Item } = await dynamoDb.getItem({
      TableName: tableName,
      Key: toItem(mediaTaskKey(jobId)),
      ConsistentRead: true,
    });
    return Item && mediaTask.parse(fromItem(Item));
  };

  return {
    get,

    /** Opens the round of this token; one that is open stays as it is. */
    open: async (jobId: string, about: Pick<MediaTask, 'token' | 'startedBy' | 'planKey'>): Promise<MediaTask> => {
      const before = await get(jobId);
      if (before?.token === about.token) return before;
      const round = (before?.round ?? 0) + 1;
      const launches = before?.startedBy === about.startedBy ? before.launches + 1 : 1;
      const opened = { ...about, round, launches };
      try {
        await dynamoDb.putItem({
          TableName: tableName,
          Item: toItem({ ...mediaTaskKey(jobId), ...opened, expiresAt: expiry(now()) }),
          ConditionExpression: 'attribute_not_exists(pk) OR round = :before',
          ExpressionAttributeValues: toItem({ ':before': round - 1 }),
        });
        return opened;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
        throw new TransientError('another launch of this job came in between');
      }
    },

    /** Notes the task of a round, unless a later one is open. */
    started: async (jobId: string, round: number, taskArn: string): Promise<void> => {
      try {
        await dynamoDb.updateItem({
          TableName: tableName,
          Key: toItem(mediaTaskKey(jobId)),
          UpdateExpression: 'SET taskArn = :arn',
          ConditionExpression: 'round = :round',
          ExpressionAttributeValues: toItem({ ':arn': taskArn, ':round': round }),
        });
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      }
    },
  };
};
