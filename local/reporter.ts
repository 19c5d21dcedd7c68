import * as z from 'zod';

/** What the functions log, as far as it is shown: each step's start and end. */
const entry = z.object({
  message: z.string(),
  jobId: z.string().optional(),
  step: z.string().optional(),
  milliseconds: z.number().optional(),
  /** Of work that takes long, every few seconds. */
  percent: z.number().optional(),
  merge: z.string().optional(),
  error: z.object({ message: z.string() }).optional(),
});

const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code: number, text: string): string => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);
export const dim = (text: string): string => paint(2, text);
export const bold = (text: string): string => paint(1, text);

export const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Prints progress a step a line; the steps of a Map, which run once a file, share one. */
export const reportSteps = (print: (line: string) => void, now: () => number = Date.now) => {
  const files = new Map<string, { count: number; startedAt: number; endedAt: number }>();
  const nouns: Readonly<Record<string, string>> = { DownloadPart: 'file', FinishFile: 'file', MergeMedia: 'merge' };
  const line = (step: string, what: string, milliseconds: number): void =>
    print(`  ${green('✔')} ${step.padEnd(16)} ${what.padEnd(10)} ${dim(seconds(milliseconds))}`);

  const flush = (): void => {
    for (const [step, { count, startedAt, endedAt }] of files) {
      line(step, `${count} ${nouns[step]}${count === 1 ? '' : 's'}`, endedAt - startedAt);
    }
    files.clear();
  };

  return (text: string): void => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return;
    }
    const { data } = entry.safeParse(json);
    if (!data?.step) return;
    const { step, message, milliseconds = 0, percent = 0, merge = '' } = data;
    if (message === 'step failed') {
      flush();
      print(`  ${red('✖')} ${step.padEnd(16)} ${data.error?.message.split('\n')[0] ?? ''}`);
    }
    if (message === 'step progress') print(`  ${dim('…')} ${step.padEnd(16)} ${dim(`${merge} ${percent} %`)}`);
    if (message !== 'step ended') return;
    if (nouns[step]) {
      const { count, startedAt } = files.get(step) ?? { count: 0, startedAt: now() - milliseconds };
      files.set(step, { count: count + 1, startedAt, endedAt: now() });
    } else {
      flush();
      line(step, '', milliseconds);
    }
  };
};
