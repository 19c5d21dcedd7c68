import type { Job } from '../job/job.ts';
import { failures, type Failure, type FailureCode } from '../step/failures.ts';
import { headOf, stopButton, whyYou, type MailLinks, type Recipient } from './build-view.ts';
import type { Mail } from './mail.ts';
import { shown } from './shown-text.ts';
import { mailOf } from './summary-mail.ts';
import { summaryView, type SummaryView } from './view.ts';
import { writeHtml } from './write-html.ts';

/**
 * Failures about which a host can do something, with what. Of all others only those are told who run the service:
 * a mail about what one cannot change is noise.
 */
const forHosts: Partial<Record<FailureCode, string>> = {
  RECORDING_NOT_FOUND:
    'If you deleted the recording on purpose, there is nothing to do. Otherwise recover it from the trash in the Zoom portal, at most 30 days after it was deleted; it is then archived when whoever runs the archive of your organisation asks for it again.',
  ALL_FILES_MISSING:
    'If you deleted the recording on purpose, there is nothing to do. Otherwise recover it from the trash in the Zoom portal, at most 30 days after it was deleted; it is then archived when whoever runs the archive of your organisation asks for it again.',
  FILE_NOT_AS_EXPECTED:
    'Open the recording in the Zoom portal and see whether it plays there. If it does not, Zoom holds a broken file, which only Zoom can mend; if it does, tell whoever runs the archive of your organisation.',
};

export const canHostAct = (code: string): boolean => Object.hasOwn(forHosts, code);

type Place = { readonly execution: string; readonly link?: string | undefined };
type Told = { readonly role: Recipient; readonly links: MailLinks };
const base = { overview: undefined, buttons: [], sections: [], next: [] };

const written = (view: SummaryView, job: Job, kind: 'failed' | 'skipped', links: MailLinks): Omit<Mail, 'to'> =>
  mailOf(summaryView.parse(view), writeHtml(view), job.jobId, kind, links);

/** A recording could not be archived, for somebody who can do something about it. */
export const failedMail = (
  job: Job,
  { code, sentence, action, detail }: Pick<Failure, 'code' | 'sentence' | 'action' | 'detail'>,
  place: Place,
  { role, links }: Told,
): Omit<Mail, 'to'> => {
  const { topic, name, facts } = headOf(job);
  const isOperator = role === 'operator';
  const where = [
    { text: 'Job', details: [job.jobId] },
    ...(job.step ? [{ text: 'State', details: [job.step] }] : []),
    { text: 'Execution', details: [shown(place.execution, 120)] },
    { text: 'Code', details: [code] },
    ...(detail ? [{ text: 'Detail', details: [shown(detail, 400)] }] : []),
  ];
  const view: SummaryView = {
    ...base,
    ...{ topic, facts, kicker: 'Needs you', subject: `Needs you: ${name}`, preheader: sentence },
    notices: [sentence, isOperator ? action : (forHosts[code] ?? failures[code].action)],
    buttons: isOperator && place.link ? [{ text: 'Open the execution', link: place.link }] : [],
    sections: isOperator ? [{ heading: 'Where to look', isSpoken: false, more: 0, items: where }] : [],
    next: isOperator
      ? [
          'For an hour no further mail comes about recordings that fail with the same code. Each has its row in the job table.',
        ]
      : [],
    why: isOperator
      ? whyYou.operator
      : 'You get this mail because you hosted this meeting, whose recording your organisation archives.',
    ...stopButton(links),
  };
  return written(view, job, 'failed', links);
};

/** A recording was left out by a rule, for its host. */
export const skippedMail = (job: Job, { role, links }: Told): Omit<Mail, 'to'> => {
  const { topic, name, facts } = headOf(job);
  const view: SummaryView = {
    ...base,
    ...{ topic, facts, kicker: 'Not archived', subject: `Not archived: ${name}`, preheader: 'Left out by a rule' },
    notices: [
      'This recording was not archived, because a rule of your organisation leaves it out.',
      shown(job.reason ?? 'The reason is not known.', 400),
    ],
    next: [
      'The recording at Zoom is left as it is. Whoever runs the archive of your organisation can change the rule.',
    ],
    why: whyYou[role],
    ...stopButton(links),
  };
  return written(view, job, 'skipped', links);
};
