import * as z from 'zod';
import { LanguageCode, PiiEntityType } from '@aws-sdk/client-transcribe';
import { AwsError, notSupported } from '../gateway/aws-error.ts';

export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message);

const name = z.string().min(1).max(200).regex(/^[0-9a-zA-Z._-]+$/, 'Member must satisfy regular expression pattern: ^[0-9a-zA-Z._-]+'); // prettier-ignore
const language = z.enum(LanguageCode);
const mediaFormats = ['amr', 'flac', 'm4a', 'mp3', 'mp4', 'ogg', 'wav', 'webm'] as const;

export const startShape = z.strictObject({
  TranscriptionJobName: name,
  LanguageCode: language.optional(),
  MediaSampleRateHertz: z.number().int().min(8_000).max(48_000).optional(),
  MediaFormat: z.enum(mediaFormats).optional(),
  Media: z.strictObject({ MediaFileUri: z.string().max(2_000).regex(/^(s3:\/\/|https?:\/\/).+/) }),
  OutputBucketName: z.string().max(64).regex(/^[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]$/).optional(),
  OutputKey: z.string().regex(/^[a-zA-Z0-9\-_.!*'()/]{1,1024}$/).optional(),
  Settings: z
    .strictObject({
      VocabularyName: name.optional(),
      ShowSpeakerLabels: z.boolean().optional(),
      MaxSpeakerLabels: z.number().int().min(2).max(30).optional(),
      ChannelIdentification: z.boolean().optional(),
    })
    .optional(),
  ContentRedaction: z
    .strictObject({
      RedactionType: z.literal('PII'),
      RedactionOutput: z.enum(['redacted', 'redacted_and_unredacted']),
      PiiEntityTypes: z.array(z.enum(PiiEntityType)).max(11).optional(),
    })
    .optional(),
  IdentifyLanguage: z.boolean().optional(),
  LanguageOptions: z.array(language).optional(),
  LanguageIdSettings: z.partialRecord(language, z.strictObject({ VocabularyName: name.optional() })).optional(),
  Subtitles: z
    .strictObject({
      Formats: z.array(z.enum(['vtt', 'srt'])).optional(),
      OutputStartIndex: z.union([z.literal(0), z.literal(1)]).optional(),
    })
    .optional(),
}); // prettier-ignore
export type StartRequest = z.output<typeof startShape>;

/** Reads a request: what nothing here answers is refused by name, what has the wrong form as Transcribe does it. */
export const readRequest = <T extends z.ZodType>(shape: T, input: unknown, operation: string): z.output<T> => {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys')
    throw notSupported(`${operation} with ${[...path, ...issue.keys].join('.')}`);
  const [first = '', ...rest] = path;
  const at = [first.charAt(0).toLowerCase() + first.slice(1), ...rest].join('.');
  throw badRequest(`1 validation error detected: Value at '${at}' failed to satisfy constraint: ${issue?.message}`);
};

/** What no member says by itself. */
export const checkStart = (request: StartRequest, vocabularies: readonly string[]): void => {
  const { LanguageCode: code, IdentifyLanguage: identify, LanguageOptions: options, Settings: settings } = request;
  if ((code === undefined) === !identify)
    throw badRequest('Provide either LanguageCode or IdentifyLanguage, one of the two, and try your request again.');
  if (options && (!identify || new Set(options).size < 2))
    throw badRequest('LanguageOptions needs IdentifyLanguage and at least two languages.');
  if (request.LanguageIdSettings && !identify) throw badRequest('LanguageIdSettings needs IdentifyLanguage.');
  if (Object.keys(request.LanguageIdSettings ?? {}).some((one) => !options?.some((option) => option === one)))
    throw badRequest('LanguageIdSettings names a language that is not in LanguageOptions.');
  if (Boolean(settings?.ShowSpeakerLabels) !== (settings?.MaxSpeakerLabels !== undefined))
    throw badRequest('ShowSpeakerLabels and MaxSpeakerLabels are given together or not at all.');
  if (settings?.ShowSpeakerLabels && settings.ChannelIdentification)
    throw badRequest('ShowSpeakerLabels and ChannelIdentification exclude each other.');
  if (settings?.ChannelIdentification) throw notSupported('StartTranscriptionJob with Settings.ChannelIdentification');
  if (settings?.VocabularyName !== undefined && identify)
    throw badRequest('With IdentifyLanguage a vocabulary is named in LanguageIdSettings.');
  if (request.OutputKey !== undefined && request.OutputBucketName === undefined)
    throw badRequest('OutputKey needs OutputBucketName.');
  if (request.OutputBucketName === undefined) throw notSupported('StartTranscriptionJob without OutputBucketName');
  if (!request.Media.MediaFileUri.startsWith('s3://')) throw notSupported('Media that is not named by s3://');
  const used = [settings?.VocabularyName, ...Object.values(request.LanguageIdSettings ?? {}).map((one) => one?.VocabularyName)]; // prettier-ignore
  if (used.some((one) => one !== undefined && !vocabularies.includes(one)))
    throw badRequest(
      "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again.",
    );
};

export const nameShape = z.strictObject({ TranscriptionJobName: name });

export const listShape = z.strictObject({
  Status: z.enum(['QUEUED', 'IN_PROGRESS', 'FAILED', 'COMPLETED']).optional(),
  JobNameContains: name.optional(),
  MaxResults: z.number().int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
});
