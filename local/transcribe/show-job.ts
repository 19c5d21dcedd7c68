import { localRegion } from '../gateway/credentials.ts';
import type { TranscriptionJob } from './job-log.ts';

const uriOf = (bucket: string | undefined, key: string): string =>
  `https://s3.${localRegion}.amazonaws.com/${bucket}/${key}`;

const summaryOf = (job: TranscriptionJob) => ({
  TranscriptionJobName: job.name,
  CreationTime: new Date(job.createdAt),
  StartTime: new Date(job.createdAt),
  ...(job.endedAt !== undefined && { CompletionTime: new Date(job.endedAt) }),
  TranscriptionJobStatus: job.status,
  LanguageCode: job.request.LanguageCode ?? job.language,
  FailureReason: job.failureReason,
  ContentRedaction: job.request.ContentRedaction,
  IdentifyLanguage: job.request.IdentifyLanguage,
  ...(job.request.IdentifyLanguage && job.status === 'COMPLETED' && { IdentifiedLanguageScore: 0.9 }),
});

export const showInList = (job: TranscriptionJob) => ({ ...summaryOf(job), OutputLocationType: 'CUSTOMER_BUCKET' });

export const showJob = (job: TranscriptionJob) => {
  const { OutputBucketName: bucket, Media, MediaFormat, Settings, Subtitles, LanguageOptions } = job.request;
  const { transcript, redacted, subtitles = [] } = job.results ?? {};
  return {
    ...summaryOf(job),
    Media,
    MediaFormat,
    Settings,
    LanguageOptions,
    LanguageIdSettings: job.request.LanguageIdSettings,
    Transcript: {
      ...(transcript !== undefined && { TranscriptFileUri: uriOf(bucket, transcript) }),
      ...(redacted !== undefined && { RedactedTranscriptFileUri: uriOf(bucket, redacted) }),
    },
    ...(Subtitles && { Subtitles: { ...Subtitles, SubtitleFileUris: subtitles.map((key) => uriOf(bucket, key)) } }),
  };
};
