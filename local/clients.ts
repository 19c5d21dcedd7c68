import { DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { readFile, readJob, toItem } from '../core/job/items.ts';
import type { Job, JobFile } from '../core/job/job.ts';
import type { Cloud } from './cloud.ts';
import { localCredentials, localRegion } from './gateway/credentials.ts';

/** What a person sees of the local cloud is read as any client would read it: through the AWS API. */
export const lookInto = (cloud: Pick<Cloud, 'gateway' | 'deployment'>) => {
  const common = { endpoint: cloud.gateway.url, region: localRegion, credentials: localCredentials };
  const s3 = new S3Client(common);
  const dynamoDb = new DynamoDBClient(common);
  const sfn = new SFNClient(common);
  const TableName = cloud.deployment.tables.find(({ logicalId }) => logicalId === 'JobTable')?.name ?? '';
  const Bucket = cloud.deployment.buckets[0]?.name ?? '';

  return {
    s3,
    sfn,
    dynamoDb,
    table: TableName,
    bucket: Bucket,
    /** The youngest first. */
    jobs: async (): Promise<Job[]> => {
      const found: Job[] = [];
      for (let start: Record<string, never> | undefined; ;) {
        const page = await dynamoDb.send(
          new ScanCommand({
            TableName,
            FilterExpression: 'sk = :job',
            ExpressionAttributeValues: toItem({ ':job': 'JOB' }),
            ...(start ? { ExclusiveStartKey: start } : {}),
          }),
        );
        found.push(...(page.Items ?? []).map(readJob));
        if (!page.LastEvaluatedKey) return found.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
        start = page.LastEvaluatedKey as Record<string, never>;
      }
    },
    files: async (jobId: string): Promise<JobFile[]> => {
      const { Items } = await dynamoDb.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :file)',
          ExpressionAttributeValues: toItem({ ':pk': `JOB#${jobId}`, ':file': 'FILE#' }),
        }),
      );
      return (Items ?? []).map(readFile).sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    keys: async (prefix: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix }))
        found.push(...Contents.flatMap(({ Key }) => Key ?? []));
      return found;
    },
    object: (key: string) => s3.send(new GetObjectCommand({ Bucket, Key: key })),
    close: () => [s3, dynamoDb, sfn].forEach((client) => client.destroy()),
  };
};

export type Look = ReturnType<typeof lookInto>;
