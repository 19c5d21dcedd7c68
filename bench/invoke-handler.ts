import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { localCredentials, localRegion } from '../local/gateway/credentials.ts';
import { projectRoot } from '../local/root.ts';

type Run = {
  /** From the start of the process to the answer to the last event. */
  readonly millis: number;
  readonly cpuMillis: number;
  readonly results: readonly (readonly [status: number, millis: number, cpuMillis: number])[];
};

/** Runs a handler in a new process, with these events, and hears what it took. */
export const invokeHandler = (
  handlerFile: string,
  eventsFile: string,
  environment: Readonly<Record<string, string>>,
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [join(projectRoot(), 'bench/invoke-handler.mjs'), handlerFile, eventsFile], {
      env: { PATH: process.env.PATH, NODE_OPTIONS: '--no-warnings', ...environment },
      // What the handler logs is written, as on Lambda, but read by nobody.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let answeredAt = startedAt;
    let complaints = '';
    (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      answeredAt = performance.now();
      said += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', () => {
      if (said === '') return reject(new Error(`The handler ${handlerFile} did not answer: ${complaints}`));
      resolve({ ...(JSON.parse(said) as Omit<Run, 'millis'>), millis: answeredAt - startedAt });
    });
  });

/** All that lets a function reach the stand-in. */
export const environmentFor = (url: string, own: Readonly<Record<string, string>>): Record<string, string> => ({
  ...own,
  AWS_ENDPOINT_URL: url,
  AWS_REGION: localRegion,
  AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
});

/** A folder for what a measurement writes; gone when it ends. */
export const withScratch = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const writeEvents = (file: string, events: readonly object[]): string => {
  writeFileSync(file, JSON.stringify(events));
  return file;
};
