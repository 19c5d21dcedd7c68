import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dynamoDb } from '../../../core/aws/dynamodb.ts';
import type { Lease, LeaseRows } from '../../../core/lease/lease.ts';
import { openLeases } from '../../../core/lease/leases.ts';
import { leaseRows } from '../../../core/lease/rows.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { fakeLeaseRows } from '../../fakes/lease-rows.ts';

type Template = { Resources: { LeaseTable: { Properties: Omit<CreateTableCommandInput, 'TableName'> } } };

let started: { client: DynamoDBClient; close: () => Promise<void> };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leases-'));
  const tables = await createDynamoDb({ folder });
  const template = parse(await readFile('core/lease/table.yml', 'utf8'), { logLevel: 'silent' }) as Template;
  const { AttributeDefinitions, KeySchema, BillingMode } = template.Resources.LeaseTable.Properties;
  await tables.createTable({ TableName: 'leases', AttributeDefinitions, KeySchema, BillingMode });
  const gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  const client = new DynamoDBClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  started = {
    client,
    close: async () => {
      client.destroy();
      await gateway.close();
      await tables.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
afterAll(() => started.close());

let drivers = 0;
let driver: string;
beforeEach(() => {
  drivers += 1;
  driver = `driver-${drivers}`;
});

const open = {
  'in memory': () => fakeLeaseRows(),
  'on DynamoDB': () => leaseRows(dynamoDb(started.client), 'leases'),
};

describe.each(['in memory', 'on DynamoDB'] as const)('the rows of leases %s', (kind) => {
  let rows: LeaseRows;
  const row = (about: Partial<Lease> = {}): Lease => ({
    ...{ driver, slot: 0, holder: 'a', acquiredAt: 1_000, until: 2_000, renewals: 0 },
    ...about,
  });
  beforeEach(() => {
    rows = open[kind]();
  });

  test('hold one holder a slot, each driver for itself', async () => {
    expect(await rows.add(row())).toBe(true);
    expect(await rows.add(row({ holder: 'b' }))).toBe(false);
    expect(await rows.add(row({ slot: 1, holder: 'b' }))).toBe(true);
    expect(await rows.add(row({ driver: `${driver}-other` }))).toBe(true);
    const found = await rows.list(driver);
    expect(found.sort((one, other) => one.slot - other.slot)).toEqual([row(), row({ slot: 1, holder: 'b' })]);
  });

  test('are renewed and removed as they were read, and not otherwise', async () => {
    await rows.add(row());
    expect(await rows.renew(row(), 5_000)).toBe(true);
    expect(await rows.renew(row(), 6_000)).toBe(false);
    expect(await rows.remove(row())).toBe(false);
    const renewed = row({ until: 5_000, renewals: 1 });
    expect(await rows.list(driver)).toEqual([renewed]);
    for (const other of [{ holder: 'b' }, { acquiredAt: 999 }])
      expect(await rows.remove({ ...renewed, ...other })).toBe(false);
    expect(await rows.remove(renewed)).toBe(true);
    expect(await rows.remove(renewed)).toBe(false);
    expect(await rows.renew(renewed, 7_000)).toBe(false);
    expect(await rows.list(driver)).toEqual([]);
  });

  test('let no more in than the cap when all come at once', async () => {
    const leases = openLeases(rows, { driver, cap: 3, windowMs: 60_000 }, () => 1_000);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const got = await Promise.all(names.map((holder) => leases.acquire(holder)));
    expect(got.filter((one) => one !== 'full')).toHaveLength(3);
    expect(await rows.list(driver)).toHaveLength(3);
  });
});
