import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export type Certificate = { readonly key: string; readonly cert: string };

/** For 127.0.0.1, good for two days, in two files; undefined where there is no openssl. */
export const createCertificate = (folder: string): Certificate | undefined => {
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { key, cert };
};
