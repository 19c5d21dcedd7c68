import { isDeepStrictEqual } from 'node:util';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Operations, Service } from '../gateway/service.ts';
import { openEngine, type Engine, type Item, type Met } from './engine.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';
import { attributeOf, deleteExpired, describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { forgetTokens, transactGet, transactWrite } from './transactions.ts';

export interface DynamoDb {
  readonly service: Service;
  /** Takes the input of CreateTable; a table that is there already must have the same keys and indexes. */
  createTable(input: Item & { TableName: string }, ttlAttribute?: string): Promise<void>;
  /** Deletes expired items now. Happens by itself once a minute. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface DynamoDbOptions {
  readonly folder: string;
  readonly clock?: Clock;
}

const sweepInterval = 60_000;
const reads = ['BatchGetItem', 'DescribeTable', 'GetItem', 'ListTables', 'ListTagsOfResource', 'Query', 'Scan'];
const itemWrites = ['PutItem', 'UpdateItem', 'DeleteItem'];
const tableWrites = ['CreateTable', 'DeleteTable', 'TagResource', 'UntagResource'];
const refused = [
  'ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction', 'UpdateTable', 'CreateBackup', 'DescribeContinuousBackups',
  'UpdateContinuousBackups', 'ExportTableToPointInTime', 'ImportTable', 'CreateGlobalTable', 'EnableKinesisStreamingDestination',
]; // prettier-ignore

/** DynamoDB on dynalite's tables, with transactions, expiry and old items on failed conditions added. */
export const createDynamoDb = async ({ folder, clock = systemClock }: DynamoDbOptions): Promise<DynamoDb> => {
  const engine = await openEngine(folder);
  const exclusively = oneAtATime();

  const write = (operation: string, input: Item): Promise<Item> =>
    exclusively(async () => {
      const { ReturnValuesOnConditionCheckFailure: returned, ...request } = input;
      const met: Met = { items: [] };
      const staged = await engine.stage(operation, request, met).catch((error: unknown) => {
        if (returned !== 'ALL_OLD' || !met.existing || !(error instanceof AwsError)) throw error;
        if (error.code !== 'ConditionalCheckFailedException') throw error;
        throw new AwsError(error.code, error.message, error.status, { Item: met.existing });
      });
      if (staged.changes.length > 0) await engine.db.batch(staged.changes);
      return staged.output;
    });

  const sweep = async (): Promise<void> => {
    await deleteExpired(engine, clock.now(), write);
    await exclusively(() => forgetTokens(engine, clock.now()));
  };

  const operations: Operations = {
    ...Object.fromEntries(reads.map((name) => [name, (input: Item) => engine.run(name, input)])),
    ...Object.fromEntries(itemWrites.map((name) => [name, (input: Item) => write(name, input)])),
    ...Object.fromEntries(
      tableWrites.map((name) => [name, (input: Item) => exclusively(() => engine.run(name, input))]),
    ),
    ...Object.fromEntries(
      refused.map((name) => [name, () => Promise.reject(notSupported(`The DynamoDB operation ${name}`))]),
    ),
    BatchWriteItem: (input: Item) => write('BatchWriteItem', input),
    TransactWriteItems: (input: Item) => exclusively(() => transactWrite(engine, input, clock.now())),
    TransactGetItems: (input: Item) => exclusively(() => transactGet(engine, input)),
    DescribeTimeToLive: (input: Item) => describeTimeToLive(engine, input),
    UpdateTimeToLive: (input: Item) => exclusively(() => updateTimeToLive(engine, input)),
    DescribeEndpoints: () => Promise.reject(notSupported('The DynamoDB operation DescribeEndpoints')),
  };

  const stop = new AbortController();
  const sweeping = sweepForever(clock, sweep, stop.signal);
  return {
    service: jsonService({ prefix: 'DynamoDB_20120810', version: '1.0', operations }),
    createTable: (input, ttlAttribute) => exclusively(() => createTable(engine, input, ttlAttribute)),
    sweep,
    close: async () => {
      stop.abort();
      await sweeping;
      await exclusively(() => engine.close());
    },
  };
};

const sweepForever = async (clock: Clock, sweep: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  for (;;) {
    try {
      await clock.sleep(sweepInterval, signal);
      await sweep();
    } catch (error) {
      if (signal.aborted) return;
      console.error('Deleting expired DynamoDB items failed; it is tried again in a minute.', error);
    }
  }
};

const describe = async (engine: Engine, TableName: string): Promise<Item | undefined> =>
  engine.run('DescribeTable', { TableName }).then(
    (output) => output['Table'] as Item,
    (error: unknown) => {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    },
  );

const byName = (member: string) => (left: Item, right: Item) =>
  String(left[member]).localeCompare(String(right[member]));

/** What cannot be changed under stored items. */
const shapeOf = (table: Item): unknown => ({
  keys: table['KeySchema'],
  attributes: [...((table['AttributeDefinitions'] ?? []) as Item[])].sort(byName('AttributeName')),
  ...Object.fromEntries(
    ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'].map((kind) => [
      kind,
      ((table[kind] ?? []) as Item[])
        .map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }))
        .sort(byName('IndexName')),
    ]),
  ),
});

const createTable = async (
  engine: Engine,
  input: Item & { TableName: string },
  ttlAttribute: string | undefined,
): Promise<void> => {
  const name = input.TableName;
  const existing = await describe(engine, name);
  if (!existing) {
    await engine.run('CreateTable', input);
  } else if (!isDeepStrictEqual(shapeOf(existing), shapeOf(input))) {
    throw new Error(
      `The stored table ${name} has other keys or indexes than the template. Start afresh with: npm run local:reset`,
    );
  }
  // A table becomes active a moment after it was created; a kill in that moment leaves it to be said again.
  const key = `table~${name}`;
  const stored = (await engine.db.get(key)) as Item & { GlobalSecondaryIndexes?: Item[] };
  if (stored['TableStatus'] !== 'ACTIVE') {
    for (const index of stored.GlobalSecondaryIndexes ?? []) index['IndexStatus'] = 'ACTIVE';
    await engine.db.put(key, { ...stored, TableStatus: 'ACTIVE' });
  }
  const current = await attributeOf(engine, name);
  if (ttlAttribute === undefined || current === ttlAttribute) return;
  if (current !== undefined)
    throw new Error(
      `The stored table ${name} expires by ${current}, not by ${ttlAttribute}. Start afresh with: npm run local:reset`,
    );
  await updateTimeToLive(engine, {
    TableName: name,
    TimeToLiveSpecification: { Enabled: true, AttributeName: ttlAttribute },
  });
};
