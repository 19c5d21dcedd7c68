import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { PermanentError, TransientError } from '../../step/errors.ts';
import { progressReader } from './progress.ts';

export type FfmpegWork = {
  /** Inputs, filters and outputs; what holds for every run is added here. */
  readonly args: readonly string[];
  /** The private directory that it may write to; names in `args` are relative to it. */
  readonly directory: string;
  /** How long its output will be: percent is counted against it. */
  readonly seconds: number;
  readonly onProgress?: ((percent: number) => void) | undefined;
};

export type FfmpegResult = {
  /** What it complained of although it went on to the end. */
  readonly complaints: readonly string[];
};

/** Old builds know no other way to be quiet, and all of them wait for keys on a terminal unless told not to. */
const always = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-nostats', '-progress', 'pipe:3'];

/** A broken file can make it complain of every frame. */
const mostComplaints = 20;
const longestComplaint = 300;
const mostErrorBytes = 65_536;

/** Runs ffmpeg with an argument vector, never a shell; nothing of our environment goes along. */
export const runFfmpeg = (path: string, work: FfmpegWork, signal: AbortSignal): Promise<FfmpegResult> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(stopped());
      return;
    }
    const child = spawn(path, [...always, ...work.args], {
      cwd: work.directory,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    // It is waited for all the same: only what has ended cannot write into a directory that is being removed.
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });

    let errors = '';
    (child.stdio[2] as Readable).setEncoding('utf8').on('data', (text: string) => {
      if (errors.length < mostErrorBytes) errors += text.slice(0, mostErrorBytes - errors.length);
    });
    const progress = progressReader(work.seconds, work.onProgress ?? (() => undefined));
    (child.stdio[3] as Readable).setEncoding('utf8').on('data', progress);

    child.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', kill);
      reject(new PermanentError('FFMPEG_UNFIT', `${path} cannot be started: ${error.code ?? error.name}`));
    });
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(stopped());
      else if (code === 0) resolve({ complaints: complaintsIn(errors) });
      else reject(failureOf(code, by, errors));
    });
  });

const stopped = (): Error => new TransientError('ffmpeg was stopped before it was done');

/** Addresses are those of the loopback interface, and still say nothing to a person. */
const complaintsIn = (errors: string): string[] =>
  [...new Set(errors.split('\n').map((line) => line.trim()))]
    .filter(Boolean)
    .map((line) =>
      line
        .replace(/http:\/\/127\.0\.0\.1:\d+\/\S*?(?=[:\s'"]|$)/g, 'input')
        .replace(/ @ 0x[0-9a-f]+/g, '')
        .slice(0, longestComplaint),
    )
    .slice(0, mostComplaints);

/** Exit codes mean different things in different builds; its words have hardly changed. */
const causes: readonly (readonly [RegExp, 'transient' | 'input' | 'unfit'])[] = [
  [/No space left on device|Cannot allocate memory|Resource temporarily unavailable/i, 'transient'],
  [
    /HTTP error 5\d\d|Server returned 5XX|Connection (refused|reset|timed out)|Input\/output error|Broken pipe/i,
    'transient',
  ],
  [
    /Unknown (en|de)coder|No such filter|Unrecognized option|Option not found|Protocol .{1,40} not on whitelist/i,
    'unfit',
  ],
  [
    /Invalid data|moov atom not found|matches no streams|could not find codec parameters|error while decoding/i,
    'input',
  ],
];

const failureOf = (code: number | null, by: string | null, errors: string): Error => {
  const complaints = complaintsIn(errors);
  const said = complaints.slice(-3).join('; ') || 'it gave no reason';
  // Killed by somebody, mostly for want of memory; a crash of its own comes again, but a limited number of retries costs little.
  if (by !== null) return new TransientError(`ffmpeg was ended by ${by}: ${said}`);
  const [, cause] = causes.find(([words]) => words.test(errors)) ?? [];
  if (cause === 'unfit') return new PermanentError('FFMPEG_UNFIT', said);
  if (cause === 'input') return new PermanentError('FILE_NOT_AS_EXPECTED', `ffmpeg cannot read it: ${said}`);
  return new TransientError(`ffmpeg ended with ${code}: ${said}`);
};
