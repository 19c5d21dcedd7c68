import * as z from 'zod';
import type { DynamoDb } from './dynamo.ts';
import { expiry, fromItem, mergeKey, toItem, type Item } from './items.ts';

/** One thing that is made of several files of a recording, one item of the table. */
export const jobMerge = z.object({
  jobId: z.string(),
  /** `participants`, or the view that is joined. */
  name: z.string(),
  kind: z.enum(['audio', 'view']),
  /** By which the machine knows it; given once. */
  index: z.number(),
  inputs: z.array(z.object({ fileId: z.string(), key: z.string() })),
  /** Keys of what came out. */
  outputs: z.array(z.string()).default([]),
  status: z.enum(['planned', 'done', 'failed', 'skipped']),
  /** Why it failed or was skipped, for a person. */
  because: z.string().optional(),
  percent: z.number().optional(),
  /** More than a function can do: work for a media task. */
  byTask: z.boolean().optional(),
});
export type JobMerge = z.output<typeof jobMerge>;

type Ports = {
  dynamoDb: DynamoDb;
  tableName: string;
  rows: (jobId: string, kind: string) => Promise<Item[]>;
  update: (key: object, set: object, condition: string, values?: object, remove?: string[]) => Promise<boolean>;
  now: () => Date;
};

const isPlanned = '#status = :planned';
const planned = { ':planned': 'planned' };

export const mergeRows = ({ dynamoDb, tableName, rows, update, now }: Ports) => ({
  merges: async (jobId: string): Promise<JobMerge[]> =>
    (await rows(jobId, 'MERGE')).map((item) => jobMerge.parse(fromItem(item))),

  /** Whole, by the one step that plans merges; what an earlier plan said of it is gone. */
  planMerge: async (merge: JobMerge): Promise<void> => {
    const item = { ...mergeKey(merge.jobId, merge.name), ...merge, plannedAt: now().toISOString() };
    await dynamoDb.putItem({ TableName: tableName, Item: toItem({ ...item, expiresAt: expiry(now()) }) });
  },

  mergeProgress: (jobId: string, name: string, percent: number): Promise<boolean> =>
    update(mergeKey(jobId, name), { percent }, isPlanned, planned),

  mergeDone: (jobId: string, name: string, outputs: readonly string[]): Promise<boolean> =>
    update(mergeKey(jobId, name), { status: 'done', percent: 100, outputs }, isPlanned, planned, ['because']),

  mergeFailed: (jobId: string, name: string, because: string): Promise<boolean> =>
    update(mergeKey(jobId, name), { status: 'failed', because }, isPlanned, planned, ['percent']),
});
