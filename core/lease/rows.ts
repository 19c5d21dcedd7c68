import type { DynamoDb } from '../job/dynamo.ts';
import { fromItem, toItem, type Item } from '../job/items.ts';
import { lease, type Lease, type LeaseRows } from './lease.ts';

const keyOf = ({ driver, slot }: Pick<Lease, 'driver' | 'slot'>) => ({
  pk: `LEASE#${driver}`,
  sk: `SLOT#${String(slot).padStart(6, '0')}`,
});

const asRead = 'holder = :holder AND acquiredAt = :acquiredAt AND renewals = :renewals';
const readValues = ({ holder, acquiredAt, renewals }: Lease) => ({
  ':holder': holder,
  ':acquiredAt': acquiredAt,
  ':renewals': renewals,
});

/** Says whether the condition held. */
const held = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};

type Needed = Pick<DynamoDb, 'query' | 'putItem' | 'updateItem' | 'deleteItem'>;

/**
 * Leases in DynamoDB, one item a slot. Without a time to live: it would free a place nobody has asked the provider about.
 * A write that DynamoDB did and whose answer was lost is refused when the SDK repeats it; the caller then reads again.
 */
export const leaseRows = (dynamoDb: Needed, tableName: string): LeaseRows => ({
  list: async (driver) => {
    const found: Lease[] = [];
    for (let start: Item | undefined; ;) {
      const page = await dynamoDb.query({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: toItem({ ':pk': keyOf({ driver, slot: 0 }).pk }),
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      found.push(...(page.Items ?? []).map((item) => lease.parse(fromItem(item))));
      if (!page.LastEvaluatedKey) return found;
      start = page.LastEvaluatedKey;
    }
  },

  add: (row) =>
    held(
      dynamoDb.putItem({
        TableName: tableName,
        Item: toItem({ ...keyOf(row), ...row }),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),

  renew: (row, until) =>
    held(
      dynamoDb.updateItem({
        TableName: tableName,
        Key: toItem(keyOf(row)),
        UpdateExpression: 'SET #until = :until, renewals = :next',
        ConditionExpression: asRead,
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: toItem({ ...readValues(row), ':until': until, ':next': row.renewals + 1 }),
      }),
    ),

  remove: (row) =>
    held(
      dynamoDb.deleteItem({
        TableName: tableName,
        Key: toItem(keyOf(row)),
        ConditionExpression: asRead,
        ExpressionAttributeValues: toItem(readValues(row)),
      }),
    ),
});
