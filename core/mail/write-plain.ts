import type { Item, Section, SummaryView } from './view.ts';

/** The text part: complete in itself, since some read nothing else. */
export const writePlain = (view: SummaryView): string =>
  [
    [`${view.kicker}: ${view.topic}`, view.facts.join(' · ')].filter(Boolean).join('\n'),
    view.notice,
    view.overview && `OVERVIEW\n${view.overview}`,
    ...view.sections.map(list),
    view.open && `${view.open.text}:\n${view.open.link}`,
    view.files && list(view.files),
    view.files && view.folder && `Folder in the archive: ${view.folder}`,
    view.missing && list(view.missing),
    `--\n${[view.label, view.why].filter(Boolean).join('\n')}`,
  ]
    .filter(Boolean)
    .map((part) => `${part}\n`)
    .join('\n');

const list = ({ heading, items, more }: Section): string =>
  [heading.toUpperCase(), ...items.map(line), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');

const line = ({ text, details, time, link }: Item): string => {
  const first = `- ${time ? `[${time}] ` : ''}${text}`;
  const second = details.length > 0 ? `\n  ${details.join(' · ')}` : '';
  return `${first}${second}${link ? `\n  ${link}` : ''}`;
};
