// Bundles the program of a container into one file: `node container/bundle.mjs media container/dist/media.mjs`.
// Plain JavaScript, so that it also runs where nothing but esbuild and the sources are: in the image's build stage.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [name, outfile] = process.argv.slice(2);
if (!name || !outfile) {
  console.error('Say which container and where to: node container/bundle.mjs media container/dist/media.mjs');
  process.exit(1);
}
mkdirSync(dirname(outfile), { recursive: true });
await build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), name, 'main.ts')],
  outfile,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  logLevel: 'error',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
