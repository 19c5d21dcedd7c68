import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dynamoDb } from '../../../core/aws/dynamodb.ts';
import { askedRows, type Asked } from '../../../core/symbl/asked-rows.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';

const now = () => new Date('2026-01-12T16:10:00Z');
let asked: Asked;
let close: () => Promise<void>;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'asked-rows-'));
  const tables = await createDynamoDb({ folder });
  await tables.createTable({
    TableName: 'jobs',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  const gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  const client = new DynamoDBClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  asked = askedRows(dynamoDb(client), 'jobs', now);
  close = async () => {
    client.destroy();
    await gateway.close();
    await tables.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

test('what was sent to a service is noted once, by whoever comes first, until it is known that nothing came of it', async () => {
  const name = 'rapporteur-dev.zoom-1.work.1';
  expect(await asked.since(name)).toBeUndefined();
  expect(await Promise.all([asked.add(name), asked.add(name), asked.add(name)]).then((all) => all.filter(Boolean))).toEqual([true]);
  expect(await asked.since(name)).toBe(now().getTime());
  expect(await asked.add('rapporteur-dev.zoom-1.work.2')).toBe(true);
  await asked.remove(name);
  await asked.remove(name);
  expect(await asked.since(name)).toBeUndefined();
  expect(await asked.add(name)).toBe(true);
}); // prettier-ignore
