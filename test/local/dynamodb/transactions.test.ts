import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newFolder, openTables, removeFolder, type LocalTables } from './local-tables.ts';

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

let partition = 0;
beforeEach(() => {
  partition += 1;
});

const TableName = 'jobs';
const key = (sk: string) => marshall({ pk: `p${partition}`, sk });
const item = (sk: string, rest: Record<string, unknown> = {}) => marshall({ pk: `p${partition}`, sk, ...rest });
const get = async (sk: string) => {
  const { Item } = await local.client.send(new GetItemCommand({ TableName, Key: key(sk) }));
  return Item && unmarshall(Item);
};
const transact = (TransactItems: TransactWriteItem[], rest: Partial<TransactWriteItemsCommandInput> = {}) =>
  local.client.send(new TransactWriteItemsCommand({ TransactItems, ...rest }));
const put = (sk: string, rest?: Record<string, unknown>): TransactWriteItem => ({
  Put: { TableName, Item: item(sk, rest) },
});
const fresh = (sk: string): TransactWriteItem => ({
  Put: { TableName, Item: item(sk), ConditionExpression: 'attribute_not_exists(pk)' },
});
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Error & { CancellationReasons?: unknown },
  );

describe('a transaction', () => {
  test('puts, updates, deletes and checks together', async () => {
    await transact([put('a', { n: 1 }), put('b'), put('c', { ready: true })]);
    await transact([
      {
        Update: {
          TableName,
          Key: key('a'),
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: marshall({ ':one': 1 }),
        },
      },
      { Delete: { TableName, Key: key('b') } },
      {
        ConditionCheck: {
          TableName,
          Key: key('c'),
          ConditionExpression: 'ready = :yes',
          ExpressionAttributeValues: marshall({ ':yes': true }),
        },
      },
      put('d'),
    ]);
    expect(await get('a')).toMatchObject({ n: 2 });
    expect(await get('b')).toBeUndefined();
    expect(await get('c')).toMatchObject({ ready: true });
    expect(await get('d')).toBeDefined();
  });

  test('does nothing at all when one condition fails, and says which', async () => {
    await transact([put('taken', { by: 'me', status: 'open' })]);
    const error = await failure(
      transact([
        put('before', { status: 'open' }),
        {
          Put: {
            TableName,
            Item: item('taken'),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Delete: {
            TableName,
            Key: key('taken2'),
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ]),
    );
    expect(error).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: item('taken', { by: 'me', status: 'open' }),
        },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      ],
    });
    expect(await get('before')).toBeUndefined();
    const { Items } = await local.client.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-status',
        KeyConditionExpression: '#s = :open',
        FilterExpression: 'pk = :pk',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: marshall({ ':open': 'open', ':pk': `p${partition}` }),
      }),
    );
    expect(Items).toHaveLength(1);
  });

  test('is cancelled by an update that does not fit the item', async () => {
    await transact([put('text', { n: 'text' })]);
    const add: TransactWriteItem = {
      Update: {
        TableName,
        Key: key('text'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: marshall({ ':one': 1 }),
      },
    };
    expect(await failure(transact([put('other'), add]))).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ValidationError', Message: 'An operand in the update expression has an incorrect data type' },
      ],
    });
    expect(await get('other')).toBeUndefined();
  });

  test('is won by one of many', async () => {
    const results = await Promise.all(Array.from({ length: 15 }, () => failure(transact([fresh('x'), fresh('y')]))));
    expect(results.filter((result) => result === undefined)).toHaveLength(1);
  });

  test('keeps a sum whoever else writes and reads', async () => {
    await transact([put('from', { n: 100 }), put('to', { n: 0 })]);
    const move = (): Promise<unknown> =>
      transact([
        {
          Update: {
            TableName,
            Key: key('from'),
            UpdateExpression: 'ADD n :less',
            ExpressionAttributeValues: marshall({ ':less': -1 }),
          },
        },
        {
          Update: {
            TableName,
            Key: key('to'),
            UpdateExpression: 'ADD n :more',
            ExpressionAttributeValues: marshall({ ':more': 1 }),
          },
        },
      ]);
    const sum = async (): Promise<number> => {
      const { Responses } = await local.client.send(
        new TransactGetItemsCommand({
          TransactItems: ['from', 'to'].map((sk) => ({ Get: { TableName, Key: key(sk) } })),
        }),
      );
      return Responses!.reduce((total, { Item }) => total + (unmarshall(Item!)['n'] as number), 0);
    };
    const work = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? move() : sum()));
    const sums = (await Promise.all(work)).filter((result) => typeof result === 'number');
    expect(new Set(sums)).toEqual(new Set([100]));
    expect(await get('to')).toMatchObject({ n: 20 });
  });

  test('with the same token is done once, for ten minutes', async () => {
    const add: TransactWriteItem = {
      Update: {
        TableName,
        Key: key('counted'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: marshall({ ':one': 1 }),
      },
    };
    const ClientRequestToken = `token-${partition}`;
    await transact([add], { ClientRequestToken });
    await transact([add], { ClientRequestToken });
    expect(await get('counted')).toMatchObject({ n: 1 });
    expect(await failure(transact([add, put('more')], { ClientRequestToken }))).toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    local.clock.move(10 * 60_000 + 1);
    await local.tables.sweep();
    await transact([add], { ClientRequestToken });
    expect(await get('counted')).toMatchObject({ n: 2 });
  });
});

