import type { LanguageCode, PiiEntityType, StartTranscriptionJobCommandInput } from '@aws-sdk/client-transcribe';
import type { TranscribeSettings } from './settings.ts';

/** What Transcribe reads, by the extension of our keys. */
const formats = ['amr', 'flac', 'm4a', 'mp3', 'mp4', 'ogg', 'wav', 'webm'] as const;
export type MediaFormat = (typeof formats)[number];
const isFormat = (text: string): text is MediaFormat => (formats as readonly string[]).includes(text);

export type SpokenMedia = {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly channels: number;
};

/** Quotas of an account as AWS sets them. */
const mostBytes = 2 * 1_024 ** 3;
const mostSeconds = 4 * 3_600;
const mostUri = 2_000;
const mostChannels = 2;
const fewestSpeakers = 2;
const mostSpeakers = 30;

const uriOf = ({ bucket, key }: Pick<SpokenMedia, 'bucket' | 'key'>): string => `s3://${bucket}/${key}`;
const extensionOf = (key: string): string => /\.([a-z0-9]+)$/i.exec(key)?.[1]?.toLowerCase() ?? '';

/** In a sentence for a person, where this sound cannot be sent. To be asked before anything is paid for. */
export const whyNotTranscribable = (media: SpokenMedia): string | undefined => {
  const extension = extensionOf(media.key);
  if (!isFormat(extension)) return `Amazon Transcribe does not read files of the kind "${extension}".`;
  if (uriOf(media).length > mostUri) return 'The address of the file is longer than Amazon Transcribe takes.';
  if (media.bytes === 0 || media.durationSeconds === 0) return 'There is no sound in the file.';
  if (media.bytes > mostBytes) return 'The file is larger than the 2 GB that Amazon Transcribe takes.';
  if (media.durationSeconds > mostSeconds)
    return 'The recording is longer than the four hours that Amazon Transcribe takes.';
  // Two are heard as one, since we never ask to have them apart: mono on two channels would be every word twice.
  if (media.channels > mostChannels)
    return `Amazon Transcribe takes two channels at most; the file has ${media.channels}.`;
  return undefined;
};

export type Wanted = {
  readonly name: string;
  readonly media: Pick<SpokenMedia, 'bucket' | 'key'>;
  readonly output: { readonly bucket: string; readonly key: string };
  /** One person's own track, or all voices in one, to be told apart. */
  readonly voices: 'one' | { readonly atMost: number };
  readonly settings: TranscribeSettings;
};

export const transcribeRequest = ({ name, media, output, voices, settings }: Wanted) => {
  const extension = extensionOf(media.key);
  if (!/^[0-9A-Za-z._-]{1,200}$/.test(name)) throw new Error('a name that Transcribe does not take');
  if (!/^[-0-9A-Za-z_.!*'()/]{1,1019}\.json$/.test(output.key))
    throw new Error(`${output.key}: a key that Transcribe does not write to`);
  const language = settings.language as LanguageCode | undefined;
  const vocabulary = language && settings.vocabularies[language];
  const labels = voices !== 'one' && {
    ShowSpeakerLabels: true,
    MaxSpeakerLabels: Math.min(mostSpeakers, Math.max(fewestSpeakers, voices.atMost)),
  };
  return {
    TranscriptionJobName: name,
    Media: { MediaFileUri: uriOf(media) },
    ...(isFormat(extension) && { MediaFormat: extension }),
    // A key that ends in .json is the object itself; any other would be a folder.
    OutputBucketName: output.bucket,
    OutputKey: output.key,
    ...(language ? { LanguageCode: language } : identification(settings)),
    ...((labels || vocabulary) && { Settings: { ...labels, ...(vocabulary && { VocabularyName: vocabulary }) } }),
    ...(settings.redact && { ContentRedaction: redaction(settings.redact) }),
    // From 1, as players and editors count.
    ...(settings.subtitles?.length && { Subtitles: { Formats: [...settings.subtitles], OutputStartIndex: 1 } }),
  } satisfies StartTranscriptionJobCommandInput;
};

const identification = ({ languageOptions, vocabularies }: TranscribeSettings) => ({
  IdentifyLanguage: true,
  ...(languageOptions && { LanguageOptions: languageOptions as LanguageCode[] }),
  ...(Object.keys(vocabularies).length > 0 && {
    LanguageIdSettings: Object.fromEntries(
      Object.entries(vocabularies).map(([code, name]) => [code, { VocabularyName: name }]),
    ),
  }),
});

const redaction = (kinds: NonNullable<TranscribeSettings['redact']>) => ({
  RedactionType: 'PII' as const,
  RedactionOutput: 'redacted' as const,
  PiiEntityTypes: (kinds === 'all' ? ['ALL'] : kinds) as PiiEntityType[],
});
