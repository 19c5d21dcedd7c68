import type { GetTranscriptionJobCommandOutput, StartTranscriptionJobCommandInput } from '@aws-sdk/client-transcribe';
import type { StartAnswer, WorkState } from '../../lease/start-under-lease.ts';
import { PermanentError } from '../../step/errors.ts';

/** What is needed of Amazon Transcribe. An error carries the service's name for it. */
export type TranscribeApi = {
  /** One request, whatever becomes of it. */
  start(input: StartTranscriptionJobCommandInput): Promise<unknown>;
  get(name: string): Promise<Pick<GetTranscriptionJobCommandOutput, 'TranscriptionJob'>>;
};

/** Names of "not now": too many at work, or too many calls. */
const busyNames = new Set([
  'LimitExceededException',
  'LimitExceededConcurrentJobException',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const refusedNames = new Set(['BadRequestException', 'AccessDeniedException', 'ValidationException']);

/** The one name stands for two things: too many requests, and a file that is too long. */
const isAboutTheFile = (message: string): boolean =>
  /(file|media|audio|duration|input)\b.*\b(too (long|large)|exceeds?|longer|larger)/i.test(message);

/** Starts a job; what passes by itself is thrown as it came, and so is retried. */
export const startTranscription = async (
  api: TranscribeApi,
  request: StartTranscriptionJobCommandInput,
): Promise<StartAnswer> => {
  try {
    await api.start(request);
    return 'started';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    if (name === 'ConflictException') return 'already';
    if (busyNames.has(name) && !isAboutTheFile(message)) return 'busy';
    if (busyNames.has(name)) throw new PermanentError('FILE_NOT_AS_EXPECTED', `Transcribe says: ${message}`);
    if (refusedNames.has(name)) throw new PermanentError('BAD_CONFIG', `Transcribe says: ${message}`);
    throw error;
  }
};

export type JobEnd =
  | { readonly outcome: 'done'; readonly result: { bucket: string; key: string }; readonly language?: string }
  /** `retry`: not the fault of the sound or the request; the next attempt has another name. */
  | { readonly outcome: 'failed'; readonly because: string; readonly retry: boolean };
export type JobState = { readonly state: Exclude<WorkState, 'ended'> } | ({ readonly state: 'ended' } & JobEnd);

/** Reasons that the next attempt would meet again, as the API lists them. */
const lasting =
  /unsupported media format|media format provided|sample rate|file size|number of channels|too long|language|not (be )?access|permission|KMS/i;

/** Where one job is. Asked on every event too, since events tell neither where the result lies nor the truth for sure. */
export const transcriptionState = async (api: Pick<TranscribeApi, 'get'>, name: string): Promise<JobState> => {
  let found;
  try {
    found = (await api.get(name)).TranscriptionJob;
  } catch (error) {
    if (error instanceof Error && isUnknown(error)) return { state: 'absent' };
    throw error;
  }
  if (found?.TranscriptionJobStatus === 'FAILED') {
    const because = found.FailureReason ?? 'Transcribe gave no reason';
    return { state: 'ended', outcome: 'failed', because, retry: !lasting.test(because) };
  }
  if (found?.TranscriptionJobStatus !== 'COMPLETED') return { state: 'running' };
  const { RedactedTranscriptFileUri, TranscriptFileUri } = found.Transcript ?? {};
  const result = placeOf(RedactedTranscriptFileUri ?? TranscriptFileUri ?? '');
  if (!result) return { state: 'ended', outcome: 'failed', because: 'Transcribe named no result', retry: false };
  const language = found.LanguageCode;
  return { state: 'ended', outcome: 'done', result, ...(language && { language }) };
};

/** A job that is not there: GetTranscriptionJob has answered with either name over the years. */
const isUnknown = ({ name, message }: Error): boolean =>
  name === 'NotFoundException' || (name === 'BadRequestException' && /couldn't be found/.test(message));

/** `https://s3.<region>.amazonaws.com/<bucket>/<key>`: host and scheme say nothing that we need. */
const placeOf = (uri: string): { bucket: string; key: string } | undefined => {
  const [, bucket, key] = /^https?:\/\/[^/]+\/([^/?]+)\/([^?]+)/.exec(uri) ?? [];
  try {
    return bucket && key ? { bucket, key: decodeURIComponent(key) } : undefined;
  } catch {
    return undefined;
  }
};
