import * as z from 'zod';
import type { DynamoDb } from '../job/dynamo.ts';
import { expiry, fromItem, toItem } from '../job/items.ts';

/** Why an address gets no more mails. */
export const stopReason = z.enum(['unsubscribed', 'bounced', 'complained']);
export type StopReason = z.output<typeof stopReason>;

const stopped = z.object({ because: stopReason, at: z.string() });
export type Stopped = z.output<typeof stopped>;

/** What the mail service said of a mail later. */
export type MailEvent = {
  readonly kind: 'bounce' | 'complaint';
  /** Of the service: the same event told twice is one. */
  readonly id: string;
  readonly jobId?: string | undefined;
  /** The service's own words, without an address. */
  readonly detail: string;
  readonly at: string;
};

const addressRow = (key: string) => `ADDRESS#${key}`;
const stopRow = (key: string) => ({ pk: addressRow(key), sk: 'STOPPED' });

/** How an operator finds the row that stops an address. */
export const stopRowName = (key: string): string => stopRow(key).pk;

export type StopList = ReturnType<typeof stopList>;

/** Reads and writes the mail table. An address is known by its keyed hash alone. */
export const stopList = (dynamoDb: DynamoDb, tableName: string, now: () => Date = () => new Date()) => ({
  /** Whether this address gets no more mails; asked before each. */
  find: async (key: string): Promise<Stopped | undefined> => {
    const { Item } = await dynamoDb.getItem({ TableName: tableName, Key: toItem(stopRow(key)), ConsistentRead: true });
    return Item && stopped.parse(fromItem(Item));
  },

  /** The first reason stays: a person who has stopped the mails is not made somebody whose mailbox is gone. */
  stop: (key: string, because: StopReason): Promise<boolean> =>
    conditionally(() =>
      dynamoDb.putItem({
        TableName: tableName,
        Item: toItem({ ...stopRow(key), because, at: now().toISOString() }),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),

  /** Undoes what the person did, not what the mail service said. */
  resume: (key: string): Promise<boolean> =>
    conditionally(() =>
      dynamoDb.deleteItem({
        TableName: tableName,
        Key: toItem(stopRow(key)),
        ConditionExpression: 'attribute_not_exists(pk) OR because = :own',
        ExpressionAttributeValues: toItem({ ':own': 'unsubscribed' satisfies StopReason }),
      }),
    ),

  keepEvent: async (key: string, { at, id, ...event }: MailEvent): Promise<void> => {
    const row = { pk: addressRow(key), sk: `EVENT#${at}#${id}`, ...event, at, expiresAt: expiry(now()) };
    await dynamoDb.putItem({ TableName: tableName, Item: toItem(row) });
  },

  /**
   * Whether it is the first time within so many hours: of many mails that say the same, one is sent. The job whose mail
   * that is may ask again, since its first attempt may have come to nothing.
   */
  isFirst: (what: string, hours: number, jobId: string): Promise<boolean> => {
    const until = new Date(now().getTime() + hours * 3_600_000);
    const row = { pk: `NOTICE#${what}`, sk: 'NOTICE', jobId, until: until.toISOString(), expiresAt: expiry(until, 1) };
    return conditionally(() =>
      dynamoDb.putItem({
        TableName: tableName,
        Item: toItem(row),
        ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR jobId = :jobId',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: toItem({ ':now': now().toISOString(), ':jobId': jobId }),
      }),
    );
  },
});

const conditionally = async (write: () => Promise<unknown>): Promise<boolean> => {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};
