import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

export type Fetched = { readonly bytes: number; readonly sha256: string };

/** As Opencast pulls: a plain GET without credentials, 200 alone is good, and the path must end in a file's name. */
export const fetchMedia = (address: string, pause: () => Promise<void>): Promise<Fetched> =>
  new Promise((resolve, reject) => {
    const url = new URL(address);
    const name = url.pathname.split('/').at(-1) ?? '';
    const { get } = url.protocol === 'https:' ? https : http;
    const request = get(url, { agent: false, timeout: 60_000 }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`${url.origin} answered ${response.statusCode}`));
        return;
      }
      if (!/\.\w+$/.test(name) && !response.headers['content-disposition']) {
        response.resume();
        reject(new Error('the address names no file with an extension'));
        return;
      }
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      response.once('error', reject);
      response.once('end', () => {
        const promised = response.headers['content-length'];
        if (promised !== undefined && Number(promised) !== bytes) reject(new Error('the file came short'));
        else void pause().then(() => resolve({ bytes, sha256: hash.digest('hex') }));
      });
    });
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', reject);
  });
