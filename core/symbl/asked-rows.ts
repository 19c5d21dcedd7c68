import type { DynamoDb } from '../job/dynamo.ts';
import { expiry, fromItem, toItem } from '../job/items.ts';

/** Notes of work that was, or may have been, sent to the service: it has no names of ours and would start it twice. */
export type Asked = {
  /** Notes it; says whether nobody had. */
  readonly add: (name: string) => Promise<boolean>;
  /** When, in milliseconds since 1970. */
  readonly since: (name: string) => Promise<number | undefined>;
  readonly remove: (name: string) => Promise<void>;
};

const keyOf = (name: string) => ({ pk: `SYMBL#${name}`, sk: 'ASKED' });
const keptDays = 30;

export const askedRows = (
  dynamoDb: Pick<DynamoDb, 'getItem' | 'putItem' | 'deleteItem'>,
  tableName: string,
  now: () => Date = () => new Date(),
): Asked => ({
  add: async (name) => {
    const item = { ...keyOf(name), askedAt: now().getTime(), expiresAt: expiry(now(), keptDays) };
    try {
      await dynamoDb.putItem({
        TableName: tableName,
        Item: toItem(item),
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  },
  since: async (name) => {
    const { Item } = await dynamoDb.getItem({ TableName: tableName, Key: toItem(keyOf(name)), ConsistentRead: true });
    return Item && Number(fromItem(Item).askedAt);
  },
  remove: async (name) => {
    await dynamoDb.deleteItem({ TableName: tableName, Key: toItem(keyOf(name)) });
  },
});
