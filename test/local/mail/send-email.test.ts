import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetAccountCommand, SendEmailCommand, SESv2Client, type SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import nodemailer from 'nodemailer';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { createMail, type LocalMail } from '../../../local/mail/mail.ts';

const verifiedSenders = ['noreply@rapporteur.example', 'verified.example'];
let folder: string;
let mail: LocalMail;
let gateway: Gateway;
let client: SESv2Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-mail-'));
  mail = await createMail({ folder, verifiedSenders });
  gateway = await startGateway({ port: 0, services: { ses: mail.service } });
  client = new SESv2Client({
    endpoint: gateway.url,
    region: localRegion,
    credentials: localCredentials,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
const simple: SendEmailCommandInput = {
  FromEmailAddress: 'Rapporteur <noreply@rapporteur.example>',
  Destination: {
    ToAddresses: ['Host <host@example.org>'],
    CcAddresses: ['cc@example.org'],
    BccAddresses: ['bcc@example.org'],
  },
  ReplyToAddresses: ['reply@example.org'],
  Content: {
    Simple: {
      Subject: utf8('Zusammenfassung: Über Größe ✓'),
      Body: { Text: utf8('Grüße\nzweite Zeile'), Html: utf8('<p>Grüße</p>') },
      Headers: [
        { Name: 'List-Unsubscribe', Value: '<https://example.org/u>' },
        { Name: 'X-Job', Value: 'job-1' },
      ],
    },
  },
};
const send = (input: SendEmailCommandInput) => client.send(new SendEmailCommand(input));
type Simple = NonNullable<NonNullable<SendEmailCommandInput['Content']>['Simple']>;
const withSimple = (change: Partial<Simple>): SendEmailCommandInput => ({
  ...simple,
  Content: { Simple: { ...simple.Content!.Simple!, ...change } },
});
const raw = (text: string, rest: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  Content: { Raw: { Data: Buffer.from(text) } },
  ...rest,
});
const plain = (headers: string) => `${headers}\r\n\r\nbody\r\n`;

describe('a mail that SES would send', () => {
  test('is stored as it would arrive', async () => {
    const { MessageId } = await send(simple);
    const stored = (await mail.list()).at(-1)!;
    expect(stored).toMatchObject({
      id: MessageId,
      from: 'noreply@rapporteur.example',
      to: ['host@example.org'],
      cc: ['cc@example.org'],
      bcc: ['bcc@example.org'],
      subject: 'Zusammenfassung: Über Größe ✓',
      headers: [
        { name: 'List-Unsubscribe', value: '<https://example.org/u>' },
        { name: 'X-Job', value: 'job-1' },
      ],
    });
    const { email, bytes } = (await mail.read(MessageId!))!;
    expect(email).toMatchObject({
      subject: 'Zusammenfassung: Über Größe ✓',
      text: 'Grüße\nzweite Zeile\n',
      html: '<p>Grüße</p>\n',
      from: { name: 'Rapporteur', address: 'noreply@rapporteur.example' },
      to: [{ name: 'Host', address: 'host@example.org' }],
      replyTo: [{ address: 'reply@example.org' }],
      messageId: `<${MessageId}@email.amazonses.com>`,
    });
    expect(email.headers.filter(({ key }) => key === 'x-job')).toHaveLength(1);
    expect(bytes.toString('latin1')).not.toMatch(/bcc@example|[^\r]\n|[\x80-\xff]/);
  });

  test('is stored byte for byte when it is raw', async () => {
    const text =
      'From: Somebody <a@sub.verified.example>\r\nTo: one@example.org, Two <two@example.org>\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n\r\nbody\r\n';
    const { MessageId } = await send(raw(text));
    const opened = (await mail.read(MessageId!))!;
    expect(opened.bytes.toString()).toBe(text);
    expect(opened).toMatchObject({
      from: 'a@sub.verified.example',
      to: ['one@example.org', 'two@example.org'],
      subject: 'grüße',
    });
  });

  test('may come from nodemailer', async () => {
    const transport = nodemailer.createTransport({ SES: { sesClient: client, SendEmailCommand } } as never);
    await transport.sendMail({
      from: 'noreply@rapporteur.example',
      to: 'host@example.org',
      subject: 'With attachment',
      text: 'see',
      attachments: [{ filename: 'ü.txt', content: 'attached' }],
    });
    const opened = (await mail.read((await mail.list()).at(-1)!.id))!;
    expect(opened.email.attachments).toMatchObject([{ filename: 'ü.txt' }]);
  });

  test('is there again after a restart, also when the last line of the index was cut short', async () => {
    await send(simple);
    const before = await mail.list();
    await appendFile(join(folder, 'index.jsonl'), '{"id":"0100');
    const again = await createMail({ folder, verifiedSenders });
    expect(await again.list()).toEqual(before);
    // The next line must not be swallowed by the one that was cut short.
    const second = await startGateway({ port: 0, services: { ses: again.service } });
    const other = new SESv2Client({ endpoint: second.url, region: localRegion, credentials: localCredentials });
    await other.send(new SendEmailCommand(simple));
    other.destroy();
    await second.close();
    expect(await (await createMail({ folder, verifiedSenders })).list()).toHaveLength(before.length + 1);
    await writeFile(join(folder, 'unrelated.eml'), 'x');
    expect(await mail.read('unrelated')).toBeUndefined();
    expect(await mail.read('../mail')).toBeUndefined();
  });
});

test('a damaged index is told in one sentence', async () => {
  const damaged = await mkdtemp(join(tmpdir(), 'local-mail-'));
  await writeFile(join(damaged, 'index.jsonl'), '{}\nnonsense\n{}\n');
  await expect(createMail({ folder: damaged, verifiedSenders })).rejects.toThrow(/^Line 2 of .* is damaged\.$/);
  await rm(damaged, { recursive: true });
});

describe('a mail that SES would not send is refused:', () => {
  const bad = 'BadRequestException';
  const cases: [string, SendEmailCommandInput, string, string][] = [
    [
      'sender not verified',
      { ...simple, FromEmailAddress: 'x@other.example' },
      'MessageRejected',
      'Email address is not verified. The following identities failed the check in region US-EAST-1: x@other.example',
    ],
    [
      'another address of a verified domain that is only a suffix',
      { ...simple, FromEmailAddress: 'x@notverified.example' },
      'MessageRejected',
      'not verified',
    ],
    ['no sender', { ...simple, FromEmailAddress: undefined }, bad, 'FromEmailAddress is required'],
    [
      'two senders',
      { ...simple, FromEmailAddress: 'a@verified.example, b@verified.example' },
      bad,
      'not one email address',
    ],
    ['sender without domain', { ...simple, FromEmailAddress: 'noreply' }, bad, "Missing final '@domain'"],
    [
      'line break in the sender',
      { ...simple, FromEmailAddress: 'a@verified.example\r\nBcc: x@example.org' },
      bad,
      'control',
    ],
    ['name not encoded', { ...simple, FromEmailAddress: 'Zoë <noreply@rapporteur.example>' }, bad, '7-bit ASCII'],
    ['no recipient', { ...simple, Destination: {} }, bad, 'at least one recipient'],
    [
      '51 recipients',
      { ...simple, Destination: { ToAddresses: Array.from({ length: 51 }, (_, n) => `a${n}@example.org`) } },
      bad,
      'Recipient count exceeds 50',
    ],
    [
      'recipient with a broken domain',
      { ...simple, Destination: { ToAddresses: ['a@exa_mple'] } },
      bad,
      'Domain contains illegal character',
    ],
    ['empty subject', withSimple({ Subject: utf8('') }), bad, 'Subject'],
    ['line break in the subject', withSimple({ Subject: utf8('a\r\nBcc: x@example.org') }), bad, 'line breaks'],
    ['subject without charset', withSimple({ Subject: { Data: 'Größe' } }), bad, 'Charset'],
    ['empty body', withSimple({ Body: { Text: utf8(' ') } }), bad, 'Body.Text'],
    ['no body', withSimple({ Body: {} }), bad, 'Text or Html'],
    [
      '16 headers',
      withSimple({ Headers: Array.from({ length: 16 }, (_, n) => ({ Name: `X-${n}`, Value: 'v' })) }),
      bad,
      'at most 15',
    ],
    ['header that SES sets', withSimple({ Headers: [{ Name: 'Reply-To', Value: 'v' }] }), bad, 'Reply-To'],
    [
      'line break in a header',
      withSimple({ Headers: [{ Name: 'X-A', Value: 'v\r\nBcc: x@example.org' }] }),
      bad,
      'X-A',
    ],
    ['colon in the name of a header', withSimple({ Headers: [{ Name: 'X:A', Value: 'v' }] }), bad, 'colon'],
    ['umlaut in a header', withSimple({ Headers: [{ Name: 'X-A', Value: 'ü' }] }), bad, 'printable ASCII'],
    ['unknown configuration set', { ...simple, ConfigurationSetName: 'events' }, 'NotFoundException', 'does not exist'],
    ['raw without From', raw(plain('To: a@example.org')), bad, "'From'"],
    [
      'raw with two subjects',
      raw(plain('From: noreply@rapporteur.example\r\nTo: a@example.org\r\nSubject: a\r\nSubject: b')),
      bad,
      "Duplicate header 'subject'",
    ],
    ['raw without blank line', raw('From: noreply@rapporteur.example'), bad, 'blank line'],
    [
      'raw with an endless line',
      raw(plain(`From: noreply@rapporteur.example\r\nTo: a@example.org\r\nX: ${'x'.repeat(1000)}`)),
      bad,
      '1000',
    ],
    [
      'raw from somebody else',
      raw(plain('From: x@other.example\r\nTo: a@example.org')),
      'MessageRejected',
      'x@other.example',
    ],
    ['raw without recipients', raw(plain('From: noreply@rapporteur.example')), bad, 'at least one recipient'],
    [
      'simple and raw',
      { ...simple, Content: { ...simple.Content, Raw: { Data: Buffer.from('x') } } },
      bad,
      'exactly one',
    ],
  ];
  test.each(cases)('%s', async (_, input, name, message) => {
    const before = (await mail.list()).length;
    await expect(send(input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(await mail.list()).toHaveLength(before);
  });
});

describe('what is not there is refused by name:', () => {
  test.each([
    ['templates', { ...simple, Content: { Template: { TemplateName: 't' } } }, 'Template'],
    [
      'attachments of a simple mail',
      withSimple({ Attachments: [{ RawContent: Buffer.from('x'), FileName: 'x.txt' }] }),
      'Attachments',
    ],
    ['list management', { ...simple, ListManagementOptions: { ContactListName: 'l' } }, 'ListManagementOptions'],
  ])('%s', async (_, input, name) => {
    await expect(send(input)).rejects.toMatchObject({
      name: 'NotSupportedByLocalCloud',
      message: expect.stringContaining(name),
    });
  });

  test('other operations', async () => {
    await expect(client.send(new GetAccountCommand({}))).rejects.toMatchObject({
      name: 'NotSupportedByLocalCloud',
      message: expect.stringContaining('/v2/email/account'),
    });
  });
});
