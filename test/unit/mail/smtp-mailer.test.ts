import { afterEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { smtpMailer, type SmtpServer } from '../../../core/mail/smtp-mailer.ts';
import { startSmtpServer } from '../../fakes/smtp-server.ts';

const mail = {
  to: 'ada@example.org',
  jobId: 'zoom-0123456789abcdef01234567',
  subject: 'Summary: Ångström 🎥 – 12 Jan 2026',
  text: 'Overview\n.\nA line that is a dot alone',
  html: '<p>Overview</p>',
  headers: { 'Auto-Submitted': 'auto-generated' },
};
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const setUp = async (script: Parameters<typeof startSmtpServer>[0] = {}, told: Partial<SmtpServer> = {}) => {
  const server = await startSmtpServer(script);
  closing.push(server.close);
  const address: SmtpServer = { host: '127.0.0.1', port: server.port, tls: 'none', ...told };
  return { server, mailer: smtpMailer(() => Promise.resolve(address), 'rapporteur@example.org') };
};

describe('mail by SMTP', () => {
  test('arrives with its subject, both bodies and its headers', async () => {
    const { server, mailer } = await setUp({}, { user: 'u', password: 'p' });
    expect(await mailer.send(mail)).toEqual({ messageId: expect.stringContaining('@example.org') as unknown });
    const [raw = ''] = server.mails;
    // The transport doubles a leading dot; the server that stores the mail takes it away again.
    const parsed = await PostalMime.parse(raw.replace(/^\.\./gm, '.'));
    expect(parsed).toMatchObject({
      subject: mail.subject,
      to: [{ address: mail.to }],
      from: { address: 'rapporteur@example.org' },
    });
    expect(parsed.text?.trim()).toBe(mail.text);
    expect(parsed.html?.trim()).toBe(mail.html);
    expect(parsed.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
  });

  test.each([
    ['wrong credentials', { AUTH: '535 no' }],
    ['a sender that is not allowed', { MAIL: '550 no' }],
    ['an unknown recipient', { RCPT: '550 no' }],
    ['content that is refused', { '.': '554 no' }],
  ])('%s is a refusal, told without the address', async (_case, answers) => {
    const { mailer } = await setUp({ answers }, { user: 'u', password: 'p' });
    await expect(mailer.send(mail)).rejects.toMatchObject({ name: 'PermanentError', code: 'MAIL_REFUSED' });
    await expect(mailer.send(mail)).rejects.not.toThrow(/ada@/);
  });

  test.each([
    ['a server that is busy', { MAIL: '451 later' }],
    ['a full mailbox', { '.': '452 later' }],
  ])('%s has surely not taken the mail', async (_case, answers) => {
    const { mailer } = await setUp({ answers });
    expect(await mailer.send(mail)).toEqual({ notSent: expect.stringMatching(/45/) as unknown });
  });

  test('a server that cannot be reached has surely not taken the mail', async () => {
    const { server, mailer } = await setUp();
    await server.close();
    expect(await mailer.send(mail)).toHaveProperty('notSent');
  });

  test('nobody knows about a mail after which the connection was lost', async () => {
    const { mailer } = await setUp({ answers: { '.': 'drop' } });
    await expect(mailer.send(mail)).rejects.toThrow(/did not say whether it took the mail/);
  });

  test('nothing is sent in the clear where TLS is required', async () => {
    const { server, mailer } = await setUp({ answers: { STARTTLS: '502 not here' } }, { tls: 'required' });
    const outcome = await mailer.send(mail).catch((error: unknown) => error);
    expect(outcome).not.toHaveProperty('messageId');
    expect(server.mails).toEqual([]);
  });
});
