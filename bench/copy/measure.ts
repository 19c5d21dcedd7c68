import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export type Measured = { readonly seconds: number; readonly cpuSeconds: number; readonly peakBytes: number };

type Options = {
  readonly environment: Readonly<Record<string, string>>;
  /** Runs in the shell before the clock starts: puts it under a limit. */
  readonly prelude?: string | undefined;
};

/** Runs a line of the shell; its processor time is that of all programs in it, its memory the sum of their peaks. */
export const measure = (line: string, { environment, prelude = '' }: Options): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const script = `set -o pipefail; ${prelude}\nTIMEFORMAT='timed %3R %3U %3S'; time { ${line}; }`;
    const shell = spawn('bash', ['-c', script], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    shell.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const peaks = new Map<number, number>();
    const watch = setInterval(() => {
      for (const pid of descendants(shell.pid ?? 0)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
    }, 40);
    shell.once('error', reject);
    shell.once('close', (code) => {
      clearInterval(watch);
      const [, real, user, system] = /timed ([\d.]+) ([\d.]+) ([\d.]+)/.exec(said) ?? [];
      if (code !== 0 || real === undefined) return reject(new Error(`"${line}" ended with ${code}: ${said}`));
      const peakBytes = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
      resolve({ seconds: Number(real), cpuSeconds: Number(user) + Number(system), peakBytes });
    });
  });

/** Of /proc, so on Linux alone; elsewhere there is no figure. */
const descendants = (parent: number): number[] => {
  const parents = new Map<number, number>();
  for (const name of listProc()) {
    const pid = Number(name);
    // The name of a program, in parentheses, may hold spaces.
    if (pid) parents.set(pid, Number(read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1]));
  }
  const found = [...parents].filter(([, its]) => its === parent).map(([pid]) => pid);
  for (const pid of found) found.push(...[...parents].filter(([, its]) => its === pid).map(([child]) => child));
  return found;
};

const peakOf = (pid: number): number => Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024;

const listProc = (): string[] => {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
};

/** Empty where the process has ended meanwhile. */
const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
};
