import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../gateway/clock.ts';
import { readCatalog, terms, type Term } from './dublin-core.ts';
import { fetchMedia, type Fetched } from './fetch-media.ts';
import type { Fields } from './form.ts';
import { isFlavor, isId, readMediaPackage, withElement, writeMediaPackage, type MediaElement, type MediaPackage } from './media-package.ts'; // prettier-ignore
import { isActive, type State, type Workflow } from './state.ts';
import { escapeXml } from './xml.ts';

export type Answer = { readonly status: number; readonly type?: string; readonly body?: string };
export const xml = (body: string): Answer => ({ status: 200, type: 'text/xml;charset=utf-8', body });
export const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain;charset=utf-8', body });

export type IngestParts = {
  readonly state: State;
  readonly save: () => void;
  readonly clock: Clock;
  readonly definitions: readonly string[];
  /** Takes the place of a definition that is not there, without a word. */
  readonly defaultDefinition: string;
  readonly indexDelayMs: () => number;
  /** Before media has been fetched: a slow line. */
  readonly pause: () => Promise<void>;
  /** `uri-track` and the like, while media is fetched. */
  readonly counting: <Result>(operation: string, run: () => Promise<Result>) => Promise<Result>;
  /** Of addMediaPackage: Harvard's own build knows it. */
  readonly supportsAttachmentUri: boolean;
};

/** Thrown where Opencast answers with a status and a text. */
class Refused extends Error {
  constructor(readonly answer: Answer) {
    super(answer.body ?? '');
  }
}
const refuse = (status: number, text: string): never => {
  throw new Refused(plain(status, text));
};

/** An empty 500 is all that Opencast has to say of what it did not foresee. */
const answering = async (run: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await run();
  } catch (error) {
    return error instanceof Refused ? error.answer : { status: 500 };
  }
};

const valueOf = (fields: Fields, name: string): string | undefined => fields.find(([one]) => one === name)?.[1];
const given = (text: string): Fetched => ({
  bytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});

