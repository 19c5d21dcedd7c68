import { readFile, truncate } from 'node:fs/promises';

/**
 * Reads an append-only log, a JSON value a line; a file that is not there is an empty log. A last line without its end
 * was cut short by a kill before it was acknowledged: it is taken off, so that the next one starts on a line of its own.
 */
export const readJsonLines = async <T>(file: string): Promise<T[]> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) await truncate(file, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, at) => {
    try {
      return JSON.parse(line) as T;
    } catch {
      throw new Error(`Line ${at + 1} of ${file} is damaged.`);
    }
  });
};
