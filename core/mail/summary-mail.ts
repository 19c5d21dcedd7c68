import { buildView, type MailLinks, type Reader, type Recorded } from './build-view.ts';
import type { Mail } from './mail.ts';
import type { Limits } from './sections.ts';
import type { SummaryView } from './view.ts';
import { writeHtml } from './write-html.ts';
import { writePlain } from './write-plain.ts';

/** Gmail cuts what is longer than about 102 kB. */
const largestHtmlBytes = 90_000;

/** From generous to frugal; the last one fits whatever the meeting was. */
const limits: readonly Limits[] = [
  { items: 40, characters: 400 },
  { items: 40, characters: 160 },
  { items: 20, characters: 160 },
  { items: 10, characters: 100 },
  { items: 5, characters: 60 },
  { items: 3, characters: 40 },
];

/** What a job can have mails about, each once for each of those it goes to. */
export type MailKind = 'summary' | 'update' | 'failed' | 'skipped';

export const summaryMail = (recorded: Recorded, reader: Reader): Omit<Mail, 'to'> => {
  for (const [index, limit] of limits.entries()) {
    const view = buildView(recorded, reader, limit);
    const html = writeHtml(view);
    if (Buffer.byteLength(html) > largestHtmlBytes && index < limits.length - 1) continue;
    return mailOf(view, html, recorded.job.jobId, recorded.isUpdate ? 'update' : 'summary', reader.links);
  }
  throw new Error('the list of limits is empty');
};

export const mailOf = (
  view: SummaryView,
  html: string,
  jobId: string,
  kind: MailKind,
  { stop }: MailLinks,
): Omit<Mail, 'to'> => ({
  subject: view.subject,
  html,
  text: writePlain(view),
  jobId,
  headers: {
    // Keeps out-of-office replies from answering.
    'Auto-Submitted': 'auto-generated',
    // The same for every attempt to send this mail, so that a second one can be recognised.
    'X-Rapporteur-Mail': `${jobId}-${kind}`,
    ...(stop && { 'List-Unsubscribe': `<${stop}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  },
});
