import * as z from 'zod';
import { hasInsights, insights, type Insights } from '../../../core/insight/insights.ts';
import type { Job, JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { deliverable } from '../../../core/mail/address.ts';
import type { Watch } from '../../../core/mail/sections.ts';
import { readersOf, type MailRules } from '../../../core/mail/recipients.ts';
import { sendEach, type SendPorts } from '../../../core/mail/send-each.ts';
import { summaryMail } from '../../../core/mail/summary-mail.ts';
import { unsubscribeLink } from '../../../core/mail/unsubscribe-link.ts';
import { PermanentError } from '../../../core/step/errors.ts';

export const input = z.object({ jobId: z.string() });
export type Input = z.output<typeof input>;

export type Ports = SendPorts & {
  jobs: {
    get(jobId: string): Promise<Job | undefined>;
    files(jobId: string): Promise<JobFile[]>;
    merges(jobId: string): Promise<JobMerge[]>;
    /** The address of the host, unsealed. */
    host(jobId: string): Promise<string | undefined>;
    /** Those whom the meeting names, where a rule has asked for them. */
    alternativeHosts(jobId: string): Promise<string[]>;
    mailsDone(jobId: string, told: 'summary' | 'recording'): Promise<unknown>;
  };
  objects: {
    read(key: string): Promise<string | undefined>;
    sizes(folder: string): Promise<ReadonlyMap<string, number>>;
  };
  links: {
    watch(jobId: string): Promise<Watch>;
    token(jobId: string, purpose: 'unsubscribe', subject: string): Promise<string>;
  };
  settings: MailRules & {
    publicUrl: string;
    /** How long the links to the page work. */
    linkDays: number;
    /** Whether a transcript that comes after the mail is worth a second one. */
    onLateTranscript: boolean;
    cleanUpAfterDays?: number | undefined;
  };
};

export type Result = { mail: 'sent' | 'already-sent' | 'later' | 'no-recipient' | 'nothing-archived' };

/** One mail about a recording to its host, and to those whom a rule names. */
export const sendSummary = (ports: Ports) => {
  const { jobs, objects, links, now, settings } = ports;
  const send = sendEach(ports);
  return async ({ jobId }: Input, signal?: AbortSignal): Promise<Result> => {
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const isLate = settings.onLateTranscript && job.mailTold === 'recording';
    if (job.mailSentAt && !isLate) return { mail: 'already-sent' };
    // Files were announced meanwhile: the machine goes round once more, and the mail tells of all of them.
    if (job.revision > job.seenRevision) return { mail: 'later' };

    const files = await jobs.files(jobId);
    // Nothing could be had from Zoom: CloseJob says so, and there is no recording to tell the host of.
    if (files.every((file) => file.status !== 'archived')) return { mail: 'nothing-archived' };
    const found = await readInsights(job.folder, objects);
    const isUpdate = job.mailSentAt !== undefined;
    if (isUpdate && !found) return { mail: 'already-sent' };

    const named = { host: await hostOf(ports, jobId), alternatives: await jobs.alternativeHosts(jobId) };
    const { readers, ruledOut } = readersOf(named, settings);
    if (ruledOut > 0)
      await jobs.addNote(jobId, `The setting mailNever keeps the mail from ${ruledOut} of its readers.`);
    if (readers.length === 0) return { mail: 'no-recipient' };

    const recorded = {
      ...{ job, files, insights: found, isUpdate },
      merges: await jobs.merges(jobId),
      hasTranscript: (await objects.sizes(job.folder)).has(transcriptKeysOf(job.folder).json),
    };
    const watch = await links.watch(jobId);
    const until = new Date(now().getTime() + settings.linkDays * 86_400_000);
    const { reached } = await send(
      {
        ...{ jobId, readers, kind: isUpdate ? 'update' : 'summary' },
        write: async ({ role }, key) => {
          const token = await links.token(jobId, 'unsubscribe', key);
          const stop = unsubscribeLink({ publicUrl: settings.publicUrl, jobId, token });
          const { cleanUpAfterDays } = settings;
          return summaryMail(recorded, { role, links: { watch, until, stop }, cleanUpAfterDays });
        },
      },
      signal,
    );
    if (reached === 0) return { mail: 'no-recipient' };
    await jobs.mailsDone(jobId, found ? 'summary' : 'recording');
    return { mail: 'sent' };
  };
};

/** The host's address as it can be written to; what is wrong with it stands in the job. */
const hostOf = async ({ jobs }: Ports, jobId: string): Promise<string | undefined> => {
  const given = await jobs.host(jobId);
  const address = deliverable(given);
  if (address === undefined)
    await jobs.addNote(
      jobId,
      given
        ? "No mail was sent to the host: the host's address is not valid."
        : 'No mail was sent to the host, who has no known address.',
    );
  return address;
};

/** A summary that cannot be read must not cost the meeting its mail: it then says that the recording is ready. */
const readInsights = async (folder: string, objects: Ports['objects']): Promise<Insights | undefined> => {
  const text = await objects.read(insightsKeyOf(folder));
  if (text === undefined) return undefined;
  try {
    const found = insights.parse(JSON.parse(text));
    return hasInsights(found) ? found : undefined;
  } catch {
    return undefined;
  }
};
