/** First and last byte, both included, of how many. */
export type ContentRange = { readonly from: number; readonly to: number; readonly total: number | undefined };

/** Reads the Content-Range of a 206; undefined for what is not one, and for numbers that no range can have. */
export const contentRangeOf = (header: string | undefined): ContentRange | undefined => {
  const [, first, last, all] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined) return undefined;
  const range = { from: Number(first), to: Number(last), total: all === '*' ? undefined : Number(all) };
  return range.from <= range.to && (range.total === undefined || range.to < range.total) ? range : undefined;
};

/** How long the file of a 416 is, which has nothing where a range was asked for. */
export const lengthWithoutRange = (header: string | undefined): number | undefined => {
  const all = /^bytes \*\/(\d{1,15})$/i.exec(header?.trim() ?? '')?.[1];
  return all === undefined ? undefined : Number(all);
};
