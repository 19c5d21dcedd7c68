import * as z from 'zod';
import { stopRowName, type MailEvent, type StopReason } from '../../../core/mail/stop-list.ts';
import { log } from '../../../core/step/log.ts';

const recipients = z.array(z.looseObject({ emailAddress: z.string() }));
const about = z.object({ tags: z.looseObject({ job: z.array(z.string()).optional() }).optional() });

/** "Email Bounced" and "Email Complaint Received" of SES, as far as they are read here. */
export const event = z.object({
  detail: z.discriminatedUnion('eventType', [
    z.object({
      eventType: z.literal('Bounce'),
      mail: about,
      bounce: z.object({
        bounceType: z.string(),
        bounceSubType: z.string().default(''),
        bouncedRecipients: recipients,
        timestamp: z.string(),
        feedbackId: z.string(),
      }),
    }),
    z.object({
      eventType: z.literal('Complaint'),
      mail: about,
      complaint: z.object({
        complainedRecipients: recipients,
        complaintFeedbackType: z.string().nullish(),
        timestamp: z.string(),
        feedbackId: z.string(),
      }),
    }),
  ]),
});
type Event = z.output<typeof event>;

type Ports = {
  stopList: {
    stop: (key: string, because: StopReason) => Promise<boolean>;
    keepEvent: (key: string, event: MailEvent) => Promise<void>;
  };
  jobs: { addNote: (jobId: string, note: string) => Promise<void> };
  addressKey: (address: string) => Promise<string>;
};

/** Keeps what SES says of a mail, and stops the mails to an address that is gone or does not want them. */
export const mailEvent =
  ({ stopList, jobs, addressKey }: Ports) =>
  async ({ detail }: Event): Promise<void> => {
    const told = read(detail);
    const [jobId] = detail.mail.tags?.job ?? [];
    for (const { emailAddress } of told.recipients) {
      const key = await addressKey(bare(emailAddress));
      await stopList.keepEvent(key, { ...told.event, jobId });
      if (told.stop) await stopList.stop(key, told.stop);
      log.warn('mail not welcome', { jobId, kind: told.event.kind, detail: told.event.detail, isStopped: !!told.stop });
      if (jobId) await note(jobs, jobId, told.stop ? `${told.note} (${stopRowName(key)}).` : `${told.note}.`);
    }
  };

const read = (detail: Event['detail']) => {
  if (detail.eventType === 'Complaint') {
    const { complainedRecipients, complaintFeedbackType, timestamp: at, feedbackId: id } = detail.complaint;
    return {
      recipients: complainedRecipients,
      stop: 'complained' as const,
      note: 'A reader has marked the mail as unwanted and gets no more',
      event: { kind: 'complaint' as const, id, at, detail: complaintFeedbackType ?? 'without a type' },
    };
  }
  const { bouncedRecipients, bounceType, bounceSubType, timestamp: at, feedbackId: id } = detail.bounce;
  // SES tries for hours before it says "Transient"; the next mail may arrive.
  const isGone = bounceType === 'Permanent';
  return {
    recipients: bouncedRecipients,
    stop: isGone ? ('bounced' as const) : undefined,
    note: isGone
      ? 'A mail came back for good, and its reader gets no more'
      : 'A mail came back; the next one is sent all the same',
    event: { kind: 'bounce' as const, id, at, detail: `${bounceType} ${bounceSubType}`.trim() },
  };
};

/** SES may give back what it was given: `Name <address>`. */
const bare = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;

/** The row of the job may have aged away; the address is stopped either way. */
const note = async (jobs: Ports['jobs'], jobId: string, text: string): Promise<void> => {
  try {
    await jobs.addNote(jobId, text);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
};
