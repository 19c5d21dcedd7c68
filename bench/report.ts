import { bold, dim, green, red } from '../local/reporter.ts';

export const print = (line = ''): void => void process.stdout.write(`${line}\n`);

export const title = (text: string): void => print(`\n${bold(text)}`);
export const note = (text: string): void => print(dim(`  ${text}`));

/** Columns are as wide as their widest cell; numbers, which end in a digit or a unit, stand on the right. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  print(`  ${dim(line(head))}`);
  for (const row of rows) print(`  ${line(row)}`);
};

export type Verdict = { readonly what: string; readonly holds: boolean };

export const judge = (what: string, holds: boolean): Verdict => {
  print(`  ${holds ? green('✔') : red('✖')} ${what}`);
  return { what, holds };
};

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
};
export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;
export const ms = (value: number, digits = 1): string => `${value.toFixed(digits)} ms`;
