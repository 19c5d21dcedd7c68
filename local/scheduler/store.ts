import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from '../gateway/json-lines.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';

export type Target = {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: { readonly MaximumEventAgeInSeconds?: number; readonly MaximumRetryAttempts?: number };
};

/** A schedule as it was asked for, its defaults filled in, with what became of it. Moments in milliseconds. */
export type Schedule = {
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly description?: string;
  readonly kmsKeyArn?: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly window: { readonly Mode: 'OFF' | 'FLEXIBLE'; readonly MaximumWindowInMinutes?: number };
  readonly target: Target;
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** All that was due up to here has been sent on its way. */
  readonly until: number;
  /** Its last time has been sent on its way. */
  readonly isComplete?: true;
};

export type Group = { readonly name: string; readonly createdAt: number; readonly modifiedAt: number };
/** A request that was answered: sent again with its token, it gets the same answer. */
export type Answered = {
  readonly token: string;
  readonly request: string;
  readonly answer: object;
  readonly at: number;
};

export type Line =
  | { readonly schedule: Schedule }
  | { readonly gone: string }
  | { readonly group: Group }
  | { readonly groupGone: string }
  | { readonly answered: Answered };

/** Longer than any client repeats a request. */
const tokensLive = 28_800_000;

export const keyOf = ({ group, name }: { group: string; name: string }): string => `${group}/${name}`;

/** An append-only log of schedules, groups and tokens, rewritten with what counts each time it is opened. */
export const openStore = async (folder: string, now: number) => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'schedules.jsonl');
  const schedules = new Map<string, Schedule>();
  const groups = new Map<string, Group>();
  const answers = new Map<string, Answered>();
  const apply = (line: Line): void => {
    if ('schedule' in line) schedules.set(keyOf(line.schedule), line.schedule);
    else if ('gone' in line) schedules.delete(line.gone);
    else if ('group' in line) groups.set(line.group.name, line.group);
    else if ('groupGone' in line) groups.delete(line.groupGone);
    else answers.set(line.answered.token, line.answered);
  };
  // One line of the file is one change, so that a kill leaves the whole of it or nothing.
  for (const lines of await readJsonLines<Line[]>(file)) lines.forEach(apply);
  if (!groups.has('default')) groups.set('default', { name: 'default', createdAt: now, modifiedAt: now });
  for (const { token, at } of [...answers.values()]) if (at < now - tokensLive) answers.delete(token);
  const all: Line[] = [
    ...[...groups.values()].map((group) => ({ group })),
    ...[...schedules.values()].map((schedule) => ({ schedule })),
    ...[...answers.values()].map((answered) => ({ answered })),
  ];
  await writeFile(`${file}.part`, `${JSON.stringify(all)}\n`);
  await rename(`${file}.part`, file);

  const inOrder = oneAtATime();
  return {
    schedules,
    groups,
    answers,
    /** Resolves when the change would survive a kill. */
    change: (...lines: Line[]): Promise<void> => {
      lines.forEach(apply);
      return inOrder(() => appendFile(file, `${JSON.stringify(lines)}\n`));
    },
  };
};

export type Store = Awaited<ReturnType<typeof openStore>>;
