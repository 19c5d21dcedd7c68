import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { createCertificate } from '../../../bench/copy/certificate.ts';
import { projectRoot } from '../../../local/root.ts';

type Said = { sent: string; results: { source: string; sink: string; arrived: string }[] };

/** Fast ways to read TLS have been seen to give the right length and the wrong bytes, but only when somebody was slow. */
test('a file arrives over TLS as it was sent, however slow source and archive are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-copy-'));
  try {
    const certificate = createCertificate(folder);
    if (!certificate) return console.warn('Left out: there is no openssl here to make a certificate with.');
    const program = join(folder, 'tls-copy.mjs');
    const entry = join(projectRoot(), 'test/local/aws/tls-copy.ts');
    const form = { bundle: true, platform: 'node', format: 'esm', target: 'node20' } as const;
    await build({ entryPoints: [entry], outfile: program, ...form, logLevel: 'error' });
    const { key, cert } = certificate;
    const env = { ...process.env, TLS_KEY: key, TLS_CERT: cert, NODE_EXTRA_CA_CERTS: cert };
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
    const { sent, results } = JSON.parse(stdout) as Said;
    expect(results).toHaveLength(9);
    for (const result of results) expect(result).toEqual({ ...result, arrived: sent });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
