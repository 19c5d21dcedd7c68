import { PermanentError } from '../../step/errors.ts';
import type { SpeechWork } from '../../job/speech-rows.ts';
import type { ProviderState, Sound, SpeechReader, SpeechWatcher, TranscriptionDriver } from '../driver.ts';
import { startTranscription, transcriptionState, type TranscribeApi } from './provider.ts';
import { transcribeRequest, whyNotTranscribable, type SpokenMedia } from './request.ts';
import { readResult } from './result.ts';
import type { TranscribeSettings } from './settings.ts';
import { soundsOf } from './sounds.ts';

type ReaderPorts = { readonly objects: { readonly read: (key: string) => Promise<string | undefined> } };
type WatcherPorts = { readonly api: Pick<TranscribeApi, 'get'>; readonly bucket: string };
type Ports = ReaderPorts &
  WatcherPorts & {
    readonly api: TranscribeApi;
    readonly settings: TranscribeSettings;
    /** Length, duration and channels of what lies under a key, as it says itself. */
    readonly inspect: (key: string) => Promise<Pick<SpokenMedia, 'bytes' | 'durationSeconds' | 'channels'>>;
  };

const who = { name: 'transcribe', title: 'Amazon Transcribe' } as const;

/** On a sound of everybody: the most voices that are told apart. Nobody tells how many there are. */
const mostVoices = 10;

/** Beside plans, where things are deleted in time: what is kept is the transcript. */
const resultKeyOf = ({ jobId, workId, attempt }: SpeechWork): string =>
  `jobs/${jobId}/speech/${workId}.${attempt}.json`;

/** For who only reads what was heard: without the service's client. */
export const transcribeReader = ({ objects }: ReaderPorts): SpeechReader => ({
  ...who,
  sounds: ({ files }) => soundsOf(files),

  result: async ({ resultKey = '', speaker, offsetMs }) => {
    const text = await objects.read(resultKey);
    const heard = text === undefined ? { because: 'The result of Amazon Transcribe is gone.' } : readResult(text);
    return 'because' in heard ? heard : [{ ...(speaker !== undefined && { speaker }), offsetMs, heard }];
  },
});

/** For who only asks how far it is. */
export const transcribeWatcher = ({ api, bucket }: WatcherPorts): SpeechWatcher => ({
  ...who,
  state: async ({ name }): Promise<ProviderState> => {
    const found = await transcriptionState(api, name);
    if (found.state !== 'ended' || found.outcome === 'failed') return found;
    const { result } = found;
    if (result.bucket !== bucket)
      return { state: 'ended', outcome: 'failed', because: 'Its result lies elsewhere.', retry: false };
    return { state: 'ended', outcome: 'done', resultKey: result.key };
  },
});

/** Amazon Transcribe behind THE port. */
export const transcribeDriver = ({ api, bucket, settings, inspect, objects }: Ports): TranscriptionDriver => ({
  ...transcribeReader({ objects }),
  ...transcribeWatcher({ api, bucket }),

  whyNot: async ({ key }: Sound): Promise<string | undefined> => {
    try {
      return whyNotTranscribable({ bucket, key, ...(await inspect(key)) });
    } catch (error) {
      if (!(error instanceof PermanentError) || error.code !== 'FILE_NOT_AS_EXPECTED') throw error;
      return `${error.message.replace(/^\w+: /, '')}.`;
    }
  },

  start: async (work) => {
    const request = transcribeRequest({
      name: work.name,
      media: { bucket, key: work.key },
      output: { bucket, key: resultKeyOf(work) },
      voices: work.speaker === undefined ? { atMost: mostVoices } : 'one',
      settings,
    });
    return { answer: await startTranscription(api, request) };
  },
});
