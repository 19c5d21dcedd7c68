import * as z from 'zod';
import { expiry, fromItem, jobKey, mailKey, type Item } from './items.ts';
import type { Job } from './job.ts';
import type { Sealer } from './seal.ts';

/** One mail of a job to one of those it goes to, one item of the table. */
export const jobMail = z.object({
  kind: z.enum(['summary', 'update', 'failed', 'skipped']),
  /** Of the address: whoever reads the table learns no address from it. */
  recipient: z.string(),
  sealedTo: z.string(),
  /** Set before the mail is handed over, so that a second run does not send a second one. */
  claimedAt: z.string().optional(),
  sentAt: z.string().optional(),
  mailId: z.string().optional(),
});
export type JobMail = z.output<typeof jobMail>;

/** Which mail of a job, and to whom. */
export type MailOf = { readonly kind: JobMail['kind']; readonly recipient: string };

type Ports = {
  rows: (jobId: string, kind: string) => Promise<Item[]>;
  get: (jobId: string) => Promise<Job | undefined>;
  update: (key: object, set: object, condition: string, values?: object, remove?: string[]) => Promise<boolean>;
  sealer: Sealer;
  now: () => Date;
};

const notSent = 'attribute_not_exists(sentAt)';

export const mailRows = ({ rows, get, update, sealer, now }: Ports) => ({
  keepAlternativeHosts: async (jobId: string, addresses: readonly string[]): Promise<boolean> => {
    const sealedAlternativeHosts = await sealer.seal(jobId, JSON.stringify(addresses));
    return update(jobKey(jobId), { sealedAlternativeHosts }, 'attribute_exists(pk)');
  },
  /** For the one step that writes to them. */
  alternativeHosts: async (jobId: string): Promise<string[]> => {
    const sealed = (await get(jobId))?.sealedAlternativeHosts;
    return sealed === undefined
      ? []
      : z
          .string()
          .array()
          .parse(JSON.parse(await sealer.unseal(jobId, sealed)));
  },

  mails: async (jobId: string): Promise<JobMail[]> =>
    (await rows(jobId, 'MAIL')).map((item) => jobMail.parse(fromItem(item))),

  /** Takes the right to send this one mail; `staleBefore` frees a claim whose holder is surely dead. */
  claimMail: async (jobId: string, { kind, recipient }: MailOf, to: string, staleBefore: Date): Promise<boolean> => {
    const sealedTo = await sealer.seal(jobId, to);
    return update(
      mailKey(jobId, kind, recipient),
      { kind, recipient, sealedTo, claimedAt: now().toISOString(), expiresAt: expiry(now()) },
      `${notSent} AND (attribute_not_exists(claimedAt) OR claimedAt < :stale)`,
      { ':stale': staleBefore.toISOString() },
    );
  },
  releaseMail: (jobId: string, { kind, recipient }: MailOf): Promise<boolean> =>
    update(
      mailKey(jobId, kind, recipient),
      { releasedAt: now().toISOString() },
      `attribute_exists(pk) AND ${notSent}`,
      {},
      ['claimedAt'],
    ),
  mailSent: (jobId: string, { kind, recipient }: MailOf, mailId: string): Promise<boolean> =>
    update(mailKey(jobId, kind, recipient), { sentAt: now().toISOString(), mailId }, 'attribute_exists(pk)'),

  /** Everybody who gets the mail about the recording has it, and whether it told what was said. */
  mailsDone: (jobId: string, mailTold: 'summary' | 'recording'): Promise<boolean> =>
    update(jobKey(jobId), { mailSentAt: now().toISOString(), mailTold }, 'attribute_exists(pk)'),
});
