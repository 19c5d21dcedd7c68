import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from '../gateway/json-lines.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';
import type { Task } from './task.ts';

/** A stopped task can be described for about an hour. */
export const rememberedMs = 3_600_000;

export interface TaskLog {
  readonly tasks: Map<string, Task>;
  /** Resolves when the task as it is now would survive a kill. */
  keep(task: Task): Promise<void>;
}

/** Append-only, a line a change, rewritten with what is still remembered each time it is opened. */
export const openTaskLog = async (folder: string, now: number): Promise<TaskLog> => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'tasks.jsonl');
  const tasks = new Map<string, Task>();
  for (const task of await readJsonLines<Task>(file)) tasks.set(task.arn, task);
  for (const { arn, stoppedAt } of [...tasks.values()])
    if (stoppedAt !== undefined && stoppedAt < now - rememberedMs) tasks.delete(arn);
  await writeFile(`${file}.part`, [...tasks.values()].map((task) => `${JSON.stringify(task)}\n`).join(''));
  await rename(`${file}.part`, file);
  const inOrder = oneAtATime();
  return {
    tasks,
    keep: (task) => {
      const line = `${JSON.stringify(task)}\n`;
      return inOrder(() => appendFile(file, line));
    },
  };
};
