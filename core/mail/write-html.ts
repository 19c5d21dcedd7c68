import { template, type Values } from './fill.ts';
import { summaryTemplate } from './template/summary-template.ts';
import type { Item, SummaryView } from './view.ts';

const fill = template(summaryTemplate);

/** The HTML part: template/summary.mjml, filled. */
export const writeHtml = (view: SummaryView): string => {
  const { subject, preheader, kicker, topic, facts, notices, overview, language, buttons, sections } = view;
  return fill({
    ...{ subject, preheader, kicker, topic, language, buttons },
    hasFacts: facts.length > 0,
    facts: dotted(facts),
    notices: texts(notices),
    overview: overview && { text: overview },
    sections: sections.map(({ heading, items, more, isSpoken }) => ({
      heading,
      language: isSpoken ? language : undefined,
      items: items.map(row),
      more: more > 0 && { text: `and ${more} more` },
    })),
    hasNext: view.next.length > 0,
    next: texts(view.next),
    label: view.label && { text: view.label },
    why: view.why,
    stop: view.stop,
  });
};

const texts = (list: readonly string[]): Values[] => list.map((text) => ({ text }));

const dotted = (list: readonly string[]): Values[] =>
  list.map((text, index) => ({ text, between: index > 0 ? ' · ' : '' }));

const row = ({ text, details, time, link }: Item): Values => ({
  text,
  time,
  link,
  hasDetails: details.length > 0,
  details: dotted(details),
});
