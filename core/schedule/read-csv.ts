/** A row of a table, and the line of the file on which it begins, from 1. */
export type Row = { readonly line: number; readonly cells: readonly string[] };
export type Table = { readonly rows: readonly Row[] } | { readonly malformed: { line: number; because: string } };

/**
 * Reads a table as spreadsheets write it (RFC 4180): cells in quotes may hold separators, quotes and line breaks.
 * Separated by comma, semicolon or tab, whichever the first line has most of.
 */
export const readCsv = (text: string): Table => {
  const source = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(source);
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let begin = 1;
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n][^${separator}\\r\\n]*)?)(${separator}|\\r?\\n|\\r|$)`,
    'y',
  );

  const endRow = (): void => {
    if (cells.some((one) => one.trim() !== '')) rows.push({ line: begin, cells });
    cells = [];
    begin = line;
  };
  while (cell.lastIndex < source.length) {
    const at = cell.lastIndex;
    const found = cell.exec(source);
    if (!found) return { malformed: { line, because: whyNot(source, at) } };
    const [whole, quoted, plain = '', end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end !== separator) endRow();
    // A separator at the very end of the text has an empty cell behind it.
    else if (cell.lastIndex === source.length) cells.push('');
  }
  endRow();
  return { rows };
};

const separatorOf = (source: string): string => {
  const first = source.slice(0, Math.max(0, source.search(/[\r\n]|$/)));
  const count = (separator: string): number => first.split(separator).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
};

const whyNot = (source: string, at: number): string =>
  source[at] === '"' && !/^"(?:[^"]|"")*"/.test(source.slice(at))
    ? 'a quote is opened and never closed'
    : 'text stands outside the quotes of its cell';