export const ingestService = (parts: IngestParts) => {
  const { state, save, clock, definitions, defaultDefinition } = parts;

  const fetched = (kind: MediaElement['kind'], url: string): Promise<Fetched> =>
    parts.counting(`uri-${kind}`, () => fetchMedia(url, parts.pause));

  const start = (
    media: MediaPackage,
    episode: readonly Term[],
    wanted: string | undefined,
    parameters: Record<string, string>,
  ): Workflow => {
    const definition = wanted && definitions.includes(wanted) ? wanted : defaultDefinition;
    const termOf = (name: string): string | undefined => episode.find(([one]) => one === name)?.[1];
    const title = termOf('title') ?? '';
    const seriesId = termOf('isPartOf');
    if (seriesId !== undefined) state.series[seriesId] ??= { title: seriesId, publishers: [] };
    const before = state.events[media.id];
    state.events[media.id] = {
      ...{ id: media.id, title, ...(seriesId !== undefined && { seriesId }), terms: episode, elements: media.elements },
      snapshots: (before?.snapshots ?? 0) + 1,
      visibleAt: before?.visibleAt ?? clock.now() + parts.indexDelayMs(),
    };
    const id = (state.workflows.at(-1)?.id ?? 1_000) + 1;
    const workflow: Workflow = { id, definition, mediaPackageId: media.id, title, parameters, state: 'INSTANTIATED' };
    state.workflows.push(workflow);
    save();
    return workflow;
  };
  const isBusy = (id: string): boolean =>
    state.workflows.some((workflow) => workflow.mediaPackageId === id && isActive(workflow));

  const mediaPackageOf = (fields: Fields, status: number): MediaPackage =>
    readMediaPackage(valueOf(fields, 'mediaPackage') ?? '') ?? refuse(status, 'Could not parse media package');

  const addByUrl = (kind: MediaElement['kind'], fields: Fields): Promise<Answer> =>
    answering(async () => {
      const media = mediaPackageOf(fields, 500);
      const url = valueOf(fields, 'url') ?? '';
      const flavor = (valueOf(fields, 'flavor') ?? '').toLowerCase();
      if (!isFlavor(flavor)) return { status: 500 };
      const tags = (valueOf(fields, 'tags') ?? '').split(',').filter((tag) => tag !== '');
      const found = await fetched(kind, url);
      return xml(
        writeMediaPackage(withElement(media, { kind, flavor, url: new URL(url).pathname, tags, ...found }), 'mp'),
      );
    });

  return {
    create: (id: string = randomUUID()): Answer =>
      isId(id) ? xml(writeMediaPackage({ id, elements: [] }, '')) : { status: 500 },

    addDublinCore: (fields: Fields): Promise<Answer> =>
      answering(async () => {
        const media = mediaPackageOf(fields, 400);
        const flavor = valueOf(fields, 'flavor') ?? 'dublincore/episode';
        const text = valueOf(fields, 'dublinCore') ?? '';
        if (!isFlavor(flavor)) return plain(400, `Could not parse flavor '${flavor}'`);
        if (!readCatalog(text)) return plain(400, 'Could not parse XML Dublin Core catalog');
        const element = {
          kind: 'catalog',
          flavor,
          url: `data:,${encodeURIComponent(text)}`,
          tags: [],
          ...given(text),
        } as const;
        return xml(writeMediaPackage(withElement(media, element), 'ns2'));
      }),
    addTrack: (fields: Fields): Promise<Answer> => addByUrl('track', fields),
    addCatalog: (fields: Fields): Promise<Answer> => addByUrl('catalog', fields),
    addAttachment: (fields: Fields): Promise<Answer> => addByUrl('attachment', fields),

    ingest: (fields: Fields, fromPath: string | undefined): Promise<Answer> =>
      answering(async () => {
        const text = valueOf(fields, 'mediaPackage') ?? '';
        const media = readMediaPackage(text);
        if (!media) return plain(400, 'Could not parse media package');
        if (media.elements.length === 0) return plain(400, 'Could not retrieve all media package elements');
        if (isBusy(media.id)) return { status: 500 };
        const catalog = media.elements.find(({ flavor }) => flavor === 'dublincore/episode');
        const episode = readCatalog(decodeURIComponent(catalog?.url.replace(/^data:,/, '') ?? '')) ?? [];
        const wanted = fromPath ?? valueOf(fields, 'workflowDefinitionId');
        const parameters = fields.filter(([name]) => name !== 'mediaPackage' && name !== 'workflowDefinitionId');
        return xml(writeWorkflow(start(media, episode, wanted, Object.fromEntries(parameters)), 'wf', media));
      }),

    addMediaPackage: (fields: Fields, workflow: string | undefined): Promise<Answer> =>
      answering(async () => {
        let media: MediaPackage = { id: randomUUID(), elements: [] };
        let flavor: string | undefined;
        let tags: string[] = [];
        const episode: Term[] = [];
        const parameters: Record<string, string> = {};
        const add = async (kind: MediaElement['kind'], url: string): Promise<void> => {
          if (flavor === undefined)
            return refuse(400, 'A flavor has to be specified in the request prior to the media file');
          if (!URL.canParse(url)) return refuse(400, `Invalid URI ${url} for media`);
          media = withElement(media, { kind, flavor, url: new URL(url).pathname, tags, ...(await fetched(kind, url)) });
          tags = [];
        };
        for (const [name, value] of fields) {
          if (value === '') continue;
          if (name === 'flavor') {
            if (!isFlavor(value)) refuse(400, `Could not parse flavor '${value}'`);
            flavor = value.toLowerCase();
          } else if (name === 'tag') tags.push(value);
          else if (name === 'mediaUri') await add('track', value);
          else if (name === 'attachmentUri' && parts.supportsAttachmentUri) await add('attachment', value);
          else if (name === 'seriesDCCatalog' && !/^\s*[[{]/.test(value)) {
            if (!readCatalog(value)) refuse(400, 'Could not parse XML Dublin Core catalog');
          } else if (name === 'seriesDCCatalog' || name === 'acl') continue;
          else if (terms.has(name)) {
            if (name === 'identifier') {
              if (!isId(value)) refuse(400, `Id must match [\\w-_.:;()]+`);
              media = { ...media, id: value };
            }
            episode.push([name, value]);
          } else parameters[name] = value;
        }
        if (!media.elements.some(({ kind }) => kind === 'track')) refuse(400, 'Rejected ingest without actual media.');
        if (episode.length === 0) refuse(400, 'Rejected ingest without episode metadata. At least provide a title.');
        if (isBusy(media.id)) {
          const title = episode.find(([name]) => name === 'title')?.[1] ?? '';
          refuse(409, `Can't start workflow '${title}' for media package '${media.id}' because another workflow is currently active.`); // prettier-ignore
        }
        // Without a workflow in the path its parameters have nobody to go to.
        const kept = workflow === undefined ? {} : parameters;
        return xml(writeWorkflow(start(media, episode, workflow, kept), '', media));
      }),
  };
};

const writeWorkflow = (workflow: Workflow, prefix: 'wf' | '', media: MediaPackage): string => {
  const tag = (name: string): string => (prefix ? `${prefix}:${name}` : name);
  const xmlns = `${prefix ? `xmlns:${prefix}` : 'xmlns'}="http://workflow.opencastproject.org"`;
  const inside = [
    `<${tag('template')}>${escapeXml(workflow.definition)}</${tag('template')}>`,
    `<${tag('title')}>${escapeXml(workflow.title)}</${tag('title')}>`,
    writeMediaPackage(media, 'mp'),
    `<${tag('mediaPackageId')}>${escapeXml(media.id)}</${tag('mediaPackageId')}>`,
  ];
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><${tag('workflow')} ${xmlns} id="${workflow.id}" state="${workflow.state}">${inside.join('')}</${tag('workflow')}>`;
};
