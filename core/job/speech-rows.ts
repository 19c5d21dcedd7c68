import * as z from 'zod';
import type { DynamoDb } from './dynamo.ts';
import { expiry, fromItem, jobKey, toItem, type Item } from './items.ts';

/** One piece of sound at a provider of speech recognition, one item of the table. */
export const speechWork = z.object({
  jobId: z.string(),
  driver: z.enum(['transcribe', 'symbl']),
  /** Of the sound, whatever the attempt. */
  workId: z.string(),
  /** Of this attempt: what the provider knows it by, and the holder of its lease. */
  name: z.string(),
  attempt: z.number(),
  key: z.string(),
  offsetMs: z.number(),
  speaker: z.string().optional(),
  /** `started`: it may be at the provider. `heard` and `failed` are ends. */
  status: z.enum(['planned', 'started', 'heard', 'failed']),
  startedAt: z.string().optional(),
  /** By what the provider knows it, where it gives names of its own. */
  reference: z.string().optional(),
  resultKey: z.string().optional(),
  /** Why it failed, for a person. */
  because: z.string().optional(),
});
export type SpeechWork = z.output<typeof speechWork>;

const workKey = (jobId: string, driver: string, workId: string) => ({
  pk: jobKey(jobId).pk,
  sk: `SPEECH#${driver}#${workId}`,
});
/** The state that waits for the work of its job. Known to nobody but this row: whoever has a token could answer. */
const waitKey = (jobId: string) => ({ pk: jobKey(jobId).pk, sk: 'SPEECH' });

const waiting = z.object({ tokens: z.set(z.string()).default(() => new Set<string>()) });

export type SpeechRows = ReturnType<typeof speechRows>;

export const speechRows = (
  dynamoDb: Pick<DynamoDb, 'getItem' | 'putItem' | 'query' | 'updateItem'>,
  tableName: string,
  now: () => Date = () => new Date(),
) => {
  const read = async (key: object): Promise<Item | undefined> =>
    (await dynamoDb.getItem({ TableName: tableName, Key: toItem(key), ConsistentRead: true })).Item;

  /** Says whether the work was still of that name and open. */
  const change = async (work: SpeechWork, set: object, remove: readonly string[] = []): Promise<boolean> => {
    const names = Object.keys(set).filter((name) => (set as Record<string, unknown>)[name] !== undefined);
    try {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(workKey(work.jobId, work.driver, work.workId)),
        UpdateExpression: [
          `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ...(remove.length > 0 ? [`REMOVE ${remove.map((name) => `#${name}`).join(', ')}`] : []),
        ].join(' '),
        ConditionExpression: '#name = :was AND #status IN (:planned, :started)',
        ExpressionAttributeNames: Object.fromEntries(
          [...new Set(['name', 'status', ...names, ...remove])].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: toItem({
          ...{ ':was': work.name, ':planned': 'planned', ':started': 'started' },
          ...Object.fromEntries(names.map((name) => [`:${name}`, (set as Record<string, unknown>)[name]])),
        }),
      });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  };

  return {
    works: async (jobId: string, driver: string): Promise<SpeechWork[]> => {
      const found: SpeechWork[] = [];
      for (let start: Item | undefined; ;) {
        const page = await dynamoDb.query({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
          ExpressionAttributeValues: toItem({ ':pk': jobKey(jobId).pk, ':kind': `SPEECH#${driver}#` }),
          ...(start ? { ExclusiveStartKey: start } : {}),
        });
        found.push(...(page.Items ?? []).map((item) => speechWork.parse(fromItem(item))));
        if (!page.LastEvaluatedKey) return found;
        start = page.LastEvaluatedKey;
      }
    },

    work: async (jobId: string, driver: string, workId: string): Promise<SpeechWork | undefined> => {
      const item = await read(workKey(jobId, driver, workId));
      return item && speechWork.parse(fromItem(item));
    },

    /** Adds work; what is there already keeps what became of it. */
    plan: async (work: SpeechWork): Promise<void> => {
      try {
        const item = { ...workKey(work.jobId, work.driver, work.workId), ...work, expiresAt: expiry(now()) };
        await dynamoDb.putItem({
          TableName: tableName,
          Item: toItem(item),
          ConditionExpression: 'attribute_not_exists(pk)',
        });
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      }
    },

    started: (work: SpeechWork, reference?: string): Promise<boolean> =>
      change(work, { status: 'started', startedAt: work.startedAt ?? now().toISOString(), reference }),

    heard: (work: SpeechWork, resultKey?: string): Promise<boolean> => change(work, { status: 'heard', resultKey }),

    failed: (work: SpeechWork, because: string): Promise<boolean> => change(work, { status: 'failed', because }),

    /** Opens the next attempt, under another name. */
    again: (work: SpeechWork, name: string): Promise<boolean> =>
      change(work, { status: 'planned', name, attempt: work.attempt + 1 }, ['startedAt', 'reference']),

    /** Another state waits for this job's work: of retries each has a token, and all are answered. */
    wait: async (jobId: string, token: string): Promise<void> => {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(waitKey(jobId)),
        UpdateExpression: 'SET expiresAt = :expiresAt ADD tokens :token',
        ExpressionAttributeValues: toItem({ ':expiresAt': expiry(now()), ':token': new Set([token]) }),
      });
    },

    tokens: async (jobId: string): Promise<string[]> => {
      const item = await read(waitKey(jobId));
      return item ? [...waiting.parse(fromItem(item)).tokens] : [];
    },

    answered: async (jobId: string, tokens: readonly string[]): Promise<void> => {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(waitKey(jobId)),
        UpdateExpression: 'DELETE tokens :tokens',
        ExpressionAttributeValues: toItem({ ':tokens': new Set(tokens) }),
      });
    },
  };
};
