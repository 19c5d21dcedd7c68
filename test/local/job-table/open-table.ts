import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';
import { dynamoDb } from '../../../core/aws/dynamodb.ts';
import { jsonApi } from '../../../core/aws/json-api.ts';
import { lightDynamoDb } from '../../../core/aws/webhook.ts';
import type { AnnouncedFile, Announcement } from '../../../core/job/announcement.ts';
import type { JobFile } from '../../../core/job/job.ts';
import { sealer } from '../../../core/job/seal.ts';
import { jobTable, type JobTable } from '../../../core/job/table.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { fakeJobs } from '../../fakes/jobs.ts';

type Template = { Resources: { JobTable: { Properties: Omit<CreateTableCommandInput, 'TableName'> } } };

/** The time of every table here; tests move it. */
export const clock = { now: Date.parse('2026-01-12T16:00:00Z') };
export const now = () => new Date(clock.now);
export const seal = sealer(() => Promise.resolve('a-sealing-secret-of-more-than-32-characters'));

/** The job table as the template describes it, on the local DynamoDB. */
export const startTable = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'job-table-'));
  const tables = await createDynamoDb({ folder });
  const template = parse(await readFile('core/job/table.yml', 'utf8'), { logLevel: 'silent' }) as Template;
  const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes } =
    template.Resources.JobTable.Properties;
  const keys = { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes };
  await tables.createTable({ TableName: 'jobs', ...keys }, 'expiresAt');
  const gateway = await startGateway({ port: 0, services: { dynamodb: tables.service } });
  const client = new DynamoDBClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  /** As the webhook speaks to it: without the SDK. */
  const light = (): JobTable => {
    const environment = {
      AWS_ENDPOINT_URL: gateway.url,
      AWS_REGION: localRegion,
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    };
    const surroundings = { environment, now: () => new Date(), pause: () => Promise.resolve() };
    const call = jsonApi({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' }, surroundings);
    return jobTable(lightDynamoDb(call), 'jobs', seal, now);
  };
  const open = {
    'in memory': () => fakeJobs(now),
    'on DynamoDB': () => jobTable(dynamoDb(client), 'jobs', seal, now),
    'on DynamoDB without the SDK': light,
  } satisfies Record<Kind, () => JobTable>;
  return {
    client,
    open: (kind: Kind): JobTable => open[kind](),
    close: async () => {
      client.destroy();
      await gateway.close();
      await tables.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
export type StartedTable = Awaited<ReturnType<typeof startTable>>;

/** Every expectation holds of each of them. */
export const kinds = ['in memory', 'on DynamoDB', 'on DynamoDB without the SDK'] as const;
type Kind = (typeof kinds)[number];

export const file = (fileId: string, about: Partial<AnnouncedFile> = {}): AnnouncedFile => ({
  fileId,
  zoomId: fileId,
  fileType: 'MP4',
  extension: 'mp4',
  recordingStart: '2026-01-12T15:00:14Z',
  view: 'gallery_view',
  bytes: 1_000,
  status: 'ready',
  ...about,
});
export const files = (count: number, prefix = 'f') =>
  Array.from({ length: count }, (_, index) => file(`${prefix}${index}`));

export const announcement = (
  jobId: string,
  list: readonly AnnouncedFile[],
  about: Partial<Announcement> = {},
): Announcement => ({
  jobId,
  source: 'zoom',
  origin: 'webhook',
  meetingUuid: `uuid-${jobId}`,
  meetingId: '85746065432',
  accountId: 'account',
  topic: 'Reading room',
  startTime: '2026-01-12T15:00:14Z',
  hostEmail: 'ada@example.org',
  files: list,
  reopens: true,
  ...about,
});
export const accessTo = (list: readonly AnnouncedFile[], token: string, secondsLeft: number) => ({
  token,
  expiresAt: Math.floor(clock.now / 1_000) + secondsLeft,
  urls: Object.fromEntries(list.map(({ fileId }) => [fileId, `https://zoom.us/${fileId}?${token}`])),
});
export const planned = (jobId: string, fileId: string): JobFile => ({
  ...{ jobId, fileId, fileType: 'MP4', extension: 'mp4', recordingStart: '2026-01-12T15:00:14Z' },
  ...{ segment: 0, view: 'gallery_view', key: `1/2/000-${fileId}.mp4`, status: 'planned' as const },
});
