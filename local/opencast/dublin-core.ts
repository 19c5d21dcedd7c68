import { readXml, type XmlElement } from './xml.ts';

const catalogNamespace = 'http://www.opencastproject.org/xsd/1.0/dublincore/';
export const termsNamespace = 'http://purl.org/dc/terms/';

/** The 55 terms of Dublin Core: a field of a form by one of these names is about the episode. */
export const terms = new Set(
  (
    'abstract accessRights accrualMethod accrualPeriodicity accrualPolicy alternative audience available ' +
    'bibliographicCitation conformsTo contributor coverage created creator date dateAccepted dateCopyrighted ' +
    'dateSubmitted description educationLevel extent format hasFormat hasPart hasVersion identifier ' +
    'instructionalMethod isFormatOf isPartOf isReferencedBy isReplacedBy isRequiredBy isVersionOf issued language ' +
    'license mediator medium modified provenance publisher references relation replaces requires rights rightsHolder ' +
    'source spatial subject tableOfContents temporal title type valid'
  ).split(' '),
);

export type Term = readonly [name: string, value: string];

/** The terms of a catalog, or nothing where it is none. */
export const readCatalog = (text: string): Term[] | undefined => {
  let root: XmlElement;
  try {
    root = readXml(text);
  } catch {
    return undefined;
  }
  if (root.name !== 'dublincore' || root.namespace !== catalogNamespace) return undefined;
  return root.children
    .filter(({ namespace, name }) => namespace === termsNamespace && terms.has(name))
    .map(({ name, text: value }): Term => [name, value]);
};
