import type { Item, Linked, Section, SummaryView } from './view.ts';

/** The text part: complete in itself, since some read nothing else. */
export const writePlain = (view: SummaryView): string =>
  [
    [`${view.kicker}: ${view.topic}`, view.facts.join(' · ')].filter(Boolean).join('\n'),
    ...view.notices,
    view.overview && `OVERVIEW\n${view.overview}`,
    ...view.buttons.map(linked),
    ...view.sections.map(list),
    view.next.length > 0 && ['WHAT HAPPENS NEXT', ...view.next].join('\n'),
    `--\n${[view.label, view.why, view.stop && linked(view.stop)].filter(Boolean).join('\n')}`,
  ]
    .filter(Boolean)
    .map((part) => `${part}\n`)
    .join('\n');

const linked = ({ text, link }: Linked): string => `${text}:\n${link}`;

const list = ({ heading, items, more }: Section): string =>
  [heading.toUpperCase(), ...items.map(line), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');

const line = ({ text, details, time, link }: Item): string => {
  const first = `- ${time ? `[${time}] ` : ''}${text}`;
  const second = details.length > 0 ? `\n  ${details.join(' · ')}` : '';
  return `${first}${second}${link ? `\n  ${link}` : ''}`;
};
