/** What a file should look like, told from its extension; Zoom's own content types are not trusted. */
const contentTypes: Record<string, string> = {
  mp4: 'video/mp4',
  m4a: 'audio/mp4',
  flac: 'audio/flac',
  vtt: 'text/vtt; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
};

export const contentTypeOf = (extension: string): string =>
  contentTypes[extension.toLowerCase()] ?? 'application/octet-stream';

const isMp4 = (first: Buffer): boolean => first.toString('latin1', 4, 8) === 'ftyp';
const isJpeg = (first: Buffer): boolean => first[0] === 0xff && first[1] === 0xd8;

/** The beginning as text, without byte order mark and leading white space. */
export const beginningOf = (first: Buffer): string =>
  first
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();

/** By extension; a type that is not listed has no signature that we know. */
const signatures: Record<string, (first: Buffer) => boolean> = {
  mp4: isMp4,
  m4a: isMp4,
  jpg: isJpeg,
  jpeg: isJpeg,
  vtt: (first) => /^WEBVTT(\s|$)/.test(first.toString('utf8').replace(/^\uFEFF/, '')),
  json: (first) => /^[[{]/.test(beginningOf(first)),
};

const htmlPages = new Set(['html', 'htm']);

/** True, false, or undefined where the type has no signature. */
export const hasSignature = (extension: string, first: Buffer): boolean | undefined =>
  signatures[extension.toLowerCase()]?.(first);

export const looksLikeHtml = (first: Buffer): boolean =>
  /^(<!--|<!doctype\s+html|<(html|head|body|title|meta|script)[\s>])/i.test(beginningOf(first));

/** The one check of bytes, made when they arrive and again on what lies in the archive. */
export const fitsType = (extension: string, first: Buffer): boolean => {
  if (first.length === 0) return false;
  return hasSignature(extension, first) ?? (htmlPages.has(extension.toLowerCase()) || !looksLikeHtml(first));
};
