/** A file of one view, as far as it matters to what is sent of it. */
export type Piece = {
  readonly view: string;
  readonly segment: number;
  readonly start: Date;
  readonly end: Date;
  /** As the file says; Zoom's own times hold pauses. */
  readonly seconds: number;
};
type Event = { readonly is: 'started' | 'resumed' | 'paused' | 'stopped'; readonly at: Date };

/**
 * Without the false starts: the first segment of a view, if it is the meeting's first too and shorter than that. Later
 * ones stay however short they are. `hasFalseStart` says that the text files of the first segment go with it.
 */
export const withoutFalseStarts = <Film extends Piece>(
  films: readonly Film[],
  shortestSeconds: number,
): { readonly kept: readonly Film[]; readonly hasFalseStart: boolean } => {
  const firstOf = new Map<string, Film>();
  for (const film of films) {
    const first = firstOf.get(film.view);
    if (!first || film.segment < first.segment) firstOf.set(film.view, film);
  }
  const isFalse = (film: Film): boolean =>
    film.segment === 0 && firstOf.get(film.view) === film && film.seconds < shortestSeconds;
  const kept = films.filter((film) => !isFalse(film));
  return { kept, hasFalseStart: kept.length < films.length };
};

/**
 * When it was recorded, as `START_END,START_END`: from the segments that are sent, and from what Zoom told of pauses
 * between. Of the same moment what is told first counts first; what does not fit where it stands is passed by.
 */
export const recordingTimes = (kept: readonly Piece[], told: readonly Event[]): string => {
  const segments = new Map<number, Piece>();
  for (const piece of kept) if (!segments.has(piece.segment)) segments.set(piece.segment, piece);
  const first = Math.min(...[...segments.values()].map(({ start }) => start.getTime()));
  const events = [
    ...[...segments.values()].flatMap(({ start, end }): Event[] => [
      { is: 'started', at: start },
      { is: 'stopped', at: end },
    ]),
    ...told,
  ]
    .map(({ is, at }) => ({ opens: is === 'started' || is === 'resumed', second: Math.floor(at.getTime() / 1_000) }))
    .filter(({ second }) => second >= Math.floor(first / 1_000))
    .sort((a, b) => a.second - b.second);

  const times: string[] = [];
  let openedAt: number | undefined;
  for (const { opens, second } of events) {
    if (opens) openedAt ??= second;
    else if (openedAt !== undefined) {
      times.push(`${inUtc(openedAt)}_${inUtc(second)}`);
      openedAt = undefined;
    }
  }
  return times.join(',');
};

const inUtc = (second: number): string => new Date(second * 1_000).toISOString().replace('.000Z', 'Z');
