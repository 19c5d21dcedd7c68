import { digest } from '../../keys.ts';

export type Named = {
  /** Of the deployment: names are shared by all that runs in an account. */
  readonly stage: string;
  readonly jobId: string;
  /** What is transcribed: a file's id, or `mixed`. */
  readonly track: string;
  /** What the media holds, an ETag or a checksum: other sound is other work. */
  readonly content: string;
  /** Grows when the same sound is to be transcribed again, after Transcribe failed by its own fault. */
  readonly attempt: number;
};

const longestStage = 40;

/**
 * The name of a job at Amazon Transcribe, which starts nothing twice under one name: letters, digits, `.`, `_` and `-`,
 * at most 200 of them. The same work has the same name, whoever asks for it and however often.
 */
export const transcribeJobName = ({ stage, jobId, track, content, attempt }: Named): string =>
  [
    stage.replace(/[^0-9A-Za-z_-]+/g, '_').slice(0, longestStage),
    jobId.replace(/[^0-9A-Za-z._-]+/g, '_').slice(0, 80),
    digest(stage, jobId, track, content).slice(0, 24),
    String(attempt),
  ].join('-');
