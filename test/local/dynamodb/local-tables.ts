import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import type { Clock } from '../../../local/gateway/clock.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';

/** A clock that a test moves. Whoever sleeps on it sleeps until the end. */
export const stoppedClock = (): Clock & { now: () => number; move: (milliseconds: number) => void } => {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    move: (milliseconds) => (offset += milliseconds),
    sleep: (_, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
      ),
  };
};

export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'local-cloud-'));

/** Jobs as the tests know them: a key of two parts, one index, and an expiry. */
export const jobsTable = {
  TableName: 'jobs',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'S' as const },
    { AttributeName: 'status', AttributeType: 'S' as const },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-status',
      KeySchema: [
        { AttributeName: 'status', KeyType: 'HASH' as const },
        { AttributeName: 'sk', KeyType: 'RANGE' as const },
      ],
      Projection: { ProjectionType: 'ALL' as const },
    },
  ],
};

export interface LocalTables {
  readonly client: DynamoDBClient;
  readonly tables: DynamoDb;
  readonly clock: ReturnType<typeof stoppedClock>;
  close(): Promise<void>;
}

export const openTables = async (folder: string): Promise<LocalTables> => {
  const clock = stoppedClock();
  const tables = await createDynamoDb({ folder, clock });
  await tables.createTable(jobsTable, 'expiresAt');
  const gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  const client = new DynamoDBClient({
    endpoint: gateway.url,
    region: localRegion,
    credentials: localCredentials,
    maxAttempts: 1,
  });
  return {
    client,
    tables,
    clock,
    close: async () => {
      client.destroy();
      await gateway.close();
      await tables.close();
    },
  };
};

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
