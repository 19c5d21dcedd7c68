import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RecordingPage } from '../../core/page/recording-page.ts';
import { findIn, lineAt } from './lines.ts';
import { Moment, Watching } from './moment.tsx';

type Words = NonNullable<RecordingPage['transcript']>;

const steps: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
};

/** One tab stop for all lines: the arrow keys go from line to line. */
const walk = (event: KeyboardEvent): void => {
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLAnchorElement>('a.moment')];
  const at = links.indexOf(event.target as HTMLAnchorElement);
  const next = at < 0 ? undefined : links[steps[event.key]?.(at, links.length - 1) ?? -1];
  if (!next) return;
  event.preventDefault();
  for (const link of links) link.tabIndex = link === next ? 0 : -1;
  next.focus();
};

const isSelecting = (): boolean => (getSelection()?.toString() ?? '') !== '';

const Marked = ({ text, query }: { text: string; query: string }) => (
  <>{findIn(text, query).map((turn, at) => (at % 2 === 1 ? <mark key={at}>{turn}</mark> : turn))}</>
);

export const Transcript = ({ words }: { words: Words }) => {
  const { playhead } = useContext(Watching);
  const [query, search] = useState('');
  const [follows, follow] = useState(true);
  const panel = useRef<HTMLDivElement>(null);
  const names = useMemo(() => new Map(words.speakers.map(({ id, name }) => [id, name])), [words]);
  const shown = useMemo(
    () => words.segments.filter(({ text }) => query.trim() === '' || findIn(text, query).length > 1),
    [words, query],
  );

  // By hand, since a list of thousands is not drawn anew four times a second.
  useEffect(() => {
    const list = panel.current?.querySelectorAll('li') ?? [];
    let current: Element | undefined;
    return playhead.follow((seconds) => {
      const next = list[lineAt(shown, seconds)];
      if (next === current) return;
      current?.removeAttribute('aria-current');
      next?.setAttribute('aria-current', 'true');
      current = next;
      if (follows && next && panel.current) show(panel.current, next);
    });
  }, [shown, follows]);

  const list = useMemo(
    () =>
      shown.map(({ id, startMs, speaker, text }, at) => {
        const name = names.get(speaker ?? '');
        return (
          <li key={id} onClick={() => !isSelecting() && playhead.seek(startMs / 1_000)}>
            {name && speaker !== shown[at - 1]?.speaker && (
              <strong class="speaker" dir="auto">
                {name}
              </strong>
            )}
            <Moment seconds={startMs / 1_000} tabIndex={at === 0 ? 0 : -1} />
            <span class="said" dir="auto" lang={words.language}>
              <Marked text={text} query={query} />
            </span>
          </li>
        );
      }),
    [shown, query],
  );

  return (
    <section class="transcript words" aria-labelledby="transcript">
      <header>
        <h2 id="transcript" tabIndex={-1}>
          Transcript
        </h2>
        <label class="follow">
          <input type="checkbox" checked={follows} onChange={(event) => follow(event.currentTarget.checked)} /> Follow
        </label>
        <input
          type="search"
          dir="auto"
          placeholder="Search in the transcript"
          aria-label="Search in the transcript"
          value={query}
          onInput={(event) => search(event.currentTarget.value)}
        />
        <p class="quiet" role="status">
          {query.trim() === '' ? '' : `${shown.length} of ${words.segments.length} lines`}
        </p>
      </header>
      <div class="lines" ref={panel} tabIndex={0} role="region" aria-label="Lines of the transcript">
        <ol onKeyDown={walk}>{list}</ol>
      </div>
    </section>
  );
};

/** Only the panel moves, never the page: whoever reads something else keeps their place. */
const show = (panel: HTMLElement, line: Element): void => {
  const [outer, inner] = [panel.getBoundingClientRect(), line.getBoundingClientRect()];
  if (inner.top >= outer.top + 24 && inner.bottom <= outer.bottom - 24) return;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
  panel.scrollTo({ top: panel.scrollTop + inner.top - outer.top - outer.height / 3, behavior });
};
