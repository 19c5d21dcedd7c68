import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from '../gateway/json-lines.ts';
import { oneAtATime } from '../gateway/one-at-a-time.ts';

/** One event on its way to one target. */
export interface Delivery {
  readonly id: string;
  readonly rule: string;
  readonly arn: string;
  readonly payload: unknown;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** Not before; milliseconds since 1970. */
  readonly dueAt: number;
}

type Line = { readonly open: Delivery } | { readonly ended: string };

export interface DeliveryLog {
  /** What was not ended when the log was opened. */
  readonly leftOver: readonly Delivery[];
  /** Resolves when the deliveries would survive a kill. A delivery written again replaces the one before. */
  keep(deliveries: readonly Delivery[]): Promise<void>;
  end(delivery: Delivery): Promise<void>;
  /** Ends it too; kept for a person to read in dead-letters.jsonl. */
  bury(delivery: Delivery, reason: unknown, now: number): Promise<void>;
}

/** An append-only log, rewritten with what is still open each time it is opened. */
export const openDeliveryLog = async (folder: string): Promise<DeliveryLog> => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'deliveries.jsonl');
  const open = new Map<string, Delivery>();
  for (const line of await readJsonLines<Line>(file)) {
    if ('open' in line) open.set(line.open.id, line.open);
    else open.delete(line.ended);
  }
  const write = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(`${file}.part`, write([...open.values()].map((delivery) => ({ open: delivery }))));
  await rename(`${file}.part`, file);

  const inOrder = oneAtATime();
  const append = (lines: readonly Line[]): Promise<void> => inOrder(() => appendFile(file, write(lines)));
  return {
    leftOver: [...open.values()],
    keep: (deliveries) => append(deliveries.map((delivery) => ({ open: delivery }))),
    end: ({ id }) => append([{ ended: id }]),
    bury: async (delivery, reason, now) => {
      const letter = { ...delivery, reason, at: new Date(now).toISOString() };
      await inOrder(() => appendFile(join(folder, 'dead-letters.jsonl'), `${JSON.stringify(letter)}\n`));
      await append([{ ended: delivery.id }]);
    },
  };
};
