import { hasInsights, type Insights } from '../insight/insights.ts';
import type { Job, JobFile } from '../job/job.ts';
import type { JobMerge } from '../job/merge-rows.ts';
import { sectionsIn, type Limits, type Watch } from './sections.ts';
import { shown } from './shown-text.ts';
import { summaryView, type SummaryView } from './view.ts';
import { countWords, dateWords, dayWords, lengthWords, sizeWords } from './words.ts';

/** What there is to tell of a recording that was archived. */
export type Recorded = {
  job: Job;
  files: readonly JobFile[];
  merges: readonly JobMerge[];
  insights?: Insights | undefined;
  hasTranscript: boolean;
  /** To somebody who was told before that the recording is ready: there was no summary then. */
  isUpdate: boolean;
};

export type Recipient = 'host' | 'alternative' | 'also' | 'operator';

/** Addresses of ours; without them the mail has no links. */
export type MailLinks = {
  watch?: Watch | undefined;
  /** When the links to the page end. */
  until?: Date | undefined;
  /** Where a person stops these mails by POST (RFC 8058). */
  stop?: string | undefined;
};

export type Reader = { role: Recipient; links: MailLinks; cleanUpAfterDays?: number | undefined };

export const whyYou: Record<Recipient, string> = {
  host: 'You get this mail because you hosted this meeting, and its cloud recording is archived for your organisation.',
  alternative:
    'You get this mail because you are an alternative host of this meeting, and its cloud recording is archived for your organisation.',
  also: 'You get this mail because whoever runs the archive of your organisation has put your address on its list.',
  operator: 'You get this mail because the alarms of this service go to your address.',
};

export const stopButton = ({ stop }: MailLinks) =>
  stop === undefined ? {} : { stop: { text: 'Stop these mails', link: stop } };

/** What stands at the head of every mail about a job. */
export const headOf = (job: Job, characters = 200) => {
  const date = dateWords(job.startTime, job.timezone);
  const length = job.durationMinutes ? lengthWords(job.durationMinutes) : undefined;
  return {
    topic: shown(job.topic ?? '', Math.min(200, characters)) || 'Zoom meeting',
    /** For a subject. */
    name: `${shown(job.topic ?? '', 120) || 'Zoom meeting'}${date ? ` – ${date.short}` : ''}`,
    length,
    facts: [date?.long, length].filter((fact) => fact !== undefined),
  };
};

export const buildView = (
  recorded: Recorded,
  { role, links, cleanUpAfterDays }: Reader,
  limits: Limits,
): SummaryView => {
  const { job, files, merges, hasTranscript, isUpdate } = recorded;
  const insights = recorded.insights && hasInsights(recorded.insights) ? recorded.insights : undefined;
  const { topic, name, length, facts } = headOf(job, limits.characters);
  const { ofInsights, ofFiles } = sectionsIn(limits);
  const { watch } = links;
  const counts = insights ? countInsights(insights) : [countFiles(files)];
  const kind = isUpdate ? 'Update: summary' : insights ? 'Summary' : 'Recording ready';

  return summaryView.parse({
    subject: `${kind}: ${name}`,
    preheader: [...counts, length].filter(Boolean).join(', '),
    kicker: isUpdate ? 'Update: meeting summary' : insights ? 'Meeting summary' : 'Recording ready',
    topic,
    facts,
    notices: [
      ...(isUpdate
        ? ['The transcript of this meeting came late. You were told before that the recording is ready.']
        : []),
      ...(insights
        ? []
        : [
            hasTranscript
              ? 'There is a transcript of this meeting, but no summary of it.'
              : 'There is no summary, because there is no transcript with enough words in it.',
          ]),
    ],
    overview: (insights && shown(insights.summary.short, limits.characters * 2)) || undefined,
    language: insights?.language && /^[A-Za-z0-9-]{2,35}$/.test(insights.language) ? insights.language : undefined,
    buttons: watch
      ? [
          { text: 'Watch the recording', link: watch() },
          ...(hasTranscript ? [{ text: 'Read the transcript', link: `${watch()}#transcript` }] : []),
        ]
      : [],
    sections: [...(insights ? ofInsights(insights, watch) : []), ...ofFiles(files, merges)],
    next: whatIsNext(recorded, links, cleanUpAfterDays),
    label: insights && labelOf(insights),
    why: whyYou[role],
    ...stopButton(links),
  });
};

const whatIsNext = ({ job, files }: Recorded, { watch, until }: MailLinks, cleanUpAfterDays?: number): string[] => [
  ...(files.some(({ status }) => status === 'archived')
    ? [
        `The files are in the archive of your organisation${job.folder ? `, in the folder ${job.folder}` : ''}. They stay there until somebody deletes them.`,
        cleanUpAfterDays === undefined
          ? 'The copy at Zoom is left as it is.'
          : `${cleanUpAfterDays === 1 ? 'A day' : `${cleanUpAfterDays} days`} from now the copy at Zoom goes to Zoom's trash, where it can be recovered for another 30 days.`,
      ]
    : []),
  ...(watch && until ? [`The links in this mail work until ${dayWords(until)}. Whoever has them can use them.`] : []),
];

const countFiles = (files: readonly JobFile[]): string => {
  const archived = files.filter(({ status }) => status === 'archived');
  const bytes = archived.reduce((sum, { receivedBytes = 0 }) => sum + receivedBytes, 0);
  return archived.length === 0 ? 'no files' : `${countWords(archived.length, 'file')} (${sizeWords(bytes)})`;
};

const countInsights = ({ actionItems, followUps, decisions, questions }: Insights): string[] =>
  [
    [actionItems.length, 'action item'] as const,
    [followUps.length, 'follow-up'] as const,
    [decisions.length, 'decision'] as const,
    [questions.length, 'question'] as const,
  ]
    .filter(([count]) => count > 0)
    .map(([count, one]) => countWords(count, one));

/** What each engine does, for somebody who decides how far to trust it. */
const engines: Record<Insights['engine'], string> = {
  extractive: 'it picks sentences that were said and writes none of its own',
  bedrock: 'a language model wrote it in its own words',
  symbl: 'a service for conversations wrote it in its own words',
};

const labelOf = ({ engine, model, languageSupport }: Insights): string =>
  [
    `Made by software from an automatic transcript: ${engines[engine]}.`,
    'It may have misheard, missed or misjudged something, so please check before you pass it on.',
    languageSupport === 'basic' &&
      'For the language of this meeting it has no rules, so it lists no action items and no decisions.',
    `Engine: ${engine}${model ? `, model ${shown(model, 120)}` : ''}.`,
  ]
    .filter(Boolean)
    .join(' ');
