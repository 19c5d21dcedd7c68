import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedDeployment } from '../../local/deployed.ts';
import { projectRoot } from '../../local/root.ts';

const packageFolder = process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local');

/** A data folder that borrows the project's packages, since packaging depends on nothing in it. */
export const dataFolder = async (): Promise<string> => {
  await packagedDeployment({ packageFolder });
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-start-'));
  mkdirSync(join(folder, 'data'));
  symlinkSync(join(packageFolder, 'package'), join(folder, 'package'), 'junction');
  return folder;
};

export const settingOf = {
  page: 'RAPPORTEUR_PAGE_PORT',
  api: 'RAPPORTEUR_API_PORT',
  gateway: 'RAPPORTEUR_AWS_PORT',
  zoom: 'RAPPORTEUR_ZOOM_PORT',
  zoomStorage: 'RAPPORTEUR_ZOOM_STORAGE_PORT',
} as const;

export const anyPorts: Record<string, string> = Object.fromEntries(Object.values(settingOf).map((name) => [name, '0']));

/** A port below those that a system hands out by itself, so that it is still free after a restart. */
export const quietPort = async (): Promise<number> => {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
};

export type Exit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Rapporteur = {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** Resolves when the text has been printed; rejects when the process ends without. */
  readonly says: (text: string) => Promise<void>;
};

type Options = {
  readonly data: string;
  readonly command?: string;
  readonly environment?: Record<string, string>;
  readonly nodeFlags?: readonly string[];
};

/** What `npm start` runs, as a process of its own. */
export const runRapporteur = ({ data, command = 'start', environment = {}, nodeFlags = [] }: Options): Rapporteur => {
  const root = projectRoot();
  const child = spawn(
    process.execPath,
    [...nodeFlags, join(root, 'local/run.mjs'), join(root, 'local/main.ts'), command],
    {
      cwd: root,
      env: { PATH: process.env.PATH, ...anyPorts, ...environment, RAPPORTEUR_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void exit.then(() => reject(new Error(`It ended without saying "${text}":\n${stdout}\n${stderr}`)));
    });
  return { child, exit, says };
};
