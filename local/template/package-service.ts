import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { unzipTo } from './unzip.ts';

/** What the packages are made from. A file outside this list does not exist for the packaging. */
const INPUTS = [
  'serverless.yml',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'functions',
  'statemachines',
  'core',
  'layers',
  'container',
  'console',
];
/** Made by packaging, from what is in the list. */
const MADE = join('console', 'dist');
/** Larger files are binaries, such as the ffmpeg of the layer, which a function does not need on this machine. */
const LARGEST_INPUT = 2 * 1024 * 1024;
/** Changes when the packages' own layout changes. */
const LAYOUT = 2;
/** Packages kept beside the newest: a cloud that still runs from an older one loads functions as they are called. */
const KEPT = 24;
/** No packaging takes an hour. */
const ABANDONED_MS = 3_600_000;
const TEMPLATE = 'cloudformation-template-update-stack.json';

export interface PackageOptions {
  readonly root: string;
  /** The packages lie in `<folder>/package/<hash>/`. */
  readonly folder: string;
  readonly stage: string;
  /** Variables that serverless.yml may ask for with `${env:...}`. No other variable of this process reaches it. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onStart?: () => void;
}

export interface ServicePackage {
  readonly folder: string;
  readonly template: unknown;
  /** The folder that Lambda would unpack a function's bundle to, by the function's key. */
  readonly taskRoot: (key: string) => string;
  /** The program of each container's image, by the container's name. */
  readonly programs: Readonly<Record<string, string>>;
}

/** Packages the service as a deploy would, unless the very same inputs were packaged before. Needs no network. */
export const packageService = async (options: PackageOptions): Promise<ServicePackage> => {
  const files = readInputs(options.root);
  const packages = join(options.folder, 'package');
  const folder = join(packages, digest(files, options));
  if (!existsSync(folder)) {
    options.onStart?.();
    mkdirSync(packages, { recursive: true });
    await build(files, folder, options);
  }
  // The time of the last use decides which packages are kept.
  utimesSync(folder, new Date(), new Date());
  prune(packages);
  return {
    folder,
    template: JSON.parse(readFileSync(join(folder, TEMPLATE), 'utf8')) as unknown,
    taskRoot: (key) => join(folder, 'functions', key),
    programs: Object.fromEntries(
      namesIn(join(folder, 'containers')).map((file) => [basename(file, '.mjs'), join(folder, 'containers', file)]),
    ),
  };
};

type Files = readonly (readonly [path: string, content: Buffer])[];

const readInputs = (root: string): Files =>
  INPUTS.flatMap((input) => {
    const path = join(root, input);
    if (!existsSync(path)) return [];
    const names = statSync(path).isFile()
      ? ['']
      : (readdirSync(path, { recursive: true }) as string[]).filter((name) => !name.includes('node_modules')).sort();
    return names.flatMap((name) => {
      const file = join(path, name);
      const info = statSync(file);
      const isInput = info.isFile() && info.size <= LARGEST_INPUT && !join(input, name).startsWith(MADE);
      return isInput ? [[join(input, name), readFileSync(file)] as const] : [];
    });
  });

