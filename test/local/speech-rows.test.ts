import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { dynamoDb } from '../../core/aws/dynamodb.ts';
import { speechRows, type SpeechRows, type SpeechWork } from '../../core/job/speech-rows.ts';
import { createDynamoDb } from '../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { startGateway } from '../../local/gateway/gateway.ts';
import { fakeSpeechRows } from '../fakes/speech-rows.ts';

let started: { client: DynamoDBClient; close: () => Promise<void> };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'speech-rows-'));
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

const now = () => new Date('2026-01-12T16:10:00Z');
const open = {
  'in memory': (): SpeechRows => fakeSpeechRows(now),
  'on DynamoDB': (): SpeechRows => speechRows(dynamoDb(started.client), 'jobs', now),
};

describe.each(['in memory', 'on DynamoDB'] as const)('the rows of speech recognition %s', (kind) => {
  let jobs = 0;
  let rows: SpeechRows;
  let work: SpeechWork;
  beforeEach(async () => {
    jobs += 1;
    rows = open[kind]();
    work = {
      ...{ jobId: `zoom-${jobs}`, driver: 'transcribe', workId: 'w1', name: 'w1.1', attempt: 1 },
      ...{ key: 'a/b.m4a', offsetMs: 5_250, status: 'planned', speaker: 'Ada' },
    };
    await rows.plan(work);
  });
  const read = () => rows.work(work.jobId, 'transcribe', 'w1');

  test('keep what became of work that is planned again', async () => {
    expect(await rows.started(work, 'theirs')).toBe(true);
    await rows.plan(work);
    expect(await read()).toEqual({ ...work, status: 'started', startedAt: now().toISOString(), reference: 'theirs' });
  });

  test('tell the works of one job and one driver', async () => {
    await rows.plan({ ...work, workId: 'w2', name: 'w2.1' });
    await rows.plan({ ...work, driver: 'symbl', workId: 'w3', name: 'w3.1' });
    await rows.wait(work.jobId, 'token');
    expect((await rows.works(work.jobId, 'transcribe')).map(({ workId }) => workId)).toEqual(['w1', 'w2']);
    expect(await rows.works(`${work.jobId}0`, 'transcribe')).toEqual([]);
    expect(await rows.work(work.jobId, 'transcribe', 'w3')).toBeUndefined();
  });

  test('keep the first end, also of work whose start was not noted', async () => {
    expect(await rows.heard(work, 'jobs/r.json')).toBe(true);
    expect(await rows.failed(work, 'too late')).toBe(false);
    expect(await rows.started(work)).toBe(false);
    expect(await rows.again(work, 'w1.2')).toBe(false);
    expect(await read()).toEqual({ ...work, status: 'heard', resultKey: 'jobs/r.json' });
  });

  test('open another attempt, of which those before know nothing', async () => {
    await rows.started(work, 'theirs');
    expect(await rows.again(work, 'w1.2')).toBe(true);
    expect(await read()).toEqual({ ...work, name: 'w1.2', attempt: 2 });
    expect(await rows.heard(work)).toBe(false);
    const next = (await read()) ?? work;
    expect(await rows.started(next)).toBe(true);
    expect(await rows.failed(next, 'It broke.')).toBe(true);
    expect(await read()).toMatchObject({ status: 'failed', because: 'It broke.', attempt: 2 });
  });

  test('hold every token of a job until it was answered', async () => {
    expect(await rows.tokens(work.jobId)).toEqual([]);
    for (const token of ['a', 'b', 'a', 'c']) await rows.wait(work.jobId, token);
    expect((await rows.tokens(work.jobId)).sort()).toEqual(['a', 'b', 'c']);
    await rows.answered(work.jobId, ['a', 'b']);
    expect(await rows.tokens(work.jobId)).toEqual(['c']);
    await rows.answered(work.jobId, ['c']);
    expect(await rows.tokens(work.jobId)).toEqual([]);
  });
});
