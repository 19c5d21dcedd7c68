import { createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { Addresses } from './address.ts';
import { clock } from './clock.ts';
import { createPlayhead, type Playhead } from './playhead.ts';

type Watching = { readonly playhead: Playhead; readonly to: Addresses };
export const Watching = createContext<Watching>({ playhead: createPlayhead(), to: {} as Addresses });

/** A link to a moment of the recording: a plain click goes there without leaving the page. */
export const Moment = ({
  seconds,
  children,
  ...more
}: {
  seconds: number;
  children?: ComponentChildren;
  tabIndex?: number;
  class?: string;
}) => {
  const { playhead, to } = useContext(Watching);
  const go = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    playhead.seek(seconds);
  };
  const at = clock(seconds);
  return (
    <a {...more} class={`moment ${more.class ?? ''}`} href={to.moment(seconds)} onClick={go}>
      <span class="hidden">Play from </span>
      <time>{at}</time>
      {children}
    </a>
  );
};
