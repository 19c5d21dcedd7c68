import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint } from './complaint.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Who made the lock; nobody where it cannot be read. */
const holderOf = (file: string): number => {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return 0;
  }
};

/** One local cloud per data folder. The lock of a process that was killed is taken over. */
export const lockFolder = (folder: string): (() => void) => {
  const file = join(folder, 'lock');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Complaint(
      `The folder ${folder} cannot be made: ${(error as NodeJS.ErrnoException).code}. Check who owns it.`,
    );
  }
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      const unlock = (): void => {
        process.off('exit', unlock);
        rmSync(file, { force: true });
      };
      // A start that is interrupted ends without closing anything.
      process.once('exit', unlock);
      return unlock;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST')
        throw new Complaint(`The folder ${folder} cannot be written to (${code}). Check who owns it.`);
    }
    const holder = holderOf(file);
    if (holder && holder !== process.pid && isAlive(holder)) {
      throw new Complaint(`Another Rapporteur (process ${holder}) works in ${folder}. Stop that one first.`);
    }
    rmSync(file, { force: true, recursive: true });
  }
  throw new Complaint(`The lock ${file} cannot be had. Delete it if no other Rapporteur runs.`);
};
