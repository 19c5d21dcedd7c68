import * as z from 'zod';
import { insights, type Insights } from '../../../core/insight/insights.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import { insightsKeyOf } from '../../../core/keys.ts';
import { isMailAddress } from '../../../core/mail/address.ts';
import type { Mail } from '../../../core/mail/mail.ts';
import { summaryMail, type MailSettings } from '../../../core/mail/summary-mail.ts';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = {
  jobs: {
    get(jobId: string): Promise<Job | undefined>;
    files(jobId: string): Promise<JobFile[]>;
    /** The address of the host, unsealed. */
    host(jobId: string): Promise<string | undefined>;
    /** A sentence for a person; the same sentence twice is one. */
    addNote(jobId: string, note: string): Promise<void>;
    /**
     * Takes the right to send the job's one mail. False where the mail was sent, or another claim is not older than
     * `staleBefore`.
     */
    claimMail(jobId: string, staleBefore: Date): Promise<boolean>;
    releaseMail(jobId: string): Promise<unknown>;
    mailSent(jobId: string, mailId: string): Promise<unknown>;
  };
  objects: { read(key: string): Promise<string | undefined> };
  mailer: {
    /**
     * `notSent`: the service surely did not take the mail, but may later (throttled, paused).
     * Throws PermanentError where it refused the mail; anything else thrown means that nobody knows.
     */
    send(mail: Mail, signal?: AbortSignal): Promise<{ messageId: string } | { notSent: string }>;
  };
  now: () => Date;
  settings: MailSettings & {
    /** How long a send may be under way: the time-out of the function. Older claims belong to a crashed run. */
    claimLastsMs: number;
  };
};

export type Result = { mail: 'sent' | 'already-sent' | 'later' | 'no-recipient' | 'nothing-archived' };

/**
 * One mail per job. The claim is written before the send: a run that dies between send and `mailSent` leaves a claim
 * that is taken over once it is old. That is the one window in which a host can get the mail twice.
 */
export const sendSummary =
  ({ jobs, objects, mailer, now, settings }: Ports) =>
  async ({ jobId }: Input, signal?: AbortSignal): Promise<Result> => {
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    if (job.mailSentAt) return { mail: 'already-sent' };
    // Files were announced meanwhile: the machine goes round once more, and the mail tells of all of them.
    if (job.revision > job.seenRevision) return { mail: 'later' };

    const files = await jobs.files(jobId);
    // Nothing could be had from Zoom: CloseJob says so, and there is no recording to tell the host of.
    if (files.every((file) => file.status !== 'archived')) return { mail: 'nothing-archived' };

    const to = await jobs.host(jobId);
    if (!to || !isMailAddress(to)) {
      await jobs.addNote(
        jobId,
        to ? "No mail was sent: the host's address is not valid." : 'No mail was sent: the host has no known address.',
      );
      return { mail: 'no-recipient' };
    }

    const mail: Mail = {
      to,
      ...summaryMail(job, files, await readInsights(job.folder, objects), settings),
    };
    if (!(await jobs.claimMail(jobId, new Date(now().getTime() - settings.claimLastsMs)))) {
      throw new TransientError('another run may be sending this mail at this moment');
    }

    let outcome: Awaited<ReturnType<typeof mailer.send>>;
    try {
      outcome = await mailer.send(mail, signal);
    } catch (error) {
      if (error instanceof PermanentError) await jobs.releaseMail(jobId);
      throw error;
    }
    if ('notSent' in outcome) {
      await jobs.releaseMail(jobId);
      throw new TransientError(`the mail service did not take the mail: ${outcome.notSent}`);
    }
    await jobs.mailSent(jobId, outcome.messageId);
    return { mail: 'sent' };
  };

/** A summary that cannot be read must not cost the meeting its mail: it then says that the recording is ready. */
const readInsights = async (folder: string, objects: Ports['objects']): Promise<Insights | undefined> => {
  const text = await objects.read(insightsKeyOf(folder));
  if (text === undefined) return undefined;
  try {
    return insights.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
