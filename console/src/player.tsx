import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { MediaAddress, RecordingPage, View } from '../../core/page/recording-page.ts';
import { Watching } from './moment.tsx';
import { placeOf } from './pieces.ts';

/** Addresses of media live for a while: after this many in a row that lead nowhere, it is not their age. */
const mostFailures = 3;
const pauseMillis = 300;

const addressOf = async (from: string): Promise<string> => {
  const response = await fetch(from, { cache: 'no-store' });
  if (!response.ok) throw new Error(`answered with ${response.status}`);
  return ((await response.json()) as MediaAddress).url;
};

type Wish = { readonly at: number; readonly play: boolean };

export const Player = ({ page, first }: { page: RecordingPage; first: View }) => {
  const { playhead, to } = useContext(Watching);
  const [chosen, choose] = useState(first.name);
  const view = page.views.find(({ name }) => name === chosen) ?? first;
  const [index, setIndex] = useState(() => placeOf(view.pieces, to.start).index);
  const piece = view.pieces[index] ?? view.pieces[0];
  const [source, setSource] = useState<string>();
  const [again, setAgain] = useState(0);
  const [isBroken, setBroken] = useState(false);

  const video = useRef<HTMLVideoElement>(null);
  const wish = useRef<Wish | undefined>({ at: placeOf(view.pieces, to.start).at, play: false });
  const wasPlaying = useRef(false);
  const failures = useRef({ count: 0, at: 0 });
  const captions = useRef<TextTrackMode>('showing');

  const go = (pieces: View['pieces'], seconds: number, play: boolean): void => {
    const element = video.current;
    const place = placeOf(pieces, seconds);
    const isHere = pieces === view.pieces && place.index === index;
    if (isHere && element && element.readyState > 0) {
      element.currentTime = place.at;
      if (play) void element.play().catch(() => undefined);
      return;
    }
    wish.current = { at: place.at, play };
    setIndex(place.index);
  };

  useEffect(() => playhead.drive((seconds) => go(view.pieces, seconds, true)));
  useEffect(() => playhead.tell(to.start), []);

  const isLoaded = (): void => {
    const element = video.current;
    const { at, play } = wish.current ?? { at: 0, play: false };
    wish.current = undefined;
    if (!element) return;
    if (at > 0) element.currentTime = Number.isFinite(element.duration) ? Math.min(at, element.duration) : at;
    if (play) void element.play().catch(() => undefined);
  };

  const advanced = (): void => {
    const element = video.current;
    if (!element || wish.current) return;
    const plays = !element.paused && !element.seeking;
    if (plays && Math.abs(element.currentTime - failures.current.at) > 1) failures.current.count = 0;
    playhead.tell(piece.fromSeconds + element.currentTime);
  };

  /** The address may have become too old while nobody watched: the next one leads to the same place. */
  const failed = (): void => {
    const at = wish.current?.at ?? Math.max(0, playhead.now() - piece.fromSeconds);
    failures.current = { count: failures.current.count + 1, at };
    if (failures.current.count > mostFailures) return setBroken(true);
    wish.current ??= { at, play: wasPlaying.current };
    setTimeout(() => setAgain(again + 1), pauseMillis * failures.current.count);
  };

  useEffect(() => {
    let isWanted = true;
    addressOf(to.media(piece.file)).then(
      (url) => {
        if (!isWanted) return;
        wish.current ??= { at: video.current?.currentTime ?? 0, play: wasPlaying.current };
        // Signed within the same second it is the same address, and would not be tried again by itself.
        if (url === source) video.current?.load();
        setSource(url);
      },
      () => isWanted && setBroken(true),
    );
    return () => void (isWanted = false);
  }, [piece.file, again]);

  const ended = (): void => {
    const next = view.pieces[index + 1];
    if (next) go(view.pieces, next.fromSeconds, true);
  };

  const change = (name: string): void => {
    const other = page.views.find((one) => one.name === name);
    if (!other || other === view) return;
    setBroken(false);
    failures.current = { count: 0, at: 0 };
    const place = placeOf(other.pieces, playhead.now());
    wish.current = { at: place.at, play: wasPlaying.current };
    setIndex(place.index);
    choose(name);
  };

  const hasWords = page.transcript !== undefined;
  const captionsAt = to.captions(piece.fromSeconds);
  // A track that is put in place of another starts hidden in some browsers.
  useEffect(() => {
    const element = video.current;
    const [track] = element?.textTracks ?? [];
    if (!element || !track) return undefined;
    track.mode = captions.current;
    const remember = (): void => void (captions.current = element.textTracks[0]?.mode ?? captions.current);
    element.textTracks.addEventListener('change', remember);
    return () => element.textTracks.removeEventListener('change', remember);
  }, [captionsAt, hasWords]);

  return (
    <section class="player" aria-label="Player">
      <video
        ref={video}
        class={view.kind}
        controls
        playsInline
        preload="metadata"
        src={source}
        onLoadedMetadata={isLoaded}
        onTimeUpdate={advanced}
        onSeeked={advanced}
        onPlay={() => void (wasPlaying.current = true)}
        onPause={() => void (wasPlaying.current = false)}
        onEnded={ended}
        onError={failed}
      >
        {hasWords && (
          <track
            key={captionsAt}
            kind="captions"
            label="Captions"
            srclang={page.transcript?.language ?? 'und'}
            src={captionsAt}
            default
          />
        )}
      </video>
      {isBroken && (
        <p class="notice" role="alert">
          This cannot be played here. Save the file from the list below, or load the page again.
        </p>
      )}
      {page.views.length > 1 && (
        <label class="views">
          View{' '}
          <select value={view.name} onChange={(event) => change(event.currentTarget.value)}>
            {page.views.map(({ name, label, kind }) => (
              <option key={name} value={name}>
                {kind === 'sound' ? `${label} (sound)` : label}
              </option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
};
