import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { awsEnvironment } from '../../local/cloud.ts';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * Where a program is that these tests did not write; undefined where it is not installed, which CI does not accept.
 * Debian's own comes first: other versions may stand before it in PATH.
 */
const findProgram = (name: string, chosen: string | undefined): string | undefined => {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const found = [...(chosen ? [chosen] : []), ...folders.map((folder) => join(folder, name))].find(isProgram);
  if (!found && process.env.CI) throw new Error(`${name} must be installed in CI: apt-get install awscli rclone`);
  return found;
};

const awscli = findProgram('aws', process.env.RAPPORTEUR_AWSCLI);
const rclone = findProgram('rclone', process.env.RAPPORTEUR_RCLONE);

const whereInstalled = (program: string | undefined, debianPackage: string) => (title: string, tests: () => void) => {
  if (program) return describe(title, tests);
  // On a machine with Node alone; in CI its absence is an error, above.
  process.stderr.write(`Skipped: "${title}", because ${debianPackage} is not installed (apt-get install it).\n`);
  return describe.skip(title, tests);
};
/** Milliseconds for a test of them: a start of the AWS CLI costs half a second of processor time, which a busy machine lacks. */
export const patience = 120_000;

/** A group of tests that needs the program. */
export const describeAwscli = whereInstalled(awscli, 'awscli');
export const describeRclone = whereInstalled(rclone, 'rclone');

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}
export interface Invocation {
  readonly environment?: Record<string, string>;
  readonly input?: string | Buffer;
}

const run = (
  program: string,
  words: readonly string[],
  { environment, input, folder }: Invocation & { folder: string },
): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: { ...environment }, cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, [...words], options, (error, output, errors) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors }),
    );
    child.stdin?.on('error', () => undefined).end(input);
  });

/** Runs the program for its output; a failure is an error with what the program said. */
const orThrow = async (outcome: Promise<Outcome>, words: readonly string[]): Promise<string> => {
  const { code, output, errors } = await outcome;
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${errors || output}`);
  return output;
};

/** Both programs against one endpoint, with a folder of their own and nothing of the environment but what the README names. */
export const clientsOf = (endpoint: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-clients-'));
  const common = {
    ...awsEnvironment(endpoint),
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
    PATH: process.env.PATH ?? '',
    HOME: folder,
    LANG: 'C.UTF-8',
    // A command that forgot its endpoint would ask the real AWS: here it finds nobody.
    HTTPS_PROXY: 'http://127.0.0.1:1',
    NO_PROXY: '127.0.0.1',
  };
  const remote = {
    RCLONE_CONFIG: '',
    RCLONE_CONFIG_LOCAL_TYPE: 's3',
    RCLONE_CONFIG_LOCAL_PROVIDER: 'Other',
    RCLONE_CONFIG_LOCAL_ENV_AUTH: 'true',
    RCLONE_CONFIG_LOCAL_REGION: 'us-east-1',
    RCLONE_CONFIG_LOCAL_ENDPOINT: endpoint,
  };
  const aws = (words: readonly string[], { environment, input }: Invocation = {}): Promise<Outcome> =>
    run(awscli ?? '', ['--endpoint-url', endpoint, ...words], {
      folder,
      environment: { ...common, ...environment },
      ...(input === undefined ? {} : { input }),
    });
  const copy = (words: readonly string[], { environment, input }: Invocation = {}): Promise<Outcome> =>
    run(rclone ?? '', [...words, '--retries', '1', '--low-level-retries', '1'], {
      folder,
      environment: { ...common, ...remote, ...environment },
      ...(input === undefined ? {} : { input }),
    });

  return {
    folder,
    remove: (): void => rmSync(folder, { recursive: true, force: true }),
    /** The CLI's output. Words are separated by single blanks; an array's words may hold blanks. */
    aws: (words: string | readonly string[], invocation?: Invocation): Promise<string> => {
      const list = typeof words === 'string' ? words.split(' ') : words;
      return orThrow(aws(list, invocation), list);
    },
    /** The CLI's answer as an object. */
    awsJson: async (words: string | readonly string[], invocation?: Invocation): Promise<unknown> => {
      const list = [...(typeof words === 'string' ? words.split(' ') : words), '--output', 'json'];
      const output = await orThrow(aws(list, invocation), list);
      return output.trim() === '' ? undefined : (JSON.parse(output) as unknown);
    },
    /** What the CLI says when it fails, in one line. */
    awsRefusal: async (words: string | readonly string[], invocation?: Invocation): Promise<string> => {
      const { code, errors, output } = await aws(typeof words === 'string' ? words.split(' ') : words, invocation);
      return code === 0 ? `It was not refused: ${output}` : errors.trim().replace(/\s+/g, ' ');
    },
    rclone: async (words: string | readonly string[], invocation?: Invocation): Promise<Outcome> => {
      const list = typeof words === 'string' ? words.split(' ') : words;
      const outcome = await copy(list, invocation);
      await orThrow(Promise.resolve(outcome), list);
      return outcome;
    },
    rcloneRefusal: async (words: string | readonly string[], invocation?: Invocation): Promise<string> => {
      const { code, errors, output } = await copy(typeof words === 'string' ? words.split(' ') : words, invocation);
      return code === 0 ? `It was not refused: ${output}` : errors.trim().replace(/\s+/g, ' ');
    },
  };
};
export type Clients = ReturnType<typeof clientsOf>;
