import type { DynamoDb } from './dynamo.ts';
import { expiry, fileKey, readFile, toItem, type Item } from './items.ts';
import type { JobFile } from './job.ts';

/** An open multipart upload, and what its parts are parts of. */
export type Upload = {
  readonly uploadId: string;
  readonly partBytes?: number | undefined;
  readonly expectedBytes?: number | undefined;
  readonly etag?: string | undefined;
  readonly workers?: number | undefined;
};

export type Received = {
  readonly bytes: number;
  readonly crc32: string;
  readonly contentType?: string | undefined;
};

type Ports = {
  dynamoDb: DynamoDb;
  tableName: string;
  read: (key: object) => Promise<Item | undefined>;
  /** Sets and removes attributes if the condition holds; says whether it did. */
  update: (key: object, set: object, condition: string, values?: object, remove?: string[]) => Promise<boolean>;
  now: () => Date;
};

const aboutUpload = ['uploadId', 'partBytes', 'expectedBytes', 'etag', 'workers'] as const;
const aboutBytes = ['receivedBytes', 'crc32', 'contentType'] as const;

/** The items of single files: each write is made by one step, under the condition that it is still its turn. */
export const fileRows = ({ dynamoDb, tableName, read, update, now }: Ports) => {
  const file = async (jobId: string, fileId: string): Promise<JobFile | undefined> => {
    const item = await read(fileKey(jobId, fileId));
    return item && readFile(item);
  };
  const planned = { ':planned': 'planned' };

  return {
    file,

    /** Adds the file's item; one that is there already keeps what was done. */
    planFile: async (added: JobFile): Promise<JobFile> => {
      try {
        const item = { ...fileKey(added.jobId, added.fileId), ...added, expiresAt: expiry(now()) };
        await dynamoDb.putItem({
          TableName: tableName,
          Item: toItem(item),
          ConditionExpression: 'attribute_not_exists(pk)',
        });
        return added;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
        return (await file(added.jobId, added.fileId)) as JobFile;
      }
    },

    /** Notes an upload before its first part is sent, unless the file has another one than `instead`. */
    fileUpload: (jobId: string, fileId: string, upload: Upload, instead?: string): Promise<boolean> =>
      update(
        fileKey(jobId, fileId),
        upload,
        `#status = :planned AND (attribute_not_exists(uploadId)${instead === undefined ? '' : ' OR uploadId = :instead'})`,
        { ...planned, ...(instead === undefined ? {} : { ':instead': instead }) },
        [...aboutUpload.filter((name) => upload[name] === undefined), ...aboutBytes],
      ),

    /** Forgets an upload and what came by it; nothing happens where another one has taken its place. */
    fileReset: (
      jobId: string,
      fileId: string,
      uploadId: string | undefined,
      because: { readonly rangeFaults?: number; readonly tooLong?: boolean } = {},
    ): Promise<boolean> =>
      update(
        fileKey(jobId, fileId),
        because,
        `#status = :planned AND ${uploadId === undefined ? 'attribute_not_exists(uploadId)' : 'uploadId = :uploadId'}`,
        { ...planned, ...(uploadId === undefined ? {} : { ':uploadId': uploadId }) },
        [...aboutUpload, ...aboutBytes],
      ),

    /** All bytes are in S3: as an object, or as the parts of the named upload. */
    fileReceived: (jobId: string, fileId: string, received: Received, uploadId?: string): Promise<boolean> =>
      update(
        fileKey(jobId, fileId),
        { receivedBytes: received.bytes, crc32: received.crc32, contentType: received.contentType },
        uploadId === undefined ? 'attribute_exists(pk)' : 'uploadId = :uploadId',
        uploadId === undefined ? {} : { ':uploadId': uploadId },
      ),

    /** How far the file has come, and how often it was sent back without having come any further. */
    fileRound: (jobId: string, fileId: string, round: { rounds: number; arrivedBytes: number }): Promise<boolean> =>
      update(fileKey(jobId, fileId), round, 'attribute_exists(pk)'),

    fileArchived: (jobId: string, fileId: string, about: { durationSeconds?: number } = {}): Promise<boolean> =>
      update(
        fileKey(jobId, fileId),
        { ...about, status: 'archived', archivedAt: now().toISOString() },
        'attribute_exists(pk)',
      ),

    /** An archived file never becomes missing: Zoom may have deleted it after it was copied. */
    fileMissing: (jobId: string, fileId: string, because: string): Promise<boolean> =>
      update(
        fileKey(jobId, fileId),
        { status: 'missing', missingBecause: because },
        'attribute_exists(pk) AND #status <> :archived',
        { ':archived': 'archived' },
      ),
  };
};
