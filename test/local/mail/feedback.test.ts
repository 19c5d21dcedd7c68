import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sesMailer } from '../../../core/aws/mailer.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import type { FeedbackEvent } from '../../../local/mail/feedback.ts';
import { createMail, type LocalMail } from '../../../local/mail/mail.ts';

let folder: string;
let mail: LocalMail;
let gateway: Gateway;
let client: SESv2Client;
const events: FeedbackEvent[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-feedback-'));
  mail = await createMail({
    ...{ folder, verifiedSenders: ['rapporteur.example'] },
    configurationSets: [
      { name: 'all', events: ['bounce', 'complaint'] },
      { name: 'bounces', events: ['bounce'] },
    ],
    publish: (event) => Promise.resolve(events.push(event)),
  });
  gateway = await startGateway({ port: 0, services: { ses: mail.service } });
  const endpoint = { endpoint: gateway.url, region: localRegion, credentials: localCredentials };
  client = new SESv2Client({ ...endpoint, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => void events.splice(0));

const send = (to: string, set: string) =>
  sesMailer({ mailFrom: 'noreply@rapporteur.example', mailConfigurationSet: set }, client).send({
    ...{ to, jobId: 'zoom-1', subject: 's', text: 't', html: '<p>t</p>' },
    headers: { 'List-Unsubscribe': '<https://example.org/u>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  });

test.each([
  ['bounce@simulator.amazonses.com', 'Email Bounced'],
  ['bounce+label@simulator.amazonses.com', 'Email Bounced'],
  ['complaint@simulator.amazonses.com', 'Email Complaint Received'],
])('a mail to %s is taken, and SES tells of it: %s', async (to, type) => {
  const { messageId } = (await send(to, 'all')) as { messageId: string };
  expect(events).toEqual([expect.objectContaining({ 'detail-type': type })]);
  expect(events[0]?.detail['mail']).toMatchObject({
    messageId,
    destination: [to],
    tags: { job: ['zoom-1'], 'ses:configuration-set': ['all'] },
  });
});

test('nothing is told of a mail that arrives, of what the set leaves out, or without a set', async () => {
  await send('ada@example.org', 'all');
  await send('complaint@simulator.amazonses.com', 'bounces');
  await send('bounce@simulator.amazonses.com', '');
  expect(events).toEqual([]);
});

test('a test decides what becomes of a mail', async () => {
  mail.decideFate((address) => (address.startsWith('full') ? 'soft-bounce' : undefined));
  await send('full@example.org', 'all');
  expect(events[0]?.detail['bounce']).toMatchObject({ bounceType: 'Transient' });
  mail.decideFate(() => undefined);
});

test('a set that does not exist is refused, and so is a tag that SES would not take', async () => {
  await expect(send('ada@example.org', 'none')).rejects.toMatchObject({ code: 'MAIL_REFUSED' });
  const tagged = new SendEmailCommand({
    FromEmailAddress: 'noreply@rapporteur.example',
    Destination: { ToAddresses: ['ada@example.org'] },
    Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
    EmailTags: [{ Name: 'job', Value: 'a b' }],
  });
  await expect(client.send(tagged)).rejects.toMatchObject({ name: 'BadRequestException' });
});
