import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { parse } from 'yaml';
import { packagedDeployment } from '../local/deployed.ts';
import type { LocalFunction } from '../local/lambda/local-function.ts';
import { projectRoot } from '../local/root.ts';
import { bundleBudget } from './budgets.ts';
import { judge, kB, note, table, title, type Verdict } from './report.ts';

export const packageFolder = (): string => process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local');

export type PackagedFunction = LocalFunction & { readonly key: string; readonly bytes: number };

/** The very functions that the local cloud runs and that a deploy would upload, with the bytes that Lambda would unpack. */
export const packagedFunctions = async (): Promise<PackagedFunction[]> => {
  const { deployment, functions } = await packagedDeployment({
    packageFolder: packageFolder(),
    onPackaging: () => note('Packaging the service (only when it changed) …'),
  });
  return functions.map((fn) => {
    const key = deployment.functions.find(({ name }) => name === fn.name)?.key ?? fn.name;
    return { ...fn, key, bytes: bytesIn(fn.taskRoot ?? fn.entryFile) };
  });
};

export const packagedFunction = async (key: string): Promise<PackagedFunction> => {
  const found = (await packagedFunctions()).find((fn) => fn.key === key);
  if (!found) throw new Error(`The package has no function ${key}.`);
  return found;
};

const bytesIn = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
    : statSync(path).size;

/** The esbuild settings of serverless.yml, so that whatever is built here is built as the functions are. */
export const bundleSettings = (): BuildOptions => {
  // The tags of CloudFormation mean nothing here, and are no reason for a warning.
  const service = parse(readFileSync(join(projectRoot(), 'serverless.yml'), 'utf8'), { logLevel: 'silent' }) as {
    custom: { esbuild: BuildOptions };
  };
  const { bundle, minify, format, platform, target, mainFields, banner } = service.custom.esbuild;
  const settings = { bundle, minify, format, platform, target, mainFields, banner };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
};

const groups = ['@aws-sdk', '@smithy', 'zod', 'axios', '@middy', 'other packages', 'ours'] as const;
type Shares = Record<(typeof groups)[number], number>;

/** Bundles a function once more, for esbuild's account of what the bytes are. */
const sharesOf = async ({ key, taskRoot, entryFile }: PackagedFunction): Promise<Shares> => {
  const source = entryFile.slice((taskRoot ?? '').length + 1).replace(/\.[cm]?js$/, '.ts');
  const { metafile } = await build({
    ...bundleSettings(),
    absWorkingDir: projectRoot(),
    entryPoints: [source],
    outfile: `${key}.mjs`,
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const shares = Object.fromEntries(groups.map((group) => [group, 0])) as Shares;
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name] = /.*node_modules\/([^/]+)/.exec(path) ?? [];
      shares[groups.find((group) => group === name) ?? (name ? 'other packages' : 'ours')] += bytesInOutput;
    }
  return shares;
};

export const bundles = async (): Promise<Verdict[]> => {
  title('Bundles: what each function unpacks to, and what it is made of');
  const functions = (await packagedFunctions()).sort((a, b) => b.bytes - a.bytes);
  const shares = await Promise.all(functions.map(sharesOf));
  table(
    ['function', 'size', 'budget', ...groups],
    functions.map(({ key, bytes }, index) => [
      key,
      kB(bytes),
      kB(bundleBudget(key)),
      ...groups.map((group) => kB(shares[index]?.[group] ?? 0)),
    ]),
  );
  const broken = functions.filter(({ key, bytes }) => bytes > bundleBudget(key)).map(({ key }) => key);
  return [
    judge(
      `Every bundle is within its budget${broken.length > 0 ? `, but ${broken.join(', ')}` : ''}`,
      broken.length === 0,
    ),
  ];
};
