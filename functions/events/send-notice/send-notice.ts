import * as z from 'zod';
import { endedExecution, failureOf, subjectOf } from '../../../core/job/execution-end.ts';
import type { Job } from '../../../core/job/job.ts';
import { deliverable } from '../../../core/mail/address.ts';
import { canHostAct, failedMail, skippedMail } from '../../../core/mail/notice-mail.ts';
import { isNever, type MailRules, type Reached } from '../../../core/mail/recipients.ts';
import { sendEach, type SendPorts } from '../../../core/mail/send-each.ts';
import { unsubscribeLink } from '../../../core/mail/unsubscribe-link.ts';
import { log } from '../../../core/step/log.ts';

/** "Step Functions Execution Status Change", as far as it is read here. */
export const event = z.object({
  detail: endedExecution.extend({ status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED']) }),
});
type Event = z.output<typeof event>;

export type Ports = Omit<SendPorts, 'jobs' | 'stopList'> & {
  jobs: SendPorts['jobs'] & {
    get(jobId: string): Promise<Job | undefined>;
    host(jobId: string): Promise<string | undefined>;
  };
  stopList: SendPorts['stopList'] & {
    /** Whether this is the first about `what` within so many hours, or the same job's once more. */
    isFirst(what: string, hours: number, jobId: string): Promise<boolean>;
  };
  links: { token(jobId: string, purpose: 'unsubscribe', subject: string): Promise<string> };
  settings: Pick<MailRules, 'mailNever'> & {
    publicUrl: string;
    /** Where alarms go; empty where nobody asked for them. */
    alarmMail: string;
  };
};

/** Of failures that have one cause, operators get a mail an hour; a host gets one a day, whatever fails. */
const operatorHours = 1;
const hostHours = 24;

/**
 * Tells of a recording that ended without being archived: operators of every failure, its host where the host can do
 * something. What was skipped only the host is told, and only where the rule of this function lets it know.
 */
export const sendNotice = (ports: Ports) => {
  const { jobs, stopList, links, settings } = ports;
  const send = sendEach(ports);

  const linksFor = async (jobId: string, { role }: Reached, key: string) => {
    if (role === 'operator') return {};
    const token = await links.token(jobId, 'unsubscribe', key);
    return { stop: unsubscribeLink({ publicUrl: settings.publicUrl, jobId, token }) };
  };
  const hostOf = async (jobId: string): Promise<Reached | undefined> => {
    const address = deliverable(await jobs.host(jobId));
    return address === undefined || isNever(address, settings) ? undefined : { role: 'host', address };
  };

  const tellSkipped = async (job: Job, signal?: AbortSignal): Promise<void> => {
    const host = await hostOf(job.jobId);
    if (!host) return;
    const write = async (reader: Reached, key: string) =>
      skippedMail(job, { role: reader.role, links: await linksFor(job.jobId, reader, key) });
    await send({ jobId: job.jobId, kind: 'skipped', readers: [host], write }, signal);
  };

  const tellFailed = async (job: Job, detail: FailedDetail, signal?: AbortSignal): Promise<void> => {
    const { jobId } = job;
    const failure = failureOf(detail);
    const readers: Reached[] = [];
    const operator = deliverable(settings.alarmMail);
    if (operator && (await stopList.isFirst(`failed-${failure.code}`, operatorHours, jobId)))
      readers.push({ role: 'operator', address: operator });
    // Who was told that the recording is ready has it; what failed later is a matter of the operators.
    const host = canHostAct(failure.code) && !job.mailSentAt ? await hostOf(jobId) : undefined;
    if (host && host.address.toLowerCase() !== operator?.toLowerCase()) {
      const key = await ports.addressKey(host.address);
      if (await stopList.isFirst(`host-${key}`, hostHours, jobId)) readers.push(host);
    }
    const place = { execution: detail.name, link: consoleLink(detail.executionArn) };
    const write = async (reader: Reached, key: string) =>
      failedMail(job, failure, place, { role: reader.role, links: await linksFor(jobId, reader, key) });
    await send({ jobId, kind: 'failed', readers, write }, signal);
  };

  return async ({ detail }: Event, signal?: AbortSignal): Promise<void> => {
    const { status } = detail;
    // Who stops an execution knows of it.
    if (status === 'ABORTED') return;
    const job = await jobs.get(subjectOf({ ...detail, status: 'FAILED' }).jobId);
    if (!job) return log.warn('an execution ended that has no job', { execution: detail.name });
    if (status !== 'SUCCEEDED') return tellFailed(job, { ...detail, status }, signal);
    if (job.status === 'rejected') await tellSkipped(job, signal);
  };
};

type FailedDetail = z.output<typeof endedExecution>;

/** In the partitions of AWS with another console the mail goes without. */
const consoleLink = (arn: string): string | undefined => {
  const region = /^arn:aws:states:([a-z0-9-]+):/.exec(arn)?.[1];
  return (
    region && `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${arn}`
  );
};
