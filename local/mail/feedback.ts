import { randomUUID } from 'node:crypto';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import type { AcceptedMail } from './send-email.ts';

/** What becomes of a mail after SES took it; a mail of which nothing is said arrives. */
export type Fate = 'bounce' | 'soft-bounce' | 'complaint' | undefined;

/** SES's own addresses for trying this out, with any label behind a +. */
export const simulatorFate = (address: string): Fate => {
  const [, box] = /^([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(address) ?? [];
  if (box === 'bounce' || box === 'suppressionlist') return 'bounce';
  return box === 'complaint' ? 'complaint' : undefined;
};

export interface FeedbackEvent {
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What SES tells EventBridge about one recipient of a mail, in the shape it has there. */
export const feedbackOn = (mail: AcceptedMail, recipient: string, fate: Exclude<Fate, undefined>): FeedbackEvent => {
  const about = {
    timestamp: mail.time,
    source: mail.from,
    sourceArn: `arn:aws:ses:${localRegion}:${localAccount}:identity/${mail.from}`,
    sendingAccountId: localAccount,
    messageId: mail.id,
    destination: [...mail.to, ...mail.cc, ...mail.bcc],
    headersTruncated: false,
    headers: mail.headers,
    commonHeaders: { from: [mail.from], to: mail.to, messageId: mail.id, subject: mail.subject },
    tags: {
      ...Object.fromEntries(mail.tags.map(({ name, value }) => [name, [value]])),
      'ses:configuration-set': [mail.configurationSet ?? ''],
      'ses:from-domain': [mail.from.slice(mail.from.lastIndexOf('@') + 1)],
    },
  };
  const feedback = { timestamp: mail.time, feedbackId: `0100-${randomUUID()}-000000` };
  if (fate === 'complaint') {
    const complaint = {
      ...feedback,
      ...{ complainedRecipients: [{ emailAddress: recipient }], complaintFeedbackType: 'abuse' },
      ...{ userAgent: 'Amazon SES Mailbox Simulator', arrivalDate: mail.time },
    };
    return { 'detail-type': 'Email Complaint Received', detail: { eventType: 'Complaint', complaint, mail: about } };
  }
  const isPermanent = fate === 'bounce';
  const bounce = {
    ...feedback,
    ...{ bounceType: isPermanent ? 'Permanent' : 'Transient', bounceSubType: isPermanent ? 'General' : 'MailboxFull' },
    bouncedRecipients: [
      {
        ...{ emailAddress: recipient, action: 'failed', status: isPermanent ? '5.1.1' : '4.2.2' },
        diagnosticCode: isPermanent ? 'smtp; 550 5.1.1 user unknown' : 'smtp; 452 4.2.2 mailbox full',
      },
    ],
    reportingMTA: 'dsn; mta.example.com',
  };
  return { 'detail-type': 'Email Bounced', detail: { eventType: 'Bounce', bounce, mail: about } };
};
