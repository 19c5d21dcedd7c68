import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../gateway/aws-error.ts';
import type { Clock } from '../gateway/clock.ts';
import { readJsonLines } from '../gateway/json-lines.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';
import { NotAnExpression, type Recurrence } from './cron.ts';
import { ruleSchedule } from './schedule-expression.ts';

export interface ScheduledRule {
  readonly name: string;
  readonly expression: string;
}

/** What is remembered of a rule: its rate counts from `since`, and all up to `until` has had its event. */
type Mark = { readonly name: string; readonly expression: string; readonly since: number; readonly until: number };

export interface SchedulesOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Resolves when the event would survive a kill. */
  readonly fire: (name: string, at: number) => Promise<void>;
  /** Rules of which an earlier process left an event undelivered. */
  readonly leftOver: ReadonlySet<string>;
}

export interface Schedules {
  /** Refuses an expression as PutRule does. */
  put(rule: ScheduledRule): Promise<void>;
  resume(): void;
  close(): Promise<void>;
}

/** setTimeout counts to 24 days; a wait that is cut short only looks at the clock once more. */
const longestWait = 86_400_000;

/**
 * The events of rules with a schedule. What fell due while nothing ran makes one event, not one for each time, and
 * none if an earlier one still waits.
 */
export const openSchedules = async (options: SchedulesOptions): Promise<Schedules> => {
  const { folder, clock, fire, leftOver } = options;
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'schedules.jsonl');
  const marks = new Map((await readJsonLines<Mark>(file)).map((mark) => [mark.name, mark]));
  const write = (lines: readonly Mark[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(`${file}.part`, write([...marks.values()]));
  await rename(`${file}.part`, file);
  const inOrder = oneAtATime();
  const remember = (mark: Mark): Promise<void> => {
    marks.set(mark.name, mark);
    return inOrder(() => appendFile(file, write([mark])));
  };

  const stop = new AbortController();
  const recurrences = new Map<string, Recurrence>();
  const running: Promise<void>[] = [];

  const keepTime = async (name: string, next: Recurrence): Promise<void> => {
    const startedAt = clock.now();
    for (;;) {
      const mark = marks.get(name) as Mark;
      const due = next(mark.until);
      if (due === undefined) return;
      const wait = due - clock.now();
      if (wait > 0) {
        await clock.sleep(Math.min(wait, longestWait), stop.signal);
        continue;
      }
      const now = clock.now();
      const isMissed = (next(due) ?? Infinity) <= now;
      // An event that was left stands for all that was missed since; the kill may also have come before it was noted.
      if (due > startedAt || !leftOver.has(name)) await fire(name, isMissed ? now : due);
      await remember({ ...mark, until: now });
    }
  };

  return {
    put: async ({ name, expression }) => {
      const known = marks.get(name);
      const now = clock.now();
      const mark = known?.expression === expression ? known : { name, expression, since: now, until: now };
      try {
        recurrences.set(name, ruleSchedule(expression, mark.since));
      } catch (error) {
        if (!(error instanceof NotAnExpression)) throw error;
        const because = `Parameter ScheduleExpression is not valid. Rule ${name}: ${error.message}.`;
        throw new AwsError('ValidationException', because);
      }
      if (mark !== known) await remember(mark);
    },
    resume: () => {
      for (const [name, next] of recurrences)
        running.push(
          keepTime(name, next).catch((error: unknown) => {
            if (!stop.signal.aborted)
              console.error(`The schedule of the rule ${name} stopped until the next start.`, error);
          }),
        );
      recurrences.clear();
    },
    close: async () => {
      stop.abort();
      await Promise.all(running);
    },
  };
};
