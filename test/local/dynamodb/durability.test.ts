import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { openEngine } from '../../../local/dynamodb/engine.ts';
import { jobsTable, newFolder, openTables, removeFolder, stoppedClock, type LocalTables } from './local-tables.ts';

let folder: string;
const open: LocalTables[] = [];
const start = async (): Promise<LocalTables> => {
  const local = await openTables(folder);
  open.push(local);
  return local;
};
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((local) => local.close()));
  await removeFolder(folder);
});

test('items, tables and expiry are there again after a restart', async () => {
  const first = await start();
  await first.client.send(new PutItemCommand({ TableName: 'jobs', Item: marshall({ pk: 'a', sk: 'b' }) }));
  await open.pop()!.close();
  const { client } = await start();
  expect(
    (await client.send(new GetItemCommand({ TableName: 'jobs', Key: marshall({ pk: 'a', sk: 'b' }) }))).Item,
  ).toBeDefined();
  expect((await client.send(new DescribeTimeToLiveCommand({ TableName: 'jobs' }))).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: 'ENABLED',
    AttributeName: 'expiresAt',
  });
});

test('what is being read when the tables are closed is read to its end', async () => {
  const engine = await openEngine(folder);
  const table = { ...jobsTable, BillingMode: 'PAY_PER_REQUEST' } as unknown as Record<string, unknown>;
  await engine.run('CreateTable', table);
  const created = async () =>
    (await engine.run('DescribeTable', { TableName: 'jobs' })).Table as { TableStatus: string };
  while ((await created()).TableStatus !== 'ACTIVE') await new Promise((resolve) => setImmediate(resolve));
  for (let index = 0; index < 300; index += 1)
    await engine.run('PutItem', { TableName: 'jobs', Item: marshall({ pk: `job-${index}`, sk: 'JOB' }) });
  const scanned = engine.run('Scan', { TableName: 'jobs' });
  await engine.close();
  expect((await scanned).Count).toBe(300);
});

test('a folder that another process uses is told in one sentence', async () => {
  await start();
  await expect(createDynamoDb({ folder, clock: stoppedClock() })).rejects.toThrow(
    /^The DynamoDB tables in .* cannot be opened: .+/s,
  );
});

test('a region or account in the environment makes no other ARN', async () => {
  const { AWS_REGION, AWS_ACCOUNT_ID } = process.env;
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCOUNT_ID: '123456789012' });
  try {
    const { client } = await start();
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'jobs' }));
    expect(Table!.TableArn).toBe('arn:aws:dynamodb:us-east-1:000000000000:table/jobs');
  } finally {
    for (const [name, value] of Object.entries({ AWS_REGION, AWS_ACCOUNT_ID })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test('a damaged folder is told in one sentence', async () => {
  await start();
  await open.pop()!.close();
  await writeFile(join(folder, 'CURRENT'), 'nonsense');
  await expect(createDynamoDb({ folder, clock: stoppedClock() })).rejects.toThrow(
    /^The DynamoDB tables in .* cannot be opened: .+/s,
  );
});

test('a process killed while it writes transactions leaves each whole or not at all, and loses none it acknowledged', async () => {
  const child = spawn(
    process.execPath,
    ['--no-warnings', 'local/run.mjs', 'test/local/dynamodb/write-forever.ts', folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let acknowledged = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= 60) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');

  const { client } = await start();
  const { Items } = await client.send(new ScanCommand({ TableName: 'jobs' }));
  const stored = new Map(Items!.map((item) => unmarshall(item)).map((item) => [item['sk'] as string, item]));
  const last = stored.get('left')!['n'] as number;
  expect(last).toBeGreaterThanOrEqual(acknowledged);
  expect(stored.get('right')).toMatchObject({ n: last });
  expect(stored.size).toBe(3 + last);
  const inIndex = await client.send(
    new QueryCommand({
      TableName: 'jobs',
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: marshall({ ':s': `at-${last}` }),
    }),
  );
  expect(inIndex.Items!.map((item) => unmarshall(item)['sk'] as string).sort()).toEqual(['left', 'right']);
});

describe('expiry', () => {
  const item = (pk: string, expiresAt: unknown) =>
    new PutItemCommand({ TableName: 'jobs', Item: marshall({ pk, sk: 'x', expiresAt }) });

  test('deletes what has expired, and nothing else', async () => {
    const { client, tables, clock } = await start();
    const seconds = Math.floor(clock.now() / 1000);
    await client.send(item('soon', seconds + 60));
    await client.send(item('later', seconds + 6000));
    await client.send(item('text', String(seconds - 60)));
    await client.send(item('ancient', 86_400));
    const left = async () =>
      (await client.send(new ScanCommand({ TableName: 'jobs' }))).Items!.map(({ pk }) => pk!.S!).sort();
    await tables.sweep();
    expect(await left()).toEqual(['ancient', 'later', 'soon', 'text']);
    clock.move(120_000);
    await tables.sweep();
    expect(await left()).toEqual(['ancient', 'later', 'text']);
  });

  test('is switched as on AWS', async () => {
    const { client } = await start();
    const change = (Enabled: boolean, AttributeName = 'expiresAt') =>
      client.send(
        new UpdateTimeToLiveCommand({ TableName: 'jobs', TimeToLiveSpecification: { Enabled, AttributeName } }),
      );
    await expect(change(true)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'TimeToLive is already enabled',
    });
    await expect(change(true, 'other')).rejects.toMatchObject({
      message: 'TimeToLive is active on a different AttributeName: current AttributeName is expiresAt',
    });
    await change(false);
    await expect(change(false)).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
    expect((await client.send(new DescribeTimeToLiveCommand({ TableName: 'jobs' }))).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'DISABLED',
    });
  });
});
