import { randomUUID } from 'node:crypto';
import { childrenOf, escapeXml, readXml, type XmlElement } from './xml.ts';

const namespace = 'http://mediapackage.opencastproject.org';

export type MediaElement = {
  readonly kind: 'track' | 'catalog' | 'attachment';
  readonly id: string;
  readonly flavor: string;
  readonly url: string;
  readonly tags: readonly string[];
  /** What was found when it was fetched, or given. */
  readonly bytes: number;
  readonly sha256: string;
};
/** It lives with the client between the calls that make it grow. */
export type MediaPackage = { readonly id: string; readonly elements: readonly MediaElement[] };

/** As Opencast has it: `\w`, dashes and a few marks. */
export const isId = (id: string): boolean => /^[\w\-.:;()]+$/.test(id);
export const isFlavor = (flavor: string): boolean => /^[^/\s]+\/[^/\s]+$/.test(flavor);

const lists = { track: 'media', catalog: 'metadata', attachment: 'attachments' } as const;

/** Two calls write two prefixes, as Opencast's do. */
export const writeMediaPackage = ({ id, elements }: MediaPackage, prefix: 'mp' | 'ns2' | ''): string => {
  const tag = (name: string): string => (prefix ? `${prefix}:${name}` : name);
  const one = (element: MediaElement): string => {
    const about = ` id="${element.id}" type="${escapeXml(element.flavor)}" size="${element.bytes}"`;
    const tags = element.tags.map((name) => `<${tag('tag')}>${escapeXml(name)}</${tag('tag')}>`).join('');
    const sum = `<${tag('checksum')} type="sha-256">${element.sha256}</${tag('checksum')}>`;
    const inside = `<${tag('tags')}>${tags}</${tag('tags')}><${tag('url')}>${escapeXml(element.url)}</${tag('url')}>${sum}`;
    return `<${tag(element.kind)}${about}>${inside}</${tag(element.kind)}>`;
  };
  const list = (kind: MediaElement['kind']): string =>
    `<${tag(lists[kind])}>${elements
      .filter((element) => element.kind === kind)
      .map(one)
      .join('')}</${tag(lists[kind])}>`;
  const xmlns = prefix ? `xmlns:${prefix}` : 'xmlns';
  return `<${tag('mediapackage')} ${xmlns}="${namespace}" id="${id}">${list('track')}${list('catalog')}${list('attachment')}</${tag('mediapackage')}>`;
};

/** Undefined where it is none. Only what this Opencast has given out itself can be known again: see `holds`. */
export const readMediaPackage = (text: string): MediaPackage | undefined => {
  let root: XmlElement;
  try {
    root = readXml(text);
  } catch {
    return undefined;
  }
  const { id = '' } = root.attributes;
  if (root.name !== 'mediapackage' || root.namespace !== namespace || !isId(id)) return undefined;
  const elements = (Object.keys(lists) as MediaElement['kind'][]).flatMap((kind) =>
    childrenOf(root, lists[kind]).flatMap((list) =>
      childrenOf(list, kind).map((element): MediaElement => {
        const text = (name: string): string => childrenOf(element, name)[0]?.text ?? '';
        const tags = childrenOf(element, 'tags').flatMap((some) => childrenOf(some, 'tag').map((one) => one.text));
        const { id: elementId = '', type = '', size } = element.attributes;
        return {
          kind,
          id: elementId,
          flavor: type,
          url: text('url'),
          tags,
          bytes: Number(size),
          sha256: text('checksum'),
        };
      }),
    ),
  );
  return { id, elements };
};

export const withElement = (media: MediaPackage, element: Omit<MediaElement, 'id'>): MediaPackage => ({
  ...media,
  elements: [...media.elements, { ...element, id: randomUUID() }],
});
