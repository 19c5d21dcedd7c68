import type { Insights } from '../insight/insights.ts';
import type { Job, JobFile } from '../job/job.ts';
import { clockTime } from '../transcript/times.ts';
import { shown } from './shown-text.ts';
import { summaryView, type Item, type Section, type SummaryView } from './view.ts';
import { countWords, dateWords, lengthWords, sizeWords } from './words.ts';

/** How much of each list and each text is shown; the HTML must stay below what mail programs clip. */
export type Limits = { items: number; characters: number };

export type LinkSettings = {
  /** Where the page of a recording is served. Without it the mail has no links. */
  baseUrl?: string | undefined;
};

export const buildView = (
  job: Job,
  files: readonly JobFile[],
  insights: Insights | undefined,
  { baseUrl }: LinkSettings,
  limits: Limits,
): SummaryView => {
  const topic = shown(job.topic ?? '', Math.min(200, limits.characters)) || 'Zoom meeting';
  const date = dateWords(job.startTime, job.timezone);
  const length = job.durationMinutes ? lengthWords(job.durationMinutes) : undefined;
  const archived = files.filter(({ status }) => status === 'archived').sort(byKey);
  const missing = files.filter(({ status }) => status === 'missing').sort(byKey);
  const page = baseUrl && `${baseUrl.replace(/\/+$/, '')}/r/${encodeURIComponent(job.jobId)}`;
  const counts = insights ? countInsights(insights) : [countFiles(archived)];

  return summaryView.parse({
    subject: `${insights ? 'Summary' : 'Recording ready'}: ${shown(job.topic ?? '', 120) || 'Zoom meeting'}${date ? ` – ${date.short}` : ''}`,
    preheader: [...counts, length].filter(Boolean).join(', '),
    kicker: insights ? 'Meeting summary' : 'Recording ready',
    topic,
    facts: [date?.long, length].filter((fact) => fact !== undefined),
    overview: (insights && shown(insights.summary.short, limits.characters * 2)) || undefined,
    language: insights?.language && /^[A-Za-z0-9-]{2,35}$/.test(insights.language) ? insights.language : undefined,
    sections: insights ? insightSections(insights, page, limits) : [],
    notice: insights ? undefined : 'There is no summary, because there is no transcript with enough words in it.',
    files: section('Archived files', archived.map(archivedItem), limits),
    missing: section('Files that could not be archived', missing.map(missingItem), limits),
    folder: job.folder,
    open: page && { text: 'Open the recording', link: page },
    label: insights && labelOf(insights),
    why: 'You get this mail because you hosted this meeting, and its cloud recording is archived for your organisation.',
  });
};

const insightSections = (found: Insights, page: string | undefined, limits: Limits): Section[] => {
  const at = (text: string, startMs: number, details: (string | undefined | false)[]): Item => ({
    text,
    details: details.filter((detail) => typeof detail === 'string'),
    time: clockTime(startMs),
    ...(page && { link: `${page}?t=${Math.floor(startMs / 1_000)}` }),
  });
  return [
    section(
      'Action items',
      found.actionItems.map(({ text, assignee, due, startMs }) => at(text, startMs, [assignee, due && `due ${due}`])),
      limits,
    ),
    section(
      'Follow-ups',
      found.followUps.map((one) =>
        at(one.text, one.startMs, [one.assignee, one.with && `with ${one.with}`, one.due && `due ${one.due}`]),
      ),
      limits,
    ),
    section(
      'Decisions',
      found.decisions.map(({ text, startMs }) => at(text, startMs, [])),
      limits,
    ),
    section(
      'Questions',
      found.questions.map(({ text, askedBy, answer, startMs }) =>
        at(text, startMs, [askedBy && `asked by ${askedBy}`, answer && `answer: ${answer}`]),
      ),
      limits,
    ),
    section(
      'Topics',
      found.topics.map(({ text, startMs }) => at(text, startMs, [])),
      limits,
    ),
  ].filter((one) => one !== undefined);
};

const section = (heading: string, items: Item[], limits: Limits): Section | undefined =>
  items.length === 0
    ? undefined
    : {
        heading,
        items: items.slice(0, limits.items).map((item) => ({
          ...item,
          text: shown(item.text, limits.characters),
          details: item.details.map((detail) => shown(detail, limits.characters)).filter(Boolean),
        })),
        more: Math.max(0, items.length - limits.items),
      };

const byKey = (a: JobFile, b: JobFile): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const viewWords = ({ view, recordingType, fileType }: JobFile): string => {
  const words = (view || recordingType || fileType).replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const archivedItem = (file: JobFile): Item => ({
  text: viewWords(file),
  details: [
    file.key.slice(file.key.lastIndexOf('/') + 1),
    ...(file.receivedBytes === undefined ? [] : [sizeWords(file.receivedBytes)]),
  ],
});

const missingItem = (file: JobFile): Item => ({
  text: viewWords(file),
  details: [file.missingBecause ?? 'the reason is not known'],
});

const countFiles = (archived: readonly JobFile[]): string => {
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

const labelOf = ({ engine, languageSupport }: Insights): string =>
  [
    "Made by software from Zoom's automatic transcript: it picks sentences that were said and writes none of its own.",
    'It may have misheard, missed or misjudged something, so please check before you pass it on.',
    languageSupport === 'basic' &&
      'For the language of this meeting it has no rules, so it lists no action items and no decisions.',
    `Engine: ${engine}.`,
  ]
    .filter(Boolean)
    .join(' ');
