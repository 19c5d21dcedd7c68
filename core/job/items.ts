import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { jobFile, jobRecord, type Job, type JobFile } from './job.ts';

/** How the rows of the job table are named: one partition per job, the kind of row in the sort key. */
export const jobKey = (jobId: string) => ({ pk: `JOB#${jobId}`, sk: 'JOB' });
export const fileKey = (jobId: string, fileId: string) => ({ pk: `JOB#${jobId}`, sk: `FILE#${fileId}` });
export const mergeKey = (jobId: string, name: string) => ({ pk: `JOB#${jobId}`, sk: `MERGE#${name}` });
export const mailKey = (jobId: string, kind: string, recipient: string) => ({
  pk: `JOB#${jobId}`,
  sk: `MAIL#${kind}#${recipient}`,
});
export const eventKey = (jobId: string, name: string) => ({ pk: `JOB#${jobId}`, sk: `EVENT#${name}` });
export const accessKey = (jobId: string, name: string) => ({ pk: `JOB#${jobId}`, sk: `ACCESS#${name}` });
export const folderKey = (folder: string) => ({ pk: `FOLDER#${folder}`, sk: 'FOLDER' });
export const parkedKey = (day: string, id: string) => ({ pk: `PARKED#${day}`, sk: `EVENT#${id}` });

export type Item = Record<string, AttributeValue>;
export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });
export const fromItem = (item: Item): Record<string, unknown> => unmarshall(item);

export const readJob = (item: Item): Job => {
  const { notes, ...row } = fromItem(item);
  return jobRecord.parse({ ...row, notes: notes instanceof Set ? [...(notes as Set<string>)].sort() : [] });
};
export const readFile = (item: Item): JobFile => jobFile.parse(fromItem(item));

/** Days after which a row is deleted by DynamoDB. */
const keepJobsDays = 400;
export const expiry = (now: Date, days = keepJobsDays): number => Math.floor(now.getTime() / 1_000) + days * 86_400;
