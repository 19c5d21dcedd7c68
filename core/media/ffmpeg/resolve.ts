import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import * as z from 'zod';
import { searchPath } from '../../step/config.ts';
import { PermanentError } from '../../step/errors.ts';

export type Ffmpeg = {
  readonly path: string;
  readonly version: string;
  readonly encoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  readonly muxers: ReadonlySet<string>;
  readonly demuxers: ReadonlySet<string>;
};

/** What a piece of work asks of the build. Builds differ most in their encoders. */
export type Needs = {
  readonly encoders?: readonly string[];
  readonly filters?: readonly string[];
  readonly muxers?: readonly string[];
  readonly demuxers?: readonly string[];
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const program = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';

/** Both packages are optional, and neither is bundled: whatever npm put beside us is found, or not. */
const fromPackages = (): string[] => {
  const installer = `@ffmpeg-installer/${process.platform}-${process.arch}/${program}`;
  return [import.meta.url, join(process.cwd(), 'package.json')].flatMap((base) => {
    const find = (name: string): string[] => {
      try {
        return [createRequire(base).resolve(name)];
      } catch {
        return [];
      }
    };
    const besides = find('ffmpeg-static/package.json').map((file) => join(file, '..', program));
    const installed = find(`@ffmpeg-installer/${process.platform}-${process.arch}/package.json`);
    return [...besides, ...installed.map((file) => join(file, '..', program)), ...find(installer)];
  });
};

export type WhereToLook = {
  /** An explicit choice: nothing else is looked at. */
  readonly ffmpegPath?: string | undefined;
  /** The search path, as the environment has it. */
  readonly path?: string | undefined;
  readonly layer?: string;
};

/** The first ffmpeg there is: chosen, layer, search path, packages. */
export const findFfmpeg = ({ ffmpegPath, path = '', layer = '/opt/bin/ffmpeg' }: WhereToLook): string => {
  if (ffmpegPath) {
    if (isProgram(ffmpegPath)) return ffmpegPath;
    throw new PermanentError('FFMPEG_MISSING', 'FFMPEG_PATH names no program that can be run');
  }
  const onPath = path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program));
  const found = [layer, ...onPath].find(isProgram) ?? fromPackages().find(isProgram);
  if (found) return found;
  throw new PermanentError('FFMPEG_MISSING', 'there is no ffmpeg: neither a layer, nor on the PATH, nor from npm');
};

const ask = (path: string, what: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { timeout: 30_000, maxBuffer: 4_194_304, env: {} };
    execFile(path, ['-hide_banner', what], options, (error, stdout) => {
      if (error)
        reject(new PermanentError('FFMPEG_UNFIT', `${path} cannot be run here: ${error.signal ?? error.code}`));
      else resolve(stdout);
    });
  });

/** `-encoders`, `-filters` and the like print flags, a name, or several with commas between, and a description. */
const namesIn = (listing: string): Set<string> =>
  new Set(
    listing
      .split('\n')
      .map((line) => /^ [A-Zd.| ]{1,6} +([^\s=]+)\s/.exec(line)?.[1])
      .flatMap((names) => names?.split(',') ?? []),
  );

const known = new Map<string, Promise<Ffmpeg>>();

/** What a build can do, asked once a process. */
export const inspectFfmpeg = (path: string): Promise<Ffmpeg> => {
  const inspect = async (): Promise<Ffmpeg> => {
    const version = /^ffmpeg version (\S+)/.exec(await ask(path, '-version'))?.[1] ?? 'unknown';
    const [encoders, filters, muxers, demuxers] = await Promise.all(
      ['-encoders', '-filters', '-muxers', '-demuxers'].map(async (what) => namesIn(await ask(path, what))),
    );
    const none = new Set<string>();
    return {
      ...{ path, version, encoders: encoders ?? none, filters: filters ?? none },
      ...{ muxers: muxers ?? none, demuxers: demuxers ?? none },
    };
  };
  const asked = known.get(path) ?? inspect();
  known.set(path, asked);
  // A failure may be of the moment: it is not remembered.
  asked.catch(() => known.delete(path));
  return asked;
};

export const resolveFfmpeg = async (where: WhereToLook): Promise<Ffmpeg> => inspectFfmpeg(findFfmpeg(where));

/** Where to find the program, if it is to be another than the first one there is. */
export const ffmpegConfig = { ffmpegPath: z.string().optional() };

/** Looked for when it is first needed; the search path is the process's own. */
export const openFfmpeg =
  ({ ffmpegPath }: { ffmpegPath?: string | undefined }) =>
  (): Promise<Ffmpeg> =>
    resolveFfmpeg({ ffmpegPath, path: searchPath() });

/** Before work is begun: what the build lacks for it is named. */
export const demand = (ffmpeg: Ffmpeg, needs: Needs): void => {
  const missing = (['encoders', 'filters', 'muxers', 'demuxers'] as const).flatMap((kind) =>
    (needs[kind] ?? []).filter((name) => !ffmpeg[kind].has(name)).map((name) => `${kind.slice(0, -1)} ${name}`),
  );
  if (missing.length > 0)
    throw new PermanentError('FFMPEG_UNFIT', `ffmpeg ${ffmpeg.version} lacks ${missing.join(', ')}`);
};
