import { contentTypeOf } from './content.ts';
import type { ObjectHead } from './copy.ts';
import type { PlannedFile } from './plan.ts';

/** What an archived file carries with it. S3 takes ASCII alone; Zoom's ids are not promised to be it. */
export const objectHeadOf = (jobId: string, file: PlannedFile): ObjectHead => ({
  contentType: contentTypeOf(file.extension),
  metadata: {
    'job-id': jobId,
    'file-id': encodeURIComponent(file.fileId),
    'file-type': encodeURIComponent(file.fileType),
    'recording-start': encodeURIComponent(file.recordingStart),
  },
});
