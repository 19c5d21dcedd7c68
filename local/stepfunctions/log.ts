import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './execution.ts';

/** Where the entries of the executions are kept: one append-only file of JSON lines for each execution. */
export interface Log {
  append(arn: string, entry: Entry): void;
  read(arn: string): readonly Entry[];
  /** Every execution's entries. */
  all(): Iterable<readonly Entry[]>;
}

/** For tests of machines: nothing outlives the process. */
export const createMemoryLog = (): Log => {
  const entries = new Map<string, Entry[]>();
  return {
    append: (arn, entry) => {
      const known = entries.get(arn);
      if (known) known.push(entry);
      else entries.set(arn, [entry]);
    },
    read: (arn) => entries.get(arn) ?? [],
    all: () => entries.values(),
  };
};

const suffix = '.jsonl';

/** Readable, and unique whatever characters the name has. */
const fileName = (arn: string): string => {
  const name = arn.slice(arn.lastIndexOf(':') + 1).replace(/[^A-Za-z0-9_-]/g, '_');
  return `${name}.${createHash('sha256').update(arn).digest('hex').slice(0, 16)}${suffix}`;
};

/**
 * A process killed while it appends leaves a torn last line. It was never acknowledged, so it is dropped, and cut off
 * before something is appended behind it.
 */
const readFile = (path: string): readonly Entry[] => {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(path, end);
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Entry;
    } catch {
      throw new Error(`Line ${index + 1} of ${path} is damaged. Remove the file, or start with an empty data folder.`);
    }
  });
};

/**
 * Written synchronously: an entry that has been appended survives the death of the process, the order on disk is the
 * order of events, and no answer can overtake its record. One append takes some tens of microseconds.
 */
export const createFileLog = (folder: string): Log => {
  mkdirSync(folder, { recursive: true });
  const pathOf = (arn: string): string => join(folder, fileName(arn));
  return {
    append: (arn, entry) => appendFileSync(pathOf(arn), `${JSON.stringify(entry)}\n`),
    read: (arn) => (existsSync(pathOf(arn)) ? readFile(pathOf(arn)) : []),
    *all() {
      for (const name of readdirSync(folder).sort()) if (name.endsWith(suffix)) yield readFile(join(folder, name));
    },
  };
};
