import type { RecordingPage } from '../../core/page/recording-page.ts';

export type Line = NonNullable<RecordingPage['transcript']>['segments'][number];

/** The line that is being said: the last one that has begun. -1 before the first. */
export const lineAt = (lines: readonly Line[], seconds: number): number => {
  const ms = seconds * 1_000;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.startMs ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** Upper and lower case, and accents, make no difference; each character keeps its place. */
const plain = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => {
    const bare = text.charAt(at).normalize('NFD').charAt(0).toLowerCase();
    return bare.length === 1 ? bare : text.charAt(at);
  }).join('');

/** A text in turns of not found and found: the found ones stand at odd places. */
export const findIn = (text: string, query: string): string[] => {
  const wanted = plain(query.trim());
  if (wanted === '') return [text];
  const searched = plain(text);
  const turns: string[] = [];
  let from = 0;
  for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, from)) {
    turns.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...turns, text.slice(from)];
};
