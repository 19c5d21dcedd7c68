import * as z from 'zod';
import { reservedFolders } from '../keys.ts';
import { isStartFormat, startFormats } from './start-format.ts';

/** ZIP's layout, and what a stage has that sets nothing else. */
export const zipNames = '{meetingId}/{start:epoch}/{segment}-{view}.{ext}';

/** True of every file of a recording, so that folders can be named by them. */
const ofRecording = ['account', 'host', 'topic', 'meetingId', 'uuid', 'start'] as const;
const ofFile = ['segment', 'view', 'fileId'] as const;
type Field = (typeof ofRecording)[number] | (typeof ofFile)[number];

export type Part = { readonly text: string } | { readonly field: Field; readonly format: string };
export type NameTemplate = {
  /** One list a folder, from the outermost. */
  readonly folders: readonly (readonly Part[])[];
  /** The file's name without its extension. */
  readonly stem: readonly Part[];
};

const mostBytes = 300;
const mostFolders = 6;
const placeholders = [...ofRecording.map((name) => (name === 'start' ? 'start:yyyy-MM-dd' : name)), ...ofFile, 'ext']
  .map((name) => `{${name}}`)
  .join(' ');

/** What stands between placeholders: the characters that a placeholder's own text can hold. */
const isPlain = (text: string): boolean => /^[\p{L}\p{N}\p{M}@+()._-]*$/u.test(text) && text.normalize('NFC') === text;

/** Splits `a{b:c}d` into parts; complaints go into the list. */
const readParts = (text: string, complaints: string[]): Part[] =>
  text
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .flatMap((piece): Part[] => {
      const [, name = '', format] = /^\{([^:]*)(?::(.*))?\}$/.exec(piece) ?? [];
      if (!piece.startsWith('{') || !piece.endsWith('}')) {
        if (/[{}]/.test(piece)) complaints.push(`a brace in "${piece}" belongs to no placeholder`);
        else if (!isPlain(piece)) complaints.push(`"${piece}" holds more than letters, digits and @ + ( ) . _ -`);
        return [{ text: piece }];
      }
      const field = [...ofRecording, ...ofFile].find((known) => known === name);
      if (!field) complaints.push(`there is no ${piece} here; there are ${placeholders}`);
      else if (field === 'start' && !isStartFormat(format ?? ''))
        complaints.push(`${piece} must be {start:…} with ${startFormats}`);
      else if (field !== 'start' && format !== undefined) complaints.push(`${piece} must be {${field}}`);
      else return [{ field, format: format ?? '' }];
      return [];
    });

const has = (parts: readonly Part[], ...fields: Field[]): boolean =>
  parts.some((part) => 'field' in part && fields.includes(part.field));

/** What speaks against a folder, or a file's name, as such. */
const complaintsAboutSegment = (segment: string): string[] => [
  ...(segment === '' ? ['a folder has no name'] : []),
  ...(/^[.-]|\.$|\.\./.test(segment) ? [`"${segment}" begins with . or -, ends with . or holds ..`] : []),
];

/** Reads a template of names, or says everything that is wrong with it. */
export const readTemplate = (text: string): { template: NameTemplate } | { complaint: string } => {
  if (Buffer.byteLength(text) > mostBytes) return { complaint: `it is longer than ${mostBytes} bytes of UTF-8` };
  const complaints: string[] = [];
  const segments = text.split('/');
  const name = segments.pop() ?? '';
  if (!name.endsWith('.{ext}')) complaints.push('it must end in .{ext}');
  const stemText = name.replace(/\.\{ext\}$/, '');
  const folders = segments.map((segment) => readParts(segment, complaints));
  const stem = readParts(stemText, complaints);
  complaints.push(...[...segments, stemText].flatMap(complaintsAboutSegment));

  if (segments.length === 0)
    complaints.push('it must have a folder, since transcript and summary lie beside the files');
  if (segments.length > mostFolders) complaints.push(`it has more than ${mostFolders} folders`);
  const [top = ''] = segments;
  if (reservedFolders.includes(top)) complaints.push(`the folder ${top} holds what Rapporteur itself keeps`);
  const inFolders = folders.flat();
  for (const field of ofFile)
    if (has(inFolders, field))
      complaints.push(`{${field}} belongs behind the last /, since a recording has one folder`);
  if (!has(inFolders, 'uuid') && !(has(inFolders, 'start') && has(inFolders, 'meetingId', 'topic')))
    complaints.push('its folders must tell recordings apart: by {uuid}, or by {start:…} with {meetingId} or {topic}');
  if (!has(stem, 'fileId') && !(has(stem, 'segment') && has(stem, 'view')))
    complaints.push("the file's name must tell files apart: by {fileId}, or by {segment} and {view}");
  return complaints.length > 0 ? { complaint: [...new Set(complaints)].join('; ') } : { template: { folders, stem } };
};

export const usesHost = ({ folders, stem }: NameTemplate): boolean => has([...folders.flat(), ...stem], 'host');
export const usesFileId = ({ stem }: NameTemplate): boolean => has(stem, 'fileId');

/** What a packaging says against a template; nothing, where it is right. */
export const complaintAboutNames = (text: string): string | undefined => {
  const read = readTemplate(text);
  return 'complaint' in read ? read.complaint : undefined;
};

export const archiveNamesConfig = {
  archiveNames: z.string().transform((text, context): NameTemplate => {
    const read = readTemplate(text);
    if ('template' in read) return read.template;
    context.addIssue({ code: 'custom', message: read.complaint });
    return z.NEVER;
  }),
};
