import type { Insights } from '../insight/insights.ts';
import type { JobFile } from '../job/job.ts';
import type { JobMerge } from '../job/merge-rows.ts';
import { clockTime } from '../transcript/times.ts';
import { shown } from './shown-text.ts';
import type { Item, Section } from './view.ts';
import { sizeWords, spanWords } from './words.ts';

/** How much of each list and each text is shown; the HTML must stay below what mail programs clip. */
export type Limits = { items: number; characters: number };

/** The address of the recording's page at a moment. */
export type Watch = (seconds?: number) => string;

/** The lists of a mail, shortened to what it can hold. */
export const sectionsIn = (limits: Limits) => {
  const section = (heading: string, items: Item[], isSpoken = false): Section[] =>
    items.length === 0
      ? []
      : [
          {
            heading,
            isSpoken,
            items: items.slice(0, limits.items).map((item) => ({
              ...item,
              text: shown(item.text, limits.characters),
              details: item.details.map((detail) => shown(detail, limits.characters)).filter(Boolean),
            })),
            more: Math.max(0, items.length - limits.items),
          },
        ];

  return {
    ofInsights: (found: Insights, watch: Watch | undefined): Section[] => {
      const at = (text: string, startMs: number, details: (string | undefined | false)[] = []): Item => ({
        text,
        details: details.filter((detail) => typeof detail === 'string'),
        time: clockTime(startMs),
        ...(watch && { link: watch(Math.floor(startMs / 1_000)) }),
      });
      const actions = found.actionItems.map(({ text, assignee, due, startMs }) =>
        at(text, startMs, [assignee, due && `due ${due}`]),
      );
      const questions = found.questions.map(({ text, askedBy, answer, startMs }) =>
        at(text, startMs, [askedBy && `asked by ${askedBy}`, answer && `answer: ${answer}`]),
      );
      const followUps = found.followUps.map((one) =>
        at(one.text, one.startMs, [one.assignee, one.with && `with ${one.with}`, one.due && `due ${one.due}`]),
      );
      const plain = (list: readonly { text: string; startMs: number }[]) =>
        list.map(({ text, startMs }) => at(text, startMs));
      return [
        ...section('Action items', actions, true),
        ...section('Decisions', plain(found.decisions), true),
        ...section('Questions', questions, true),
        ...section('Follow-ups', followUps, true),
        ...section(
          'Chapters',
          found.chapters.map(({ title, startMs }) => at(title, startMs)),
          true,
        ),
        ...section('Topics', plain(found.topics), true),
        ...section('Who spoke how long', found.talkTime.map(talkItem)),
      ];
    },

    ofFiles: (files: readonly JobFile[], merges: readonly JobMerge[]): Section[] => {
      const archived = files.filter(({ status }) => status === 'archived').sort(byKey);
      const missing = files.filter(({ status }) => status === 'missing').sort(byKey);
      const made = merges.filter(({ status }) => status === 'done').flatMap(madeItems);
      return [
        ...section('Archived files', archived.map(archivedItem)),
        ...section('Made of these files', made),
        ...section('Files that could not be archived', missing.map(missingItem)),
      ];
    },
  };
};

const byKey = (a: JobFile, b: JobFile): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const asWords = (name: string): string => {
  const words = name.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const viewWords = ({ view, recordingType, fileType }: JobFile): string => asWords(view || recordingType || fileType);

const archivedItem = (file: JobFile): Item => ({
  text: viewWords(file),
  details: [nameOf(file.key), ...(file.receivedBytes === undefined ? [] : [sizeWords(file.receivedBytes)])],
});

const missingItem = (file: JobFile): Item => ({
  text: viewWords(file),
  details: [file.missingBecause ?? 'the reason is not known'],
});

const madeItems = ({ kind, name, outputs }: JobMerge): Item[] =>
  outputs.map(nameOf).flatMap((file) => {
    if (kind === 'view') return { text: `${asWords(name)}, all parts in one`, details: [file] };
    if (file.startsWith('mixed')) return { text: 'All voices in one sound track', details: [file] };
    // The list of who speaks on which channel is for programs.
    if (file.endsWith('.json')) return [];
    return { text: 'Each voice on a channel of its own', details: [file] };
  });

const talkItem = ({ name, seconds, share }: Insights['talkTime'][number]): Item => ({
  text: name,
  details: [spanWords(seconds), `${Math.round(share * 100)} %`],
});
