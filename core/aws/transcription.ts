import * as z from 'zod';
import { speechRows } from '../job/speech-rows.ts';
import { defaultWindowMs, openLeases } from '../lease/leases.ts';
import { leaseRows } from '../lease/rows.ts';
import { transcribeDriver, transcribeReader, transcribeWatcher } from '../transcription/transcribe/driver.ts';
import { readTranscribeSettings } from '../transcription/transcribe/read-settings.ts';
import { dynamoDb } from './dynamodb.ts';
import { inspectObject } from './object-ranges.ts';
import { textObjects } from './objects.ts';
import { taskAnswers } from './task-answers.ts';
import { transcribeApi } from './transcribe.ts';

const drivers = z.enum(['none', 'transcribe']);

/** Who listens where Zoom delivers no words; with `none` nothing else is set. */
export const speechReaderConfig = { transcription: drivers };
export const speechWatcherConfig = {
  transcription: drivers,
  archiveBucket: z.string().optional(),
  leaseTable: z.string().optional(),
  /** Begins the names of this stage's work at the provider. */
  workPrefix: z.string().default(''),
  /** The most that may be at the provider at once. */
  speechCap: z.coerce.number().int().positive().default(1),
};
export const speechStarterConfig = {
  ...speechWatcherConfig,
  transcribeLanguages: z.string().optional(),
  transcribeRedact: z.string().optional(),
  transcribeSubtitles: z.string().optional(),
};

type Tables = { jobTable: string };
type ReaderConfig = Tables & { archiveBucket: string } & z.output<z.ZodObject<typeof speechReaderConfig>>;
type WatcherConfig = Tables & z.output<z.ZodObject<typeof speechWatcherConfig>>;
type StarterConfig = Tables & z.output<z.ZodObject<typeof speechStarterConfig>>;

/** For who reads what was heard; nothing where speech recognition is switched off. */
export const speechReader = ({ transcription, jobTable, ...config }: ReaderConfig) => {
  if (transcription === 'none') return undefined;
  return { driver: transcribeReader({ objects: textObjects(config) }), rows: speechRows(dynamoDb(), jobTable) };
};

const placesOf = ({ jobTable, leaseTable = '', speechCap: cap, workPrefix: prefix, transcription }: WatcherConfig) => {
  const now = () => new Date();
  const rules = { driver: transcription, cap, windowMs: defaultWindowMs };
  const leases = openLeases(leaseRows(dynamoDb(), leaseTable), rules, () => now().getTime());
  return { rows: speechRows(dynamoDb(), jobTable), leases, prefix, now };
};

/** For who looks how far the work is, and tells who waits. */
export const speechWatcher = (config: WatcherConfig) => {
  const { transcription, archiveBucket: bucket = '' } = config;
  if (transcription === 'none') return undefined;
  return {
    ...placesOf(config),
    driver: transcribeWatcher({ api: transcribeApi(), bucket }),
    answer: (token: string) => taskAnswers().succeed(token, {}),
  };
};

/** For who starts it. */
export const speechStarter = (config: StarterConfig) => {
  const { transcription, archiveBucket = '', transcribeLanguages, transcribeRedact, transcribeSubtitles } = config;
  if (transcription === 'none') return undefined;
  const texts = { languages: transcribeLanguages, redact: transcribeRedact, subtitles: transcribeSubtitles };
  return {
    ...placesOf(config),
    driver: transcribeDriver({
      api: transcribeApi(),
      bucket: archiveBucket,
      settings: readTranscribeSettings(texts),
      inspect: inspectObject({ archiveBucket }),
      objects: textObjects({ archiveBucket }),
    }),
  };
};
