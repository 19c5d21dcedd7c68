import type { Clock } from './gateway/clock.ts';
import type { Service } from './gateway/service.ts';
import type { InvokeFunction } from './lambda-outcome.ts';
import type { SandboxMode } from './lambda/local-function.ts';
import type { InvocationReport } from './lambda/runtime.ts';
import type { TranscribeOptions } from './transcribe/transcribe.ts';

export type Ports = {
  readonly gateway: number;
  readonly api: number;
  readonly zoom: number;
  readonly zoomStorage: number;
};

export type CloudOptions = {
  /** Everything that outlives the process. */
  readonly folder: string;
  readonly ports: Ports;
  /** Where packages of the service are kept; they depend on nothing but their inputs, so folders can share one. */
  readonly packageFolder: string;
  readonly functionsRunIn?: SandboxMode;
  /** The most time that any function is given, where that is less than its own. */
  readonly functionsRunFor?: number;
  readonly zoomDelays?: readonly number[];
  readonly onPackaging?: () => void;
  readonly onLog?: (entry: { function: string; requestId: string; line: string }) => void;
  readonly onInvoke?: (report: InvocationReport) => void;
  /** Stands between the machines and rules and their functions: a test holds or breaks one with it. */
  readonly aroundInvoke?: (invoke: InvokeFunction) => InvokeFunction;
  /** Stands before S3: a test lets it fail with it. */
  readonly aroundS3?: (s3: Service) => Service;
  /** Settings of the stage, as RAPPORTEUR_... variables; without any it is set as its defaults are. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onTaskLog?: (entry: { task: string; container: string; line: string }) => void;
  /** What functions find in their environment in place of what they are given: a test puts a proxy before the gateway. */
  readonly aroundEnvironment?: (given: Record<string, string>) => Promise<Record<string, string>>;
  /** What is said in media files, and how long it takes to hear it. */
  readonly transcription?: Pick<TranscribeOptions, 'scriptOf' | 'takes' | 'mostAtOnce' | 'vocabularies'>;
  /** A service that speaks Symbl's API, where a test plays one; it takes the place of the one that is set. */
  readonly symbl?: { readonly url: string; readonly appId: string; readonly appSecret: string };
  /** Of the machines and of events: their waits, retries and time limits. */
  readonly clock?: Clock;
  /** Of rules with a schedule and of EventBridge Scheduler: never a clock that skips waits, or they would never rest. */
  readonly scheduleClock?: Clock;
};
