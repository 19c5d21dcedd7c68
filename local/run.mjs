#!/usr/bin/env node
// Runs one TypeScript file: `node local/run.mjs FILE.ts [arguments]`.
// Plain JavaScript on purpose, so that an old Node reads the sentence below instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Rapporteur needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
  );
  process.exit(1);
}

const { mkdirSync, readdirSync, rmSync, statSync } = await import('node:fs');
const { dirname, join, relative, resolve } = await import('node:path');
const { fileURLToPath, pathToFileURL } = await import('node:url');

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = process.argv[2];
if (!entry) {
  console.error('Say which file to run: node local/run.mjs FILE.ts [arguments]');
  process.exit(1);
}

let esbuild;
try {
  esbuild = await import('esbuild');
} catch {
  console.error('The packages are not installed yet. Run `npm ci` first.');
  process.exit(1);
}

// Inside node_modules, so that bare imports of the built file resolve and nothing is left in the tree.
const outdir = join(root, 'node_modules', '.cache', 'rapporteur', 'run');
mkdirSync(outdir, { recursive: true });
// A process that was killed leaves its file behind; a running one has read its own long ago.
for (const name of readdirSync(outdir)) {
  const file = join(outdir, name);
  if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 60_000)
    rmSync(file, { force: true });
}
const outfile = join(
  outdir,
  relative(root, resolve(entry)).replace(/[\\/]/g, '--').replace(/\.ts$/, `-${process.pid}.mjs`),
);
await esbuild.build({
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'error',
});
// The AWS SDK says at every start that it will want Node 22 from 2027 on; the version is pinned here.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes('AWS SDK for JavaScript')) emitWarning.call(process, warning, ...rest);
};
process.argv.splice(1, 2, resolve(entry));
process.setSourceMapsEnabled(true);
process.on('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
