/** Where the player is, on the clock of the whole recording; told several times a second to whoever follows. */
export type Playhead = ReturnType<typeof createPlayhead>;

export const createPlayhead = () => {
  const listeners = new Set<(seconds: number) => void>();
  let now = 0;
  let go: (seconds: number) => void = () => undefined;
  return {
    now: (): number => now,
    follow: (listener: (seconds: number) => void): (() => void) => {
      listeners.add(listener);
      listener(now);
      return () => void listeners.delete(listener);
    },
    tell: (seconds: number): void => {
      now = seconds;
      for (const listener of listeners) listener(seconds);
    },
    /** The player says how one gets to a moment. */
    drive: (how: (seconds: number) => void): void => {
      go = how;
    },
    seek: (seconds: number): void => go(seconds),
  };
};
