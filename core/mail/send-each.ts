import type { JobMail, MailOf } from '../job/mail-rows.ts';
import { PermanentError, TransientError } from '../step/errors.ts';
import type { Mail } from './mail.ts';
import type { Reached } from './recipients.ts';
import { stopRowName, type Stopped, type StopReason } from './stop-list.ts';

export type SendPorts = {
  jobs: {
    /** A sentence for a person; the same sentence twice is one. */
    addNote(jobId: string, note: string): Promise<void>;
    mails(jobId: string): Promise<JobMail[]>;
    /** False where the mail was sent, or another claim is not older than `staleBefore`. */
    claimMail(jobId: string, mail: MailOf, to: string, staleBefore: Date): Promise<boolean>;
    releaseMail(jobId: string, mail: MailOf): Promise<unknown>;
    mailSent(jobId: string, mail: MailOf, mailId: string): Promise<unknown>;
  };
  stopList: { find(key: string): Promise<Stopped | undefined> };
  addressKey: (address: string) => Promise<string>;
  mailer: {
    /**
     * `notSent`: the service surely did not take the mail, but may later (throttled, paused).
     * Throws PermanentError where it refused the mail; anything else thrown means that nobody knows.
     */
    send(mail: Mail, signal?: AbortSignal): Promise<{ messageId: string } | { notSent: string }>;
  };
  now: () => Date;
  /** How long a send may be under way: the time-out of the function. Older claims belong to a crashed run. */
  claimLastsMs: number;
};

export type ToSend = {
  readonly jobId: string;
  readonly kind: JobMail['kind'];
  readonly readers: readonly Reached[];
  /** The mail for one reader, who is known by the key of the address. */
  readonly write: (reader: Reached, key: string) => Promise<Omit<Mail, 'to'>>;
};

const whyStopped: Record<StopReason, string> = {
  unsubscribed: 'whoever reads it has stopped these mails',
  bounced: 'an earlier mail to it came back',
  complained: 'an earlier mail was marked as unwanted',
};

const who: Record<Reached['role'], string> = {
  host: 'the host',
  alternative: 'an alternative host',
  also: 'a further reader',
  operator: 'the operators',
};

/**
 * One mail to each reader, who sees no other's address. A claim is written before each send, so that a crash between
 * two repeats none: a run that dies between a send and `mailSent` leaves a claim that is taken over once it is old.
 * That is the one window in which one reader can get the mail twice.
 */
export const sendEach =
  ({ jobs, stopList, addressKey, mailer, now, claimLastsMs }: SendPorts) =>
  async ({ jobId, kind, readers, write }: ToSend, signal?: AbortSignal): Promise<{ reached: number }> => {
    const known = (await jobs.mails(jobId)).filter((mail) => mail.kind === kind);
    const refusals: PermanentError[] = [];
    let reached = 0;
    /** What makes this worth another go; the first is told. */
    let again: unknown;

    for (const reader of readers) {
      const recipient = await addressKey(reader.address);
      if (known.some((mail) => mail.recipient === recipient && mail.sentAt)) {
        reached += 1;
        continue;
      }
      const stopped = await stopList.find(recipient);
      if (stopped) {
        const note = `No mail was sent to ${who[reader.role]}: ${whyStopped[stopped.because]} (${stopRowName(recipient)}).`;
        await jobs.addNote(jobId, note);
        continue;
      }
      const mail: Mail = { to: reader.address, ...(await write(reader, recipient)) };
      const one = { kind, recipient };
      if (!(await jobs.claimMail(jobId, one, reader.address, new Date(now().getTime() - claimLastsMs)))) {
        again ??= new TransientError('another run may be sending this mail at this moment');
        continue;
      }
      try {
        const outcome = await mailer.send(mail, signal);
        if ('messageId' in outcome) {
          await jobs.mailSent(jobId, one, outcome.messageId);
          reached += 1;
          continue;
        }
        await jobs.releaseMail(jobId, one);
        again ??= new TransientError(`the mail service did not take the mail: ${outcome.notSent}`);
      } catch (error) {
        if (error instanceof PermanentError) {
          await jobs.releaseMail(jobId, one);
          refusals.push(error);
        } else again ??= error;
      }
      if (signal?.aborted) break;
    }
    if (again !== undefined) throw again as Error;
    const [refusal] = refusals;
    if (refusal && reached === 0) throw refusal;
    if (refusal)
      await jobs.addNote(
        jobId,
        `The mail service refused the mail to ${refusals.length} of ${readers.length} readers.`,
      );
    return { reached };
  };
