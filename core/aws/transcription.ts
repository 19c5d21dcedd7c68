import * as z from 'zod';
import { speechRows } from '../job/speech-rows.ts';
import { defaultWindowMs, openLeases } from '../lease/leases.ts';
import { leaseRows } from '../lease/rows.ts';
import { symblDriver, symblReader, symblWatcher } from '../symbl/driver.ts';
import { readConfig } from '../step/config.ts';
import { transcribeDriver, transcribeReader, transcribeWatcher } from '../transcription/transcribe/driver.ts';
import { readTranscribeSettings } from '../transcription/transcribe/read-settings.ts';
import { dynamoDb } from './dynamodb.ts';
import { inspectObject } from './object-ranges.ts';
import { textObjects } from './objects.ts';
import { askedFor, callbackFor, openSymbl, presignForSymbl, symblCallbackConfig, symblConfig } from './symbl.ts';
import { taskAnswers } from './task-answers.ts';
import { transcribeApi } from './transcribe.ts';

const drivers = z.enum(['none', 'transcribe', 'symbl']);

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

/** What one driver alone needs is read where that one is set. */
const symblClient = () => openSymbl(readConfig(z.object(symblConfig)));

const readers = {
  transcribe: ({ archiveBucket }: ReaderConfig) => transcribeReader({ objects: textObjects({ archiveBucket }) }),
  symbl: () => symblReader({ client: symblClient() }),
};

/** For who reads what was heard; nothing where speech recognition is switched off. */
export const speechReader = (config: ReaderConfig) => {
  if (config.transcription === 'none') return undefined;
  return { driver: readers[config.transcription](config), rows: speechRows(dynamoDb(), config.jobTable) };
};

const placesOf = ({ jobTable, leaseTable = '', speechCap: cap, workPrefix: prefix, transcription }: WatcherConfig) => {
  const now = () => new Date();
  const rules = { driver: transcription, cap, windowMs: defaultWindowMs };
  const leases = openLeases(leaseRows(dynamoDb(), leaseTable), rules, () => now().getTime());
  return { rows: speechRows(dynamoDb(), jobTable), leases, prefix, now };
};

const watchers = {
  transcribe: ({ archiveBucket: bucket = '' }: WatcherConfig) => transcribeWatcher({ api: transcribeApi(), bucket }),
  symbl: (config: WatcherConfig) => symblWatcher({ client: symblClient(), asked: askedFor(config), now: Date.now }),
};

/** For who looks how far the work is, and tells who waits. */
export const speechWatcher = (config: WatcherConfig) => {
  if (config.transcription === 'none') return undefined;
  return {
    ...placesOf(config),
    driver: watchers[config.transcription](config),
    answer: (token: string) => taskAnswers().succeed(token, {}),
  };
};

const starters = {
  transcribe: ({ archiveBucket = '', transcribeLanguages, transcribeRedact, transcribeSubtitles }: StarterConfig) =>
    transcribeDriver({
      api: transcribeApi(),
      bucket: archiveBucket,
      settings: readTranscribeSettings({
        languages: transcribeLanguages,
        redact: transcribeRedact,
        subtitles: transcribeSubtitles,
      }),
      inspect: inspectObject({ archiveBucket }),
      objects: textObjects({ archiveBucket }),
    }),
  symbl: (config: StarterConfig) => {
    const { archiveBucket = '' } = config;
    return symblDriver({
      client: symblClient(),
      asked: askedFor(config),
      presign: presignForSymbl({ archiveBucket }),
      read: textObjects({ archiveBucket }).read,
      callback: callbackFor(readConfig(z.object(symblCallbackConfig))),
      now: Date.now,
    });
  },
};

/** For who starts it. */
export const speechStarter = (config: StarterConfig) => {
  if (config.transcription === 'none') return undefined;
  return { ...placesOf(config), driver: starters[config.transcription](config) };
};
