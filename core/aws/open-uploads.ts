import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';

/** A thousand each; what lies beyond is cleared by the bucket's own rule. */
const mostPages = 5;

type OpenUpload = { readonly key: string; readonly uploadId: string };

/** Multipart uploads to the archive that were never completed. */
export const openUploads = ({ archiveBucket: Bucket }: { archiveBucket: string }, client = new S3Client()) => ({
  openedBefore: async (moment: Date): Promise<OpenUpload[]> => {
    const found: OpenUpload[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await client.send(new ListMultipartUploadsCommand({ Bucket, ...marker }));
      for (const { Key: key, UploadId: uploadId, Initiated } of answer.Uploads ?? [])
        if (key !== undefined && uploadId !== undefined && Initiated && Initiated < moment)
          found.push({ key, uploadId });
      const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
      if (!IsTruncated || NextKeyMarker === undefined) break;
      marker = {
        KeyMarker: NextKeyMarker,
        ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
      };
    }
    return found;
  },

  abort: async ({ key, uploadId }: OpenUpload): Promise<void> => {
    try {
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: uploadId }));
    } catch (error) {
      // Completed or closed meanwhile.
      if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
    }
  },
});
