import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

export interface ContainerOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly onLine: (line: string) => void;
}

export interface ContainerProcess {
  readonly pid: number | undefined;
  readonly exited: Promise<number>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/**
 * Ends the whole process group when this process has ended, however: the pipe on descriptor 3 then closes. A container
 * never outlives its host.
 */
const lifeline = `data:text/javascript,${encodeURIComponent(
  "import{Socket}from'node:net';const s=new Socket({fd:3});s.unref();s.on('error',()=>{});s.on('close',()=>process.kill(-process.pid,'SIGKILL'));s.resume();",
)}`;

/** A container as a process group of its own. A signal to it goes to its first process alone, as the engine does it. */
export const startContainer = ({ command, environment, folder, onLine }: ContainerOptions): ContainerProcess => {
  const [program = '', ...rest] = command;
  const isNode = program === process.execPath;
  const child = spawn(program, [...(isNode ? ['--import', lifeline] : []), ...rest], {
    cwd: folder,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', onLine);
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of it is left.
    }
  };
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code, signal) => {
      // Whatever the first process started ends with it.
      killGroup();
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
  return {
    pid: child.pid,
    exited,
    signal: (name) => {
      if (name === 'SIGKILL') killGroup();
      else child.kill(name);
    },
  };
};
