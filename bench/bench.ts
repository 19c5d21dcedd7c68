import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { bundles } from './bundles.ts';
import { cold } from './cold.ts';
import { copy, copyMemory } from './copy.ts';
import { cost } from './cost.ts';
import { insights } from './insights.ts';
import { load } from './load.ts';
import { merge } from './merge.ts';
import { note, print, title, type Verdict } from './report.ts';
import { warm } from './warm.ts';

/** `npm run bench`, or only some of it: `npm run bench -- bundles cold`. Ends with 1 where a budget is broken. */
const usual: Readonly<Record<string, () => Promise<Verdict[]>>> = {
  bundles,
  cold,
  warm,
  insights,
  load,
  cost,
  merge,
  copy,
};
/** With those that take so long that one asks for them by name. */
const measurements: Readonly<Record<string, () => Promise<Verdict[]>>> = { ...usual, 'copy-memory': copyMemory };

const run = async (names: readonly string[]): Promise<number> => {
  const unknown = names.filter((name) => !Object.hasOwn(measurements, name));
  if (unknown.length > 0) {
    print(
      `There is no measurement ${unknown.join(', ')}. Say ${Object.keys(measurements).join(', ')}, or nothing for all.`,
    );
    return 2;
  }
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  print(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} × ${model.trim()}, ${memory}`,
  );
  const [busy = 0] = loadavg();
  if (busy > availableParallelism() / 2)
    note(
      `Others use this machine (load average ${busy.toFixed(1)}): a time budget that breaks here may hold on a quiet one.`,
    );
  const verdicts: Verdict[] = [];
  for (const name of names.length > 0 ? names : Object.keys(usual))
    verdicts.push(...((await measurements[name]?.()) ?? []));
  const broken = verdicts.filter(({ holds }) => !holds);
  title(
    broken.length === 0
      ? `All ${verdicts.length} budgets hold.`
      : `${broken.length} of ${verdicts.length} budgets are broken:`,
  );
  for (const { what } of broken) print(`  ${what}`);
  return broken.length === 0 ? 0 : 1;
};

run(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
