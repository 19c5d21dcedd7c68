import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const prefix = 'rapporteur-merge-';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, but not ours.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A process that was killed leaves its directory behind; the disk of a warm Lambda is the next one's. */
const clearAbandoned = async (scratch: string): Promise<void> => {
  for (const name of await readdir(scratch)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(scratch, name), { recursive: true, force: true });
  }
};

/** Runs with a directory that nobody else has, and that is gone afterwards whatever happens. */
export const inPrivateDirectory = async <Result>(
  scratch: string,
  run: (directory: string) => Promise<Result>,
): Promise<Result> => {
  await clearAbandoned(scratch);
  const directory = await mkdtemp(join(scratch, `${prefix}${process.pid}-`));
  try {
    return await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
