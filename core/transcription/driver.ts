import type { JobFile } from '../job/job.ts';
import type { JobMerge } from '../job/merge-rows.ts';
import type { SpeechWork } from '../job/speech-rows.ts';
import type { StartAnswer } from '../lease/start-under-lease.ts';
import type { HeardTrack } from './heard.ts';

export const driverNames = ['transcribe', 'symbl'] as const;
export type DriverName = (typeof driverNames)[number];

/** One piece of sound that is recognised by itself. */
export type Sound = {
  /** What it is: the id of a file, or of what was merged. */
  readonly track: string;
  readonly key: string;
  /** What tells its bytes from others, a checksum: other sound is other work. */
  readonly content: string;
  /** Where its beginning is in the recording. */
  readonly offsetMs: number;
  /** Whose voice it is; absent where several are on it. */
  readonly speaker?: string;
};

/** What of a recording lies in the archive. */
export type Recorded = { readonly files: readonly JobFile[]; readonly merges: readonly JobMerge[] };

export type Started = {
  readonly answer: StartAnswer;
  /** By what the provider knows the work, where it gives names of its own. */
  readonly reference?: string;
};

export type WorkEnd =
  | {
      readonly outcome: 'done';
      /** Where in the archive the result lies, if the provider put it there. */
      readonly resultKey?: string;
    }
  /** `retry`: neither sound nor request is at fault; the next attempt has another name. */
  | { readonly outcome: 'failed'; readonly because: string; readonly retry: boolean };
export type ProviderState = { readonly state: 'running' | 'absent' } | ({ readonly state: 'ended' } & WorkEnd);

/** What is known of work when only its name is: of an attempt that another has followed. */
export type KnownWork = Pick<SpeechWork, 'name'> & Partial<SpeechWork>;

/** THE port of speech recognition: one driver, one provider. */
export type TranscriptionDriver = {
  readonly name: DriverName;
  /** As a person knows it; begins sentences. */
  readonly title: string;
  /** What of a recording it would hear. Pure: the same files, the same sounds. */
  readonly sounds: (recorded: Recorded) => Sound[];
  /** In a sentence for a person, where this sound cannot be sent. Asked once, before anything is paid for. */
  readonly whyNot: (sound: Sound) => Promise<string | undefined>;
  /** Exactly one request, whatever becomes of it. `already` where work of this name is there, or was. */
  readonly start: (work: SpeechWork) => Promise<Started>;
  /** Throws where the provider does not answer. */
  readonly state: (work: KnownWork) => Promise<ProviderState>;
  /** What was heard; what is no result is said in a sentence. */
  readonly result: (work: SpeechWork) => Promise<readonly HeardTrack[] | { readonly because: string }>;
};

/** Parts of it, for functions that need no more. */
export type SpeechReader = Pick<TranscriptionDriver, 'name' | 'title' | 'sounds' | 'result'>;
export type SpeechWatcher = Pick<TranscriptionDriver, 'name' | 'title' | 'state'>;
