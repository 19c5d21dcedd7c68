import { escapeXml } from './read-xml.ts';

export type Episode = {
  readonly title: string;
  readonly seriesId: string;
  readonly publisher?: string | undefined;
  readonly license?: string | undefined;
  readonly language?: string | undefined;
  readonly meetingUuid: string;
  readonly meetingId: string;
  /** The start of the meeting. */
  readonly created: Date;
};

const dateOf = (moment: Date): string => moment.toISOString().replace(/\.\d+Z$/, 'Z');

/** `L` for a lecture, `S` for a section, `P` for anything else: what ZIP's sites sort by. */
const typeOf = (title: string): string => ({ Lecture: 'L', Section: 'S' })[title] ?? 'P';

/** The terms of an episode, in the order in which ZIP sends them. */
export const termsOf = (episode: Episode): (readonly [name: string, value: string])[] => [
  ['title', episode.title],
  ['type', typeOf(episode.title)],
  ['isPartOf', episode.seriesId],
  ...(episode.license ? [['license', episode.license] as const] : []),
  ...(episode.publisher ? [['publisher', episode.publisher] as const] : []),
  ['created', dateOf(episode.created)],
  ...(episode.language ? [['language', episode.language] as const] : []),
  ['source', `ZIP-${episode.meetingUuid}`],
  ['spatial', `Zoom ${episode.meetingId}`],
];

/** The same as a catalog. */
export const episodeCatalog = (id: string, episode: Episode): string => {
  const element = ([name, value]: readonly [string, string]): string => {
    const type = name === 'created' ? ' xsi:type="dcterms:W3CDTF"' : '';
    return `<dcterms:${name}${type}>${escapeXml(value)}</dcterms:${name}>`;
  };
  const namespaces =
    'xmlns="http://www.opencastproject.org/xsd/1.0/dublincore/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  const terms = [['identifier', id] as const, ...termsOf(episode)].map(element).join('');
  return `<?xml version="1.0" encoding="UTF-8"?><dublincore ${namespaces}>${terms}</dublincore>`;
};