describe('a transaction is refused', () => {
  const cases: [string, () => TransactWriteItem[], string, string][] = [
    ['without items', () => [], 'ValidationException', 'greater than or equal to 1'],
    [
      'with more than 100 items',
      () => Array.from({ length: 101 }, (_, n) => put(`n${n}`)),
      'ValidationException',
      'less than or equal to 100',
    ],
    [
      'with two operations on one item',
      () => [put('twice'), { Delete: { TableName, Key: key('twice') } }],
      'ValidationException',
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'with two operations in one entry',
      () => [{ ...put('a'), Delete: { TableName, Key: key('b') } }],
      'ValidationException',
      'can only contain one of',
    ],
    [
      'with a broken expression',
      () => [{ ConditionCheck: { TableName, Key: key('a'), ConditionExpression: 'nonsense(' } }],
      'ValidationException',
      'ConditionExpression',
    ],
    [
      'with a check that checks nothing',
      () => [{ ConditionCheck: { TableName, Key: key('a'), ConditionExpression: undefined } }],
      'ValidationException',
      'ConditionExpression',
    ],
    [
      'on an unknown table',
      () => [{ Put: { TableName: 'nowhere', Item: item('a') } }],
      'ResourceNotFoundException',
      'not found',
    ],
  ];
  test.each(cases)('%s', async (_, items, name, message) => {
    expect(await failure(transact(items()))).toMatchObject({ name, message: expect.stringContaining(message) });
  });

  test('when its key does not fit the table', async () => {
    expect(
      await failure(transact([put('fits'), { Delete: { TableName, Key: marshall({ pk: 'only' }) } }])),
    ).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    });
  });
});

test('100 items go in one transaction', async () => {
  await transact(Array.from({ length: 100 }, (_, n) => put(`n${n}`)));
  expect(await get('n99')).toBeDefined();
});

test('random transactions end as a simple model says', async () => {
  const action = fc.record({
    kind: fc.constantFrom('put', 'fresh', 'delete', 'existing', 'add'),
    sk: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  const transaction = fc.uniqueArray(action, { selector: ({ sk }) => sk, minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { maxLength: 8 }), async (transactions) => {
      partition += 1;
      let model = new Map<string, number>();
      for (const actions of transactions) {
        const next = new Map(model);
        let fails = false;
        const items = actions.map(({ kind, sk }): TransactWriteItem => {
          if (kind === 'fresh') fails ||= model.has(sk);
          if (kind === 'existing') fails ||= !model.has(sk);
          if (kind === 'put' || kind === 'fresh') next.set(sk, 0);
          if (kind === 'delete') next.delete(sk);
          if (kind === 'add') next.set(sk, (model.get(sk) ?? 0) + 1);
          if (kind === 'put') return put(sk, { n: 0 });
          if (kind === 'fresh')
            return { Put: { TableName, Item: item(sk, { n: 0 }), ConditionExpression: 'attribute_not_exists(pk)' } };
          if (kind === 'delete') return { Delete: { TableName, Key: key(sk) } };
          if (kind === 'add')
            return {
              Update: {
                TableName,
                Key: key(sk),
                UpdateExpression: 'ADD n :one',
                ExpressionAttributeValues: marshall({ ':one': 1 }),
              },
            };
          return { ConditionCheck: { TableName, Key: key(sk), ConditionExpression: 'attribute_exists(pk)' } };
        });
        const error = await failure(transact(items));
        expect(error?.name).toBe(fails ? 'TransactionCanceledException' : undefined);
        if (!fails) model = next;
      }
      const { Items } = await local.client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': `p${partition}` }),
        }),
      );
      expect(new Map(Items!.map((each) => unmarshall(each)).map((each) => [each['sk'], each['n']]))).toEqual(
        new Map([...model].sort()),
      );
    }),
    { numRuns: 40 },
  );
});

test('single writes and transactions on the same item do not lose each other', async () => {
  await local.client.send(new PutItemCommand({ TableName, Item: item('both', { n: 0 }) }));
  const add = {
    TableName,
    Key: key('both'),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: marshall({ ':one': 1 }),
  };
  await Promise.all(Array.from({ length: 30 }, () => transact([{ Update: add }])));
  expect(await get('both')).toMatchObject({ n: 30 });
});
