import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jobsTable, newFolder, openTables, removeFolder, type LocalTables } from './local-tables.ts';

let folder: string;
let local: LocalTables;
beforeAll(async () => {
  folder = await newFolder();
  local = await openTables(folder);
});
afterAll(async () => {
  await local.close();
  await removeFolder(folder);
});

const key = (pk: string, sk = 'x') => marshall({ pk, sk });
const put = (item: Record<string, unknown>) =>
  local.client.send(new PutItemCommand({ TableName: 'jobs', Item: marshall(item) }));
const get = async (pk: string, sk?: string) => {
  const { Item } = await local.client.send(
    new GetItemCommand({ TableName: 'jobs', Key: key(pk, sk), ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
};

describe('items', () => {
  test('are put, read, updated and deleted', async () => {
    await put({ pk: 'one', sk: 'x', n: 1, nested: { list: [1, 'two', null], flag: true } });
    expect(await get('one')).toEqual({ pk: 'one', sk: 'x', n: 1, nested: { list: [1, 'two', null], flag: true } });
    const { Attributes } = await local.client.send(
      new UpdateItemCommand({
        TableName: 'jobs',
        Key: key('one'),
        ReturnValues: 'ALL_NEW',
        UpdateExpression:
          'SET nested.#list[0] = :five, absent = if_not_exists(absent, :five) ADD n :five REMOVE nested.flag',
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: marshall({ ':five': 5 }),
      }),
    );
    expect(unmarshall(Attributes!)).toEqual({
      pk: 'one',
      sk: 'x',
      n: 6,
      absent: 5,
      nested: { list: [5, 'two', null] },
    });
    await local.client.send(new DeleteItemCommand({ TableName: 'jobs', Key: key('one') }));
    expect(await get('one')).toBeUndefined();
  });

  test('are counted right by 100 writers at once', async () => {
    const add = new UpdateItemCommand({
      TableName: 'jobs',
      Key: key('counter'),
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: marshall({ ':one': 1 }),
    });
    await Promise.all(Array.from({ length: 100 }, () => local.client.send(add)));
    expect(await get('counter')).toMatchObject({ n: 100 });
  });

  test('are won by one of many conditional writers', async () => {
    const claim = (by: number) =>
      local.client
        .send(
          new PutItemCommand({
            TableName: 'jobs',
            Item: marshall({ pk: 'lease', sk: 'x', by }),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        )
        .then(
          () => true,
          (error: Error) => error.name,
        );
    const results = await Promise.all(Array.from({ length: 20 }, (_, by) => claim(by)));
    expect(results.filter((result) => result === true)).toHaveLength(1);
    expect(new Set(results)).toEqual(new Set([true, 'ConditionalCheckFailedException']));
  });

  test('are returned with a failed condition when that is asked for', async () => {
    await put({ pk: 'old', sk: 'x', by: 'somebody' });
    const commands = (returned: 'ALL_OLD' | 'NONE') => [
      new PutItemCommand({
        TableName: 'jobs',
        Item: key('old'),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: returned,
      }),
      new DeleteItemCommand({
        TableName: 'jobs',
        Key: key('old'),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: returned,
      }),
      new UpdateItemCommand({
        TableName: 'jobs',
        Key: key('old'),
        UpdateExpression: 'REMOVE #by',
        ExpressionAttributeNames: { '#by': 'by' },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: returned,
      }),
    ];
    for (const command of commands('ALL_OLD')) {
      await expect(local.client.send(command as PutItemCommand)).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
        Item: marshall({ pk: 'old', sk: 'x', by: 'somebody' }),
      });
    }
    for (const command of commands('NONE')) {
      const error = await local.client
        .send(command as PutItemCommand)
        .catch((caught: unknown) => caught as { Item?: unknown });
      expect((error as { Item?: unknown }).Item).toBeUndefined();
    }
  });

  test('may not be larger than 400 KB', async () => {
    await expect(put({ pk: 'big', sk: 'x', text: 'x'.repeat(400 * 1024) })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Item size has exceeded the maximum allowed size',
    });
  });

  test('are written and read in batches', async () => {
    const items = Array.from({ length: 25 }, (_, n) => ({ pk: 'batch', sk: String(n).padStart(2, '0'), n }));
    await local.client.send(
      new BatchWriteItemCommand({
        RequestItems: { jobs: items.map((item) => ({ PutRequest: { Item: marshall(item) } })) },
      }),
    );
    const { Responses } = await local.client.send(
      new BatchGetItemCommand({ RequestItems: { jobs: { Keys: items.map(({ pk, sk }) => key(pk, sk)) } } }),
    );
    expect(Responses?.['jobs']).toHaveLength(25);
  });
});

describe('queries', () => {
  test('page through a partition in order, both ways, and filter', async () => {
    for (let n = 0; n < 5; n++) await put({ pk: 'page', sk: `s${n}`, n });
    const pages: number[][] = [];
    let from: Record<string, never> | undefined;
    do {
      const page = await local.client.send(
        new QueryCommand({
          TableName: 'jobs',
          Limit: 2,
          ScanIndexForward: false,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': 'page' }),
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      pages.push(page.Items!.map((item) => unmarshall(item)['n'] as number));
      from = page.LastEvaluatedKey as typeof from;
    } while (from);
    expect(pages).toEqual([[4, 3], [2, 1], [0]]);
  });

  test('of an index follow every write', async () => {
    const byStatus = async (status: string) => {
      const { Items } = await local.client.send(
        new QueryCommand({
          TableName: 'jobs',
          IndexName: 'by-status',
          KeyConditionExpression: '#s = :s',
          ExpressionAttributeNames: { '#s': 'status' },
          ExpressionAttributeValues: marshall({ ':s': status }),
        }),
      );
      return Items!.map((item) => unmarshall(item)['pk'] as string);
    };
    await put({ pk: 'i1', sk: 'a', status: 'open' });
    await put({ pk: 'i2', sk: 'b', status: 'open' });
    await put({ pk: 'i3', sk: 'c' });
    expect(await byStatus('open')).toEqual(['i1', 'i2']);
    await local.client.send(
      new UpdateItemCommand({
        TableName: 'jobs',
        Key: key('i1', 'a'),
        UpdateExpression: 'SET #s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: marshall({ ':s': 'done' }),
      }),
    );
    await local.client.send(new DeleteItemCommand({ TableName: 'jobs', Key: key('i2', 'b') }));
    expect([await byStatus('open'), await byStatus('done')]).toEqual([[], ['i1']]);
  });

  test('scan a whole table', async () => {
    const { Items } = await local.client.send(
      new ScanCommand({
        TableName: 'jobs',
        FilterExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': 'page' }),
      }),
    );
    expect(Items).toHaveLength(5);
  });
});

describe('tables', () => {
  test('are listed and described', async () => {
    expect((await local.client.send(new ListTablesCommand({}))).TableNames).toEqual(['jobs']);
    const { Table } = await local.client.send(new DescribeTableCommand({ TableName: 'jobs' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/jobs',
      GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE' }],
    });
  });

  test('are created again without harm, unless their keys differ', async () => {
    await put({ pk: 'kept', sk: 'x' });
    await local.tables.createTable(jobsTable, 'expiresAt');
    expect(await get('kept')).toBeDefined();
    await expect(local.tables.createTable({ ...jobsTable, GlobalSecondaryIndexes: [] })).rejects.toThrow(
      'The stored table jobs has other keys or indexes than the template',
    );
  });

  test('are created and deleted by the SDK, but not twice', async () => {
    const create = new CreateTableCommand({
      ...jobsTable,
      TableName: 'more',
      SSESpecification: { Enabled: true },
      StreamSpecification: { StreamEnabled: false },
    });
    await local.client.send(create);
    await expect(local.client.send(create)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await local.tables.createTable({ ...jobsTable, TableName: 'more' });
    await local.client.send(new DeleteTableCommand({ TableName: 'more' }));
  });
});

describe('what is not there is refused by name:', () => {
  test.each([
    ['PartiQL', new ExecuteStatementCommand({ Statement: 'SELECT 1' }), 'The DynamoDB operation ExecuteStatement'],
    ['UpdateTable', new UpdateTableCommand({ TableName: 'jobs' }), 'The DynamoDB operation UpdateTable'],
    [
      'streams',
      new CreateTableCommand({ ...jobsTable, TableName: 'streamed', StreamSpecification: { StreamEnabled: true } }),
      "The member StreamSpecification of DynamoDB's CreateTable",
    ],
  ])('%s', async (_, command, sentence) => {
    await expect(local.client.send(command as ExecuteStatementCommand)).rejects.toMatchObject({
      name: 'NotSupportedByLocalCloud',
      message: expect.stringContaining(sentence),
    });
  });

  test('a table', async () => {
    await expect(local.client.send(new GetItemCommand({ TableName: 'nowhere', Key: key('a') }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
