import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Cloud } from '../cloud.ts';
import type { Look } from '../clients.ts';
import { pageLink } from '../page-link.ts';
import { assertFree } from '../ports.ts';
import { archivePage, document, jobPage, overviewPage } from './page.ts';

/** Text that was written elsewhere is shown on these pages: nothing in it may run or load. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-src 'self' about:; base-uri 'none'; form-action 'none'";

/** The key that a path names; none where it is not what our own links look like. */
const keyIn = (path: string): string | undefined => {
  try {
    const key = path.split('/').map(decodeURIComponent).join('/');
    return key.split('/').some((segment) => segment === '.' || segment === '..') ? undefined : key;
  } catch {
    return undefined;
  }
};

/** The page that `npm start` points to: recordings, their files, the mailbox. */
export const startDesk = async (cloud: Cloud, look: Look, port: number) => {
  const endpoints = {
    'Zoom webhook': `${cloud.api.url}/zoom/webhook`,
    'AWS endpoint': cloud.gateway.url,
    'Zoom (simulated)': cloud.zoom.url,
    'Archive bucket': look.bucket,
    'Job table': look.table,
  };

  const html = (response: ServerResponse, status: number, text: string): void => {
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
    });
    response.end(text);
  };

  const sendObject = async (key: string, response: ServerResponse): Promise<void> => {
    const { Body, ContentType, ContentLength } = await look.object(key);
    response.writeHead(200, {
      'content-type': ContentType ?? 'application/octet-stream',
      ...(ContentLength === undefined ? {} : { 'content-length': ContentLength }),
      'content-security-policy': `sandbox; ${contentSecurityPolicy}`,
      'x-content-type-options': 'nosniff',
    });
    await pipeline(Body as Readable, response);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return html(response, 405, document('Not allowed', '<p>These pages can only be read.</p>'));
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (pathname === '/mail' || pathname.startsWith('/mail/')) return cloud.mail.mailboxPage(request, response);
    if (pathname === '/') return html(response, 200, overviewPage(await look.jobs(), endpoints));
    if (pathname === '/archive/') return html(response, 200, archivePage(await look.keys('')));
    const key = pathname.startsWith('/archive/') ? keyIn(pathname.slice('/archive/'.length)) : undefined;
    if (key !== undefined) return sendObject(key, response);
    const [, jobId] = /^\/jobs\/([\w-]+)$/.exec(pathname) ?? [];
    const job = jobId ? (await look.jobs()).find((one) => one.jobId === jobId) : undefined;
    if (!job) return html(response, 404, document('Nothing here', '<p>There is no such page.</p>'));
    const files = await look.files(job.jobId);
    const known = new Set(files.map((file) => file.key));
    const others = job.folder ? (await look.keys(job.folder)).filter((key) => !known.has(key)) : [];
    return html(response, 200, jobPage(job, files, others, (await pageLink(cloud, job.jobId))()));
  };

  await assertFree({ page: port });
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const isAbsent = error instanceof Error && error.name === 'NoSuchKey';
      if (response.headersSent) return response.destroy();
      return html(
        response,
        isAbsent ? 404 : 500,
        document(isAbsent ? 'Nothing here' : 'This page failed', '<p>Go back to the recordings.</p>'),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
