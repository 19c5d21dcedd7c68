import { createHash } from 'node:crypto';
import { ListMultipartUploadsCommand, ListObjectsV2Command, ListPartsCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { Look } from '../../../local/clients.ts';
import type { Cloud } from '../../../local/cloud.ts';

export type ArchivedFile = JobFile & { readonly sha256: string | undefined };
export type SeenJob = Omit<Job, 'files'> & { readonly files: string[]; readonly archive: ArchivedFile[] };
export type SeenExecution = {
  readonly name: string;
  readonly status: string;
  readonly redriveCount: number;
  readonly input: string;
  readonly events: number;
  /** Names of the states, in the order in which they were entered. */
  readonly entered: string[];
  readonly scheduled: number;
  readonly error: string | undefined;
  readonly cause: string | undefined;
};
export type SeenMail = { readonly id: string; readonly time: string; readonly jobId: string };

export type Snapshot = {
  readonly jobs: SeenJob[];
  readonly executions: SeenExecution[];
  readonly mails: SeenMail[];
  /** Keys of uploads that hold parts. */
  readonly openUploads: string[];
  /** Requests that brought a token to the storage host. */
  readonly leaks: number;
  /** Every item of the table, and every text in the archive that we wrote ourselves. */
  readonly texts: { readonly where: string; readonly text: string }[];
};

const pagesOf = async <Page>(
  next: (token: string | undefined) => Promise<[Page[], string | undefined]>,
): Promise<Page[]> => {
  const found: Page[] = [];
  for (let token: string | undefined; ;) {
    const [page, more] = await next(token);
    found.push(...page);
    if (!more) return found;
    token = more;
  }
};

/** All that a person or a client could see of the cloud from outside, read through its APIs. */
export const takeSnapshot = async (cloud: Cloud, look: Look, stateMachineArn: string): Promise<Snapshot> => {
  const sumOf = async (key: string): Promise<string | undefined> => {
    try {
      const { Body } = await look.object(key);
      return createHash('sha256')
        .update((await Body?.transformToByteArray()) ?? '')
        .digest('hex');
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  const jobs: SeenJob[] = [];
  for (const { files, ...job } of await look.jobs()) {
    const archive: ArchivedFile[] = [];
    for (const file of await look.files(job.jobId)) archive.push({ ...file, sha256: await sumOf(file.key) });
    jobs.push({ ...job, files: [...files], archive });
  }

  const executions: SeenExecution[] = [];
  const list = await look.sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
  for (const { executionArn, name = '', status = '' } of list.executions ?? []) {
    const {
      input = '',
      redriveCount = 0,
      error,
      cause,
    } = await look.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const history = await pagesOf(async (nextToken) => {
      const request = { executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) };
      const page = await look.sfn.send(new GetExecutionHistoryCommand(request));
      return [page.events ?? [], page.nextToken];
    });
    executions.push({
      ...{ name, status, redriveCount, input, error, cause },
      events: history.length,
      entered: history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
      scheduled: history.filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled').length,
    });
  }

  const mails = (await cloud.mail.list()).map(({ id, time, headers }) => ({
    id,
    time,
    jobId: headers.find(({ name }) => name.toLowerCase() === 'x-rapporteur-mail')?.value.replace(/-summary$/, '') ?? '',
  }));
  // Whoever dies between S3's answer and the note of the id leaves an upload nobody knows of. It holds nothing, and
  // the bucket's lifecycle rule closes it.
  const openUploads: string[] = [];
  const { Uploads = [] } = await look.s3.send(new ListMultipartUploadsCommand({ Bucket: look.bucket }));
  for (const { Key = '', UploadId } of Uploads) {
    const { Parts = [] } = await look.s3.send(new ListPartsCommand({ Bucket: look.bucket, Key, UploadId }));
    if (Parts.length > 0) openUploads.push(Key);
  }

  const items = await pagesOf<object>(async (start) => {
    const from = start ? { ExclusiveStartKey: JSON.parse(start) as Record<string, never> } : {};
    const page = await look.dynamoDb.send(new ScanCommand({ TableName: look.table, ...from }));
    return [page.Items ?? [], page.LastEvaluatedKey && JSON.stringify(page.LastEvaluatedKey)];
  });
  const texts = items.map((item, index) => ({ where: `item ${index} of the table`, text: JSON.stringify(item) }));
  const { Contents = [] } = await look.s3.send(new ListObjectsV2Command({ Bucket: look.bucket }));
  for (const { Key = '' } of Contents) {
    if (!/^jobs\/|transcript\.json$|insights\.json$/.test(Key)) continue;
    texts.push({ where: Key, text: (await (await look.object(Key)).Body?.transformToString('utf-8')) ?? '' });
  }
  return {
    jobs,
    executions,
    mails,
    openUploads,
    leaks: cloud.zoom.leaks().length,
    texts,
  };
};
