import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import * as z from 'zod';
import type { Mail } from '../mail/mail.ts';
import { smtpMailer } from '../mail/smtp-mailer.ts';
import { PermanentError } from '../step/errors.ts';
import { openSmtpSecret } from './secrets.ts';

export const mailerConfig = {
  mailFrom: z.email('expected the address of the sender'),
  /** The name of a secret that says where an SMTP server is. Without it mail goes out through SES. */
  smtpSecret: z.string().default(''),
  /** Under this name SES sends, and tells of bounces and complaints. */
  mailConfigurationSet: z.string().default(''),
};
type Config = z.output<z.ZodObject<typeof mailerConfig>>;

export const openMailer = (config: Config) =>
  config.smtpSecret ? smtpMailer(openSmtpSecret(config.smtpSecret), config.mailFrom) : sesMailer(config);

/** Will be refused the same way again, until a person changes something. */
const refusals = new Set([
  'MessageRejected',
  'MailFromDomainNotVerifiedException',
  'BadRequestException',
  'NotFoundException',
  'AccountSuspendedException',
]);
/** Surely not taken, perhaps later. */
const postponements = new Set(['TooManyRequestsException', 'LimitExceededException', 'SendingPausedException']);

/** One attempt only: after a lost answer nobody knows whether the mail went out, so the caller decides, not the SDK. */
export const sesMailer = (
  { mailFrom, mailConfigurationSet }: Pick<Config, 'mailFrom' | 'mailConfigurationSet'>,
  client = new SESv2Client({ maxAttempts: 1 }),
) => ({
  send: async (mail: Mail, signal?: AbortSignal): Promise<{ messageId: string } | { notSent: string }> => {
    const charset = { Charset: 'UTF-8' };
    const command = new SendEmailCommand({
      FromEmailAddress: mailFrom,
      Destination: { ToAddresses: [mail.to] },
      ...(mailConfigurationSet ? { ConfigurationSetName: mailConfigurationSet } : {}),
      // Comes back with each event about this mail.
      EmailTags: [{ Name: 'job', Value: mail.jobId }],
      Content: {
        Simple: {
          Subject: { Data: mail.subject, ...charset },
          Body: { Text: { Data: mail.text, ...charset }, Html: { Data: mail.html, ...charset } },
          Headers: Object.entries(mail.headers).map(([Name, Value]) => ({ Name, Value })),
        },
      },
    });
    try {
      const { MessageId } = await client.send(command, signal ? { abortSignal: signal } : {});
      return { messageId: MessageId ?? 'unknown' };
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (refusals.has(name)) throw new PermanentError('MAIL_REFUSED', name, { cause: error });
      if (postponements.has(name)) return { notSent: name };
      throw error;
    }
  },
});
