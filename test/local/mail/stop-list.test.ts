import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dynamoDb } from '../../../core/aws/dynamodb.ts';
import { stopList, type StopList } from '../../../core/mail/stop-list.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';

type Template = { Resources: { MailTable: { Properties: Omit<CreateTableCommandInput, 'TableName'> } } };

const clock = { ms: Date.parse('2026-01-12T16:00:00Z') };
let list: StopList;
let client: DynamoDBClient;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mail-table-'));
  const tables = await createDynamoDb({ folder });
  const template = parse(await readFile('core/mail/table.yml', 'utf8'), { logLevel: 'silent' }) as Template;
  const { AttributeDefinitions, KeySchema, BillingMode } = template.Resources.MailTable.Properties;
  await tables.createTable({ TableName: 'mail', AttributeDefinitions, KeySchema, BillingMode }, 'expiresAt');
  const gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  client = new DynamoDBClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  list = stopList(dynamoDb(client), 'mail', () => new Date(clock.ms));
  closing.push(
    () => rm(folder, { recursive: true }),
    () => tables.close(),
    () => gateway.close(),
    async () => client.destroy(),
  );
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const rows = async () =>
  (await client.send(new ScanCommand({ TableName: 'mail' }))).Items?.map((one) => unmarshall(one));

test('whoever stops the mails gets none until that is taken back, as often as it is asked', async () => {
  expect(await list.find('k1')).toBeUndefined();
  expect(await list.stop('k1', 'unsubscribed')).toBe(true);
  expect(await list.stop('k1', 'unsubscribed')).toBe(false);
  expect(await list.find('k1')).toEqual({ because: 'unsubscribed', at: '2026-01-12T16:00:00.000Z' });
  expect([await list.resume('k1'), await list.resume('k1')]).toEqual([true, true]);
  expect(await list.find('k1')).toBeUndefined();
});

test('what the mail service said cannot be taken back by a link, and the first reason stays', async () => {
  await list.stop('k2', 'bounced');
  await list.stop('k2', 'unsubscribed');
  expect(await list.resume('k2')).toBe(false);
  expect(await list.find('k2')).toMatchObject({ because: 'bounced' });
});

test('an event is kept once, for as long as jobs are', async () => {
  const event = {
    kind: 'bounce',
    id: 'f1',
    at: '2026-01-12T15:00:00Z',
    jobId: 'zoom-1',
    detail: 'Permanent General',
  } as const;
  await list.keepEvent('k3', event);
  await list.keepEvent('k3', event);
  const kept = (await rows())?.filter(({ pk }) => pk === 'ADDRESS#k3');
  expect(kept).toEqual([
    expect.objectContaining({ kind: 'bounce', jobId: 'zoom-1', expiresAt: clock.ms / 1_000 + 400 * 86_400 }),
  ]);
});

test('of many mails that say the same one is the first, within its hours', async () => {
  const asked = await Promise.all(['a', 'b', 'c', 'd'].map((jobId) => list.isFirst('failed-X', 1, jobId)));
  expect(asked.filter(Boolean)).toHaveLength(1);
  const winner = ['a', 'b', 'c', 'd'][asked.indexOf(true)] as string;
  expect(await list.isFirst('failed-X', 1, winner)).toBe(true);
  expect(await list.isFirst('failed-Y', 1, 'b')).toBe(true);
  clock.ms += 3_600_001;
  expect(await list.isFirst('failed-X', 1, 'e')).toBe(true);
});
