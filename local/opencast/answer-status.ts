import { termsNamespace } from './dublin-core.ts';
import { plain, xml, type Answer } from './ingest.ts';
import { isActive, type State } from './state.ts';
import { escapeXml } from './xml.ts';

type Known = {
  readonly state: State;
  readonly definitions: readonly string[];
  readonly running: ReadonlyMap<string, number>;
  readonly now: number;
};

const json = (value: unknown): Answer => ({
  status: 200,
  type: 'application/v1.11.0+json',
  body: JSON.stringify(value),
});

/** What an ingest asks before and after: undefined where it is nothing that this stand-in knows. */
export const answerStatus = (known: Known, path: string, query: URLSearchParams): Answer | undefined => {
  const { state, definitions, running, now } = known;
  const [, area = '', id = ''] = /^(.*)\/([^/]+)$/.exec(path)?.map((part) => decodeURIComponent(part)) ?? [];
  switch (area) {
    case '/api/workflow-definitions':
      return definitions.includes(id)
        ? json({ identifier: id, title: id })
        : plain(404, `Cannot find workflow definition with id '${id}'.`);
    case '/api/events': {
      const event = state.events[id];
      if (!event || event.visibleAt > now) return plain(404, `Cannot find an event with id '${id}'.`);
      const busy = state.workflows.some((one) => one.mediaPackageId === id && isActive(one));
      const about = { identifier: id, title: event.title, is_part_of: event.seriesId ?? '' };
      return json({ ...about, archive_version: event.snapshots, processing_state: busy ? 'RUNNING' : 'SUCCEEDED' });
    }
    case '/api/workflows': {
      const workflow = state.workflows.find((one) => String(one.id) === id);
      if (!workflow) return plain(404, `Cannot find workflow instance with id '${id}'.`);
      const { definition, mediaPackageId, title, because } = workflow;
      const about = { identifier: workflow.id, title, workflow_definition_identifier: definition };
      const operations = [{ operation: 'ingest', state: workflow.state.toLowerCase(), description: because ?? '' }];
      const withOperations = query.get('withoperations') === 'true' ? { operations } : {};
      return json({
        ...about,
        event_identifier: mediaPackageId,
        state: workflow.state.toLowerCase(),
        ...withOperations,
      });
    }
    case '/series':
      return seriesOf(state, id);
    case '/workflow':
      if (id !== 'count') return undefined;
      return plain(
        200,
        String(state.workflows.filter((one) => one.state === (query.get('state') ?? one.state)).length),
      );
    case '/services':
      return id === 'count' ? countOf(running, query) : undefined;
  }
  const busy = /^\/workflow\/mediaPackage\/([^/]+)\/hasActiveWorkflows$/.exec(path)?.[1];
  if (busy === undefined) return undefined;
  const has = state.workflows.some((one) => one.mediaPackageId === decodeURIComponent(busy) && isActive(one));
  return plain(200, String(has));
};

const seriesOf = (state: State, name: string): Answer | undefined => {
  const [, id = '', form] = /^(.+)\.(xml|json)$/.exec(name) ?? [];
  const series = state.series[id];
  if (form === undefined) return undefined;
  if (!series) return plain(404, '');
  const { title, publishers } = series;
  const some = (values: readonly string[]) => values.map((value) => ({ value }));
  if (form === 'json')
    return { status: 200, type: 'application/json', body: JSON.stringify({ [termsNamespace]: { title: some([title]), ...(publishers.length > 0 && { publisher: some(publishers) }) } }) }; // prettier-ignore
  const inside = [`<dcterms:title>${escapeXml(title)}</dcterms:title>`, ...publishers.map((one) => `<dcterms:publisher>${escapeXml(one)}</dcterms:publisher>`)]; // prettier-ignore
  return xml(
    `<?xml version="1.0"?><dublincore xmlns="http://www.opencastproject.org/xsd/1.0/dublincore/" xmlns:dcterms="${termsNamespace}">${inside.join('')}</dublincore>`,
  );
};

const countOf = (running: ReadonlyMap<string, number>, query: URLSearchParams): Answer => {
  const operation = query.get('operation');
  // Opencast fails where it is asked of an operation of no service.
  if (operation !== null && !query.get('serviceType')) return { status: 500 };
  const all = [...running].filter(([name]) => operation === null || name === operation);
  return plain(200, String(query.get('status') === 'RUNNING' ? all.reduce((sum, [, count]) => sum + count, 0) : 0));
};
