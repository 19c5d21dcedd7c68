import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RecordingPage } from '../../core/page/recording-page.ts';
import { addressesOf } from './address.ts';
import { span } from './clock.ts';
import { Downloads } from './downloads.tsx';
import { Insights } from './insights.tsx';
import { Watching } from './moment.tsx';
import { createPlayhead } from './playhead.ts';
import { Player } from './player.tsx';
import { Transcript } from './transcript.tsx';

/** While a recording is still being worked on, the page looks again. */
const lookAgainMillis = 15_000;

const to = addressesOf(location);

type Loaded = { readonly page: RecordingPage } | { readonly problem: string } | undefined;

const load = async (): Promise<Loaded> => {
  try {
    const response = await fetch(to.data, { cache: 'no-store' });
    if (response.ok) return { page: (await response.json()) as RecordingPage };
    if (response.status === 403 || response.status === 410)
      return { problem: 'This link does not work any more. Load the page again to see why.' };
    return { problem: 'The recording could not be loaded. Try again in a minute.' };
  } catch {
    return { problem: 'There is no connection to the server. Check your network, and try again.' };
  }
};

const when = (startedAt: string, timeZone?: string): string =>
  new Intl.DateTimeFormat(undefined, {
    dateStyle: 'full',
    timeStyle: 'short',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(startedAt));

/** In the reader's time; that of the meeting where it is another, and where the browser knows it. */
const whenThere = (startedAt: string, timeZone: string | undefined): string | undefined => {
  try {
    const there = timeZone && `${when(startedAt, timeZone)} (${timeZone})`;
    return there && when(startedAt, timeZone) !== when(startedAt) ? there : undefined;
  } catch {
    return undefined;
  }
};

const Header = ({ page }: { page: RecordingPage }) => {
  const { startedAt, timezone, minutes, transcript } = page;
  const there = startedAt && whenThere(startedAt, timezone);
  const people = transcript?.speakers.map(({ name }) => name) ?? [];
  return (
    <header class="title">
      <h1 dir="auto">{page.title ?? 'Recording'}</h1>
      <p class="quiet">
        {startedAt && (
          <time dateTime={startedAt} title={there}>
            {when(startedAt)}
          </time>
        )}
        {minutes !== undefined && <span>{span(minutes * 60)}</span>}
        {people.length > 0 && (
          <span>
            <bdi>{people.slice(0, 8).join(', ') + (people.length > 8 ? ', …' : '')}</bdi>
          </span>
        )}
      </p>
      <div class="says" role="status">
        {page.says && <p class="notice">{page.says}</p>}
      </div>
    </header>
  );
};

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

const hasFound = ({ insights }: RecordingPage): boolean =>
  insights !== undefined &&
  (insights.summary.short !== '' ||
    [insights.actionItems, insights.decisions, insights.questions, insights.topics, insights.talkTime].some(
      (list) => list.length > 0,
    ));

const Recording = ({ page }: { page: RecordingPage }) => {
  const playhead = useMemo(createPlayhead, []);
  const { views, transcript, insights, files, notes, state } = page;
  const [first] = views;
  useEffect(() => {
    document.title = `${page.title ?? 'Recording'} – Rapporteur`;
  }, [page.title]);
  return (
    <Watching.Provider value={{ playhead, to }}>
      <a class="skip" href="#transcript">
        To the transcript
      </a>
      <main>
        <Header page={page} />
        <div class="play">
          {first ? (
            <Player page={page} first={first} />
          ) : (
            <p class="empty">
              {state === 'running' ? 'There is no film or sound yet.' : 'There is no film and no sound.'}
            </p>
          )}
        </div>
        {transcript && transcript.segments.length > 0 ? (
          <Transcript words={transcript} />
        ) : (
          <p class="empty words" id="transcript">
            {state === 'running' ? 'There is no transcript yet.' : 'There is no transcript of this recording.'}
          </p>
        )}
        <div class="more">
          {insights && hasFound(page) && <Insights found={insights} />}
          <Downloads files={files} />
          {notes.length > 0 && (
            <section>
              <h2>Notes</h2>
              <ul>
                {notes.map((note) => (
                  <li key={note} dir="auto">
                    {note}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <p class="quiet">
            This link works until {day.format(new Date(page.linkEndsAt))}. Whoever has it can see this recording.
          </p>
        </div>
      </main>
    </Watching.Provider>
  );
};

const Page = () => {
  const [loaded, tell] = useState<Loaded>(undefined);
  const refresh = (): void => void load().then(tell);
  useEffect(refresh, []);
  const isOpen = loaded !== undefined && 'page' in loaded && loaded.page.state === 'running';
  useEffect(() => {
    if (!isOpen) return undefined;
    const timer = setTimeout(refresh, lookAgainMillis);
    return () => clearTimeout(timer);
  }, [loaded]);

  if (!loaded)
    return (
      <main class="message" aria-busy="true">
        <p class="quiet" role="status">
          Loading …
        </p>
      </main>
    );
  if ('problem' in loaded)
    return (
      <main class="message">
        <h1>This did not work</h1>
        <p role="alert">{loaded.problem}</p>
        <button type="button" onClick={refresh}>
          Try again
        </button>
      </main>
    );
  return <Recording page={loaded.page} />;
};

const place = document.getElementById('page');
if (place) {
  place.replaceChildren();
  render(<Page />, place);
}