const digest = (files: Files, { stage, environment = {} }: PackageOptions): string => {
  const hash = createHash('sha256');
  const major = process.versions.node.split('.')[0];
  hash.update(JSON.stringify([LAYOUT, stage, major, Object.entries(environment).sort()]));
  for (const [path, content] of files)
    hash.update(`\n${path.replaceAll('\\', '/')} ${content.length}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
};

/**
 * Packages a private copy of the inputs, so that the result belongs to its hash whatever is edited meanwhile, two
 * processes can do it at once, and the person's own `.serverless` folder stays as it is. The functions are taken from
 * the zip files, because these are what Lambda gets: esbuild's output folder is shared by all functions and lacks what
 * packaging adds or leaves out.
 */
const build = async (files: Files, folder: string, options: PackageOptions): Promise<void> => {
  const work = `${folder}.${randomUUID()}`;
  try {
    const copy = join(work, 'service');
    for (const [path, content] of files) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), content);
    }
    // A junction, because Windows lets only administrators make other links.
    symlinkSync(join(options.root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    await runServerless(copy, options);

    const made = join(copy, '.serverless');
    const result = join(work, 'result');
    mkdirSync(join(result, 'functions'), { recursive: true });
    for (const name of readdirSync(made).filter((name) => name.endsWith('.zip'))) {
      unzipTo(readFileSync(join(made, name)), join(result, 'functions', basename(name, '.zip')));
    }
    for (const name of namesIn(join(copy, 'container')).filter((one) =>
      existsSync(join(copy, 'container', one, 'main.ts')),
    ))
      await runNode(['container/bundle.mjs', name, join(result, 'containers', `${name}.mjs`)], copy, {
        NODE_OPTIONS: '--no-warnings',
      });
    // Above each bundle, as on Lambda, no package.json says how to read a `.js` file; the project's own would.
    writeFileSync(join(result, 'package.json'), '{}\n');
    renameSync(join(made, TEMPLATE), join(result, TEMPLATE));
    publish(result, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** Another process may have finished the same package first; then its result is the one that stays. */
const publish = (result: string, folder: string): void => {
  try {
    renameSync(result, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
};

/** What a program needs to run at all. Credentials and settings of the person's AWS tools are not among it. */
const INHERITED = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'SystemRoot',
  'ComSpec',
  'PATHEXT',
  'TMPDIR',
  'TEMP',
  'TMP',
];

/** After a failure the bundler's own process keeps the tool from ending: this ends it once its verdict is set and told. */
const END_AFTER_FAILURE =
  'data:text/javascript,setInterval(()=>{if(process.exitCode)setTimeout(process.exit,300)},100).unref()';
/** Many times what the slowest machine needs. */
const PACKAGING_LIMIT_MS = 300_000;

const runServerless = async (cwd: string, { root, stage, environment }: PackageOptions): Promise<void> => {
  const program = join(root, 'node_modules/serverless/bin/serverless.js');
  if (!existsSync(program)) throw new Error('The packages are not installed yet. Run `npm ci` first.');
  const settings = { NODE_OPTIONS: '--no-warnings', AWS_EC2_METADATA_DISABLED: 'true', ...environment };
  await runNode(['--import', END_AFTER_FAILURE, program, 'package', '--stage', stage], cwd, settings).catch(
    (cause: unknown) => {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The service could not be packaged for the stage ${stage}; the tool said:\n${said}`, { cause });
    },
  );
};

/** Runs Node until it ends; its last lines are the error. */
const runNode = (args: readonly string[], cwd: string, environment: Record<string, string>): Promise<void> =>
  new Promise((resolve, reject) => {
    const inherited = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...(Object.fromEntries(inherited) as Record<string, string>), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PACKAGING_LIMIT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    // A person who interrupts the start must not leave a packaging behind.
    const stop = (): void => void child.kill();
    process.once('exit', stop);
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', stop);
      if (code === 0) return resolve();
      const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
      reject(new Error(lines.slice(-15).join('\n')));
    });
  });

/** Keeps the packages used last, and what others are still making; an older left-over is that of a killed process. */
const prune = (packages: string): void => {
  const entries = readdirSync(packages).map((name) => ({
    path: join(packages, name),
    finished: !name.includes('.'),
    usedAt: statSync(join(packages, name), { throwIfNoEntry: false })?.mtimeMs ?? Infinity,
  }));
  const finished = entries.filter((entry) => entry.finished).sort((a, b) => b.usedAt - a.usedAt);
  const abandoned = entries.filter((entry) => !entry.finished && entry.usedAt < Date.now() - ABANDONED_MS);
  for (const { path } of [...finished.slice(KEPT), ...abandoned]) rmSync(path, { recursive: true, force: true });
};
