import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { projectRoot } from '../../local/root.ts';
import type { Certificate } from './certificate.ts';

const programs = ['source', 'sink', 'local-s3', 'worker', 'lib-storage'] as const;
export type Program = (typeof programs)[number];

/** One file each, as a deploy would make it: what is measured does not wait for a compiler. */
export const buildPrograms = async (folder: string): Promise<(program: Program) => string> => {
  await build({
    entryPoints: programs.map((program) => join(projectRoot(), 'bench/copy', `${program}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // Packages that are CommonJS ask for Node's modules in this way.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return (program) => join(folder, `${program}.mjs`);
};

export type Running = { readonly url: string; readonly stop: () => void };

/** A program that serves over TLS, in a process of its own, so that its work is nobody else's. */
export const serve = async (
  file: string,
  { key, cert }: Certificate,
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const child: ChildProcess = fork(file, { env: { ...process.env, TLS_KEY: key, TLS_CERT: cert, ...environment } });
  const [port] = (await once(child, 'message')) as [number];
  return { url: `https://127.0.0.1:${port}`, stop: () => void child.kill() };
};

/** What every program needs to find the source and the bucket, and to trust them. */
export const environmentOf = (target: string, { cert }: Certificate): Record<string, string> => ({
  AWS_ENDPOINT_URL: target,
  AWS_REGION: localRegion,
  AWS_DEFAULT_REGION: localRegion,
  AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  AWS_CA_BUNDLE: cert,
  NODE_EXTRA_CA_CERTS: cert,
  NODE_NO_WARNINGS: '1',
});
