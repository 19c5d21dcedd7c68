import { digest } from '../keys.ts';

/** What work is told apart by within a job: other sound, or another driver, is other work. */
export const workIdOf = (driver: string, track: string, content: string): string =>
  digest(driver, track, content).slice(0, 24);

export type Named = {
  /** Of the stage, `rapporteur-dev.`: a stage has no dot, so no name of one begins as those of another do. */
  readonly prefix: string;
  readonly jobId: string;
  readonly workId: string;
  /** Grows when the same sound is to be heard again, after the provider failed by its own fault. */
  readonly attempt: number;
};

/**
 * The name of work at its provider, and of the holder of its lease: letters, digits, `.`, `_` and `-`, as Amazon
 * Transcribe wants them, which starts nothing twice under one name. The same work has the same name, whoever asks for
 * it and however often.
 */
export const workNameOf = ({ prefix, jobId, workId, attempt }: Named): string =>
  `${prefix}${jobId}.${workId}.${attempt}`;

/** Reads a name back; nothing where it is none of this stage's. */
export const readWorkName = (prefix: string, name: string): Omit<Named, 'prefix'> | undefined => {
  if (!name.startsWith(prefix)) return undefined;
  const [, jobId, workId, attempt] = /^([0-9a-z-]+)\.([0-9a-f]{24})\.(\d{1,3})$/.exec(name.slice(prefix.length)) ?? [];
  return jobId && workId ? { jobId, workId, attempt: Number(attempt) } : undefined;
};
