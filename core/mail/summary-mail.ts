import { hasInsights, type Insights } from '../insight/insights.ts';
import type { Job, JobFile } from '../job/job.ts';
import { buildView, type Limits, type LinkSettings } from './build-view.ts';
import type { Mail } from './mail.ts';
import { writeHtml } from './write-html.ts';
import { writePlain } from './write-plain.ts';

export type MailSettings = LinkSettings & {
  /** Where a person stops these mails by POST (RFC 8058). */
  unsubscribeUrl?: string | undefined;
};

/** Gmail cuts what is longer than about 102 kB. */
const largestHtmlBytes = 90_000;

/** From generous to frugal; the last one fits whatever the meeting was. */
const limits: readonly Limits[] = [
  { items: 40, characters: 400 },
  { items: 40, characters: 160 },
  { items: 20, characters: 160 },
  { items: 10, characters: 100 },
  { items: 5, characters: 60 },
];

export const summaryMail = (
  job: Job,
  files: readonly JobFile[],
  found: Insights | undefined,
  settings: MailSettings,
): Omit<Mail, 'to'> => {
  const insights = found && hasInsights(found) ? found : undefined;
  for (const [index, limit] of limits.entries()) {
    const view = buildView(job, files, insights, settings, limit);
    const html = writeHtml(view);
    if (Buffer.byteLength(html) > largestHtmlBytes && index < limits.length - 1) continue;
    return { subject: view.subject, html, text: writePlain(view), headers: headersOf(job.jobId, settings) };
  }
  throw new Error('the list of limits is empty');
};

const headersOf = (jobId: string, { unsubscribeUrl }: MailSettings): Record<string, string> => ({
  // Keeps out-of-office replies from answering.
  'Auto-Submitted': 'auto-generated',
  // The same for every attempt to send this mail, so that a second one can be recognised.
  'X-Rapporteur-Mail': `${jobId}-summary`,
  ...(unsubscribeUrl && {
    'List-Unsubscribe': `<${unsubscribeUrl}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }),
});
