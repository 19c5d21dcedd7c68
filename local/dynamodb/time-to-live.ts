import { AwsError } from '../gateway/aws-error.ts';
import type { Engine, Item } from './engine.ts';

const prefix = 'time-to-live~';
/** DynamoDB takes a time further back for a mistake, and leaves the item. */
const oldest = 5 * 365 * 24 * 3600;

export const attributeOf = async (engine: Engine, table: string): Promise<string | undefined> =>
  ((await engine.db.get(prefix + table)) as { attribute: string } | undefined)?.attribute;

export const describeTimeToLive = async (engine: Engine, input: Item): Promise<Item> => {
  await engine.run('DescribeTable', { TableName: input['TableName'] });
  const attribute = await attributeOf(engine, input['TableName'] as string);
  return {
    TimeToLiveDescription:
      attribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
  };
};

export const updateTimeToLive = async (engine: Engine, input: Item): Promise<Item> => {
  await engine.run('DescribeTable', { TableName: input['TableName'] });
  const table = input['TableName'] as string;
  const wanted = input['TimeToLiveSpecification'] as { Enabled?: unknown; AttributeName?: unknown } | undefined;
  if (typeof wanted?.Enabled !== 'boolean' || typeof wanted.AttributeName !== 'string' || wanted.AttributeName === '') {
    throw new AwsError('ValidationException', "TimeToLiveSpecification needs 'Enabled' and 'AttributeName'.");
  }
  const current = await attributeOf(engine, table);
  if (wanted.Enabled && current === wanted.AttributeName)
    throw new AwsError('ValidationException', 'TimeToLive is already enabled');
  if (wanted.Enabled && current !== undefined) {
    throw new AwsError(
      'ValidationException',
      `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`,
    );
  }
  if (!wanted.Enabled && current === undefined)
    throw new AwsError('ValidationException', 'TimeToLive is already disabled');
  await engine.db.batch([
    wanted.Enabled
      ? { type: 'put', key: prefix + table, value: { attribute: wanted.AttributeName } }
      : { type: 'del', key: prefix + table },
  ]);
  return { TimeToLiveSpecification: wanted };
};

/** Deletes what has expired. `write` is the caller's: it keeps other writers out and conditions intact. */
export const deleteExpired = async (
  engine: Engine,
  now: number,
  write: (operation: string, input: Item) => Promise<Item>,
): Promise<void> => {
  const seconds = Math.floor(now / 1000);
  for await (const [key, value] of engine.db.iterator({ gte: prefix, lt: `${prefix}\uffff` })) {
    const TableName = key.slice(prefix.length);
    const expired = {
      ExpressionAttributeNames: { '#expires': (value as { attribute: string }).attribute },
      ExpressionAttributeValues: { ':now': { N: String(seconds) }, ':oldest': { N: String(seconds - oldest) } },
    };
    const condition = '#expires < :now AND #expires > :oldest';
    const description = (await engine.run('DescribeTable', { TableName }))['Table'] as {
      KeySchema: { AttributeName: string }[];
    };
    let from: unknown;
    do {
      const page = await engine.run('Scan', {
        TableName,
        FilterExpression: condition,
        ...expired,
        ...(from !== undefined && { ExclusiveStartKey: from }),
      });
      for (const item of page['Items'] as Item[]) {
        const Key = Object.fromEntries(
          description.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
        );
        // Only if it still is expired: it may have been written since the scan.
        await write('DeleteItem', { TableName, Key, ConditionExpression: condition, ...expired }).catch(
          (error: unknown) => {
            if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
          },
        );
      }
      from = page['LastEvaluatedKey'];
    } while (from !== undefined);
  }
};
