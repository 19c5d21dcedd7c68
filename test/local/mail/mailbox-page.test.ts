import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { createMail } from '../../../local/mail/mail.ts';

let folder: string;
let gateway: Gateway;
let server: Server;
let page: string;
let id: string;
const attack = '<script>alert(1)</script>"\'&';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-mail-'));
  const mail = await createMail({ folder, verifiedSenders: ['rapporteur.example'] });
  gateway = await startGateway({ port: 0, services: { ses: mail.service } });
  server = createServer((request, response) => void mail.mailboxPage(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`;
  const client = new SESv2Client({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  const { MessageId } = await client.send(
    new SendEmailCommand({
      FromEmailAddress: 'noreply@rapporteur.example',
      Destination: { ToAddresses: ['host@example.org'] },
      Content: {
        Simple: {
          Subject: { Data: `Subject ${attack}` },
          Body: { Text: { Data: `text ${attack}` }, Html: { Data: `<p onclick="x()">html</p>${attack}` } },
          Headers: [{ Name: 'X-Attack', Value: attack }],
        },
      },
    }),
  );
  id = MessageId!;
  client.destroy();
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await gateway.close();
  await rm(folder, { recursive: true });
});

const get = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

test('the mailbox lists the mails and leads to each', async () => {
  const { status, headers, text } = await get(page);
  expect(status).toBe(200);
  expect(text).toContain('1 mail,');
  expect(text).toContain(`href="/mail/${id}"`);
  expect(text).not.toContain('<script');
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'/,
  );
});

test('a mail is shown with nothing of it taken for markup, and its HTML only in a sandbox', async () => {
  const { status, text } = await get(`${page}/${id}`);
  expect(status).toBe(200);
  expect(text).not.toMatch(/<script|<p onclick/);
  expect(text).toContain('text &#60;script&#62;alert(1)');
  const frames = text.match(/<iframe [^>]*>/g);
  expect(frames).toHaveLength(1);
  expect(frames![0]).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(frames![0]).not.toMatch(/allow-scripts|allow-same-origin/);
});

test('a mail is downloaded as it is', async () => {
  const { status, headers, text } = await get(`${page}/${id}.eml`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('message/rfc822');
  expect(headers.get('content-disposition')).toBe(`attachment; filename="${id}.eml"`);
  expect(text).toContain('To: host@example.org\r\n');
});

test.each(['/nothing', '/..%2F..%2Findex.jsonl', '/index.jsonl', '/%00'])('there is no mail at %s', async (path) => {
  const { status, text } = await get(page + path);
  expect(status).toBe(404);
  expect(text).toContain('There is no such mail');
});

test('the page only reads', async () => {
  expect((await get(page, { method: 'POST' })).status).toBe(405);
  expect(await get(page, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});
